"""Commands that tell how things stand."""
