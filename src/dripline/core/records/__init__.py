"""A step for one lead: when it may go, when it will, why it stands where it stands."""
