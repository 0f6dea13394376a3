"""All the SQL there is; one behaviour on SQLite and PostgreSQL."""
