"""Lists that came in: what they would do, did, and how that is taken back."""
