"""A sample shop: five days of a tuition centre's life, played through the very engine, for looking around in."""
