"""What ended long ago: archived, removed, and proved afterwards."""
