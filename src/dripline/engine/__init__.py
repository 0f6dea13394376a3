"""What the project exists for: finding due records, sending them, settling what came of it."""
