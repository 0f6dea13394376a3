"""Commands about step records."""
