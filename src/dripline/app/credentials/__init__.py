"""Credentials that senders have of their own: encrypted, opened, and the channels that are made of them."""
