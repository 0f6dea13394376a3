-- Who hands leads in by posts of their own. There are few of them.

-- name: lead_sources
-- Returns every source of leads, by name.
SELECT s.* FROM lead_sources AS s ORDER BY s.name;

-- name: lead_source
-- Returns the source of a name.
SELECT s.* FROM lead_sources AS s WHERE s.name = :name;

-- name: insert_lead_source
-- Adds a source, unless there is one of that name.
INSERT INTO lead_sources (id, name, key_hash, triggers, names_triggers, attributes, return_url, created_at)
VALUES (:source_id, :name, :key_hash, :triggers, :names_triggers, :attributes, :return_url, :now)
ON CONFLICT (name) DO NOTHING
RETURNING *;

-- name: count_lead_source
-- Counts what a source posted.
UPDATE lead_sources SET taken = taken + 1, used_at = :now WHERE id = :source_id;

-- name: delete_lead_source
-- Deletes a source; its leads stay.
DELETE FROM lead_sources WHERE name = :name;
