"""Outgoing events, posted to those who subscribed."""
