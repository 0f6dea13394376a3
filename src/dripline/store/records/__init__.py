"""Records: claimed, sent, settled, received, and what is done to them by hand."""
