"""What comes in from providers, and what goes out to other programs."""
