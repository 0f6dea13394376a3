"""Senders and channels: how they are, and what they wait for."""
