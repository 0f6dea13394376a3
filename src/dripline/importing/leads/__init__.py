"""Rows of cells as leads."""
