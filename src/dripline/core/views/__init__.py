"""Read models: what the program shows of its database, as plain values."""
