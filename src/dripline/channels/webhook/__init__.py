"""A signed HTTP POST to an endpoint of yours."""
