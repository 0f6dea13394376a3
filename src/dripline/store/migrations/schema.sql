-- The schema itself: which version a database has.

-- name: schema_version
-- Returns the version that the last migration led to.
SELECT version_num AS version FROM alembic_version;
