"""What providers post, and who wrote to us."""
