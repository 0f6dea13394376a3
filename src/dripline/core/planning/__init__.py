"""What applying a change would do, and to whom, before it is done."""
