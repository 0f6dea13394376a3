"""One claimed batch on its way: decided, sent and settled, within the limits of its channel and its lanes."""
