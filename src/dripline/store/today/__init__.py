"""What a person looks at first: what waits and why, and what goes when."""
