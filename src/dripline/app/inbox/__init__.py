"""What comes in from providers, and what it does."""
