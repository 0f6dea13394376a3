"""Records: claimed, settled, rescued, settled by hand, and found out about."""
