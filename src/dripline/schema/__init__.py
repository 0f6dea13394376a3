"""Sequences, senders and the workspace as they are written: one list of fields for files, the API and the editor."""
