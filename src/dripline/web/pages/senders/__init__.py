"""The pages of senders."""
