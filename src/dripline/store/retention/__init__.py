"""What ended long ago: what is removed of it, and what stays."""
