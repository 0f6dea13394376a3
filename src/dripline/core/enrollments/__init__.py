"""Who comes into a sequence, and where it leads on to."""
