"""A sequence played before its launch: the very engine, on virtual time, over a population."""
