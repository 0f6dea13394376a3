"""People to reach: their addresses, attributes and triggers, and how what is written becomes them."""
