"""Commands about sequences."""
