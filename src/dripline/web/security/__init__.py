"""Who is let in, and what a client may send."""
