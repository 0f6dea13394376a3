"""The settings and what belongs to them."""
