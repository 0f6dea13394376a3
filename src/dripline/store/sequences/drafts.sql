-- Sequences that are being written, and not published yet.

-- name: drafts
-- Returns every draft, by name.
SELECT d.* FROM drafts AS d ORDER BY d.name;

-- name: draft_of_name
-- Returns the draft of a name.
SELECT d.* FROM drafts AS d WHERE d.name = :name;

-- name: save_draft
-- Keeps a draft under its name, instead of the one before.
INSERT INTO drafts (name, text, changed_at, changed_by)
VALUES (:name, :text, :now, :who)
ON CONFLICT (name) DO UPDATE
SET text = excluded.text, changed_at = excluded.changed_at, changed_by = excluded.changed_by;

-- name: drop_draft
-- Lets a draft go.
DELETE FROM drafts WHERE name = :name;
