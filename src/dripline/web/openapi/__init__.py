"""The API's own description, and how people read it."""
