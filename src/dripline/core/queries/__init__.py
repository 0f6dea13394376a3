"""What may be asked for, a page at a time, and what is counted."""
