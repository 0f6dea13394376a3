"""Accounts: who comes in, by what, and how secrets are kept."""
