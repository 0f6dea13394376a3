"""Texts that several SQL statements share, each written once and put in their place before a statement is run."""
