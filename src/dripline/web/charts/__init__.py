"""Geometry of what the pages draw."""
