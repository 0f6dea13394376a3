"""Time as people mean it: waits, zones, opening hours, send windows."""
