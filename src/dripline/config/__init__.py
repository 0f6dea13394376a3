"""What is configured, and where secrets are."""
