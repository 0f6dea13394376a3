-- What people wrote down about leads.

-- name: notes_of_lead
-- Returns what was written about a lead, the latest first; found by the index notes_by_lead.
SELECT n.id, n.text, n.author, n.at FROM lead_notes AS n WHERE n.lead_id = :lead_id ORDER BY n.id DESC;

-- name: count_notes
-- Counts the notes of leads.
SELECT n.lead_id, count(*) AS many FROM lead_notes AS n
WHERE n.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
GROUP BY n.lead_id;

-- name: insert_notes
-- Writes one note down for each of some leads that are still there.
INSERT INTO lead_notes (lead_id, text, author, at)
SELECT l.id, :text, :author, :now FROM leads AS l
WHERE l.id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
ORDER BY l.id;

-- name: delete_note
-- Deletes a note.
DELETE FROM lead_notes WHERE id = :note_id;

-- name: forget_notes
-- Deletes what was written about leads that are being forgotten.
DELETE FROM lead_notes WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));
