"""The editor of sequences: what is written, as text, and what is shown beside it."""
