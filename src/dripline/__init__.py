"""dripline: every step once, in order, on time, and you can see why."""
