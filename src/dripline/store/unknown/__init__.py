"""Unknown records: who is meant, and what a person or a provider says became of them."""
