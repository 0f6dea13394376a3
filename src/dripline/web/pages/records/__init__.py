"""The pages of step records."""
