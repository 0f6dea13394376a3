"""The way from a database of before 1.0 to the schema of 1.0: walked once, and never added to."""
