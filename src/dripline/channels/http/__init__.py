"""What channels that speak HTTP share, and the plain one that posts to a URL."""
