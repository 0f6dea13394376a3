"""Workers, the workspace, and what waits for a person."""
