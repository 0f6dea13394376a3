"""Users, sessions, tokens, and the log of what was changed by whom."""
