"""The database itself: its two kinds, connections, transactions, statements, schema."""
