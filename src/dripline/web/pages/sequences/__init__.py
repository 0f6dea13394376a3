"""The pages of sequences."""
