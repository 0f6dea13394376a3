"""What people and programs look at. Never writes."""
