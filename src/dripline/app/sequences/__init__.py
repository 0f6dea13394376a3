"""Sequences: the use cases of published ones and of drafts."""
