"""Telegram by a bot."""
