"""Asking providers beside the passes: whether accounts are well, what became of messages, what people wrote."""
