"""Sequences, senders and the workspace, as they are written in YAML."""
