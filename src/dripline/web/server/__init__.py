"""Serving over HTTP: the loop, one connection, and how many there may be."""
