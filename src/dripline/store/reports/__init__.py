"""The counts behind the report."""
