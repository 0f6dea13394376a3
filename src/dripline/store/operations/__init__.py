"""Workers, the workspace, repair, and what waits for a person."""
