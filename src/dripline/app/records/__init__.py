"""Step records: the use cases of all of them, and of those that are unknown."""
