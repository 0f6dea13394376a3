"""The migrations: numbered SQL files, of which a database has run the first so many."""
