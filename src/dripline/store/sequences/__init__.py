"""Sequences as they are stored, and what changing one does to those who are in it."""
