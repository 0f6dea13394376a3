-- Chats that people opened with a bot, and whose they are.

-- name: leads_of_chat
-- Returns the leads whose chat this is; found by the index on chats, which has only leads that have one. Locks them
-- against a racing import.
SELECT l.id, lead_columns(l)
FROM leads AS l
WHERE chat_of(l) IS NOT NULL AND chat_of(l) = :chat
ORDER BY l.id
/* lock l */;

-- name: lead_by_id
-- Returns a lead by its id, or the one that it became part of, locked against a racing import.
SELECT l.id, lead_columns(l)
FROM leads AS l
WHERE l.id = coalesce((SELECT own.id FROM leads AS own WHERE own.id = :lead_id),
  (SELECT m.lead_id FROM merged_leads AS m WHERE m.id = :lead_id))
/* lock l */;

-- name: write_attributes
-- Overwrites the attributes of leads that were read and locked in this transaction, keyed by id.
UPDATE leads
SET attributes = changed.attributes, updated_at = :now, is_changed = 1
FROM (
  SELECT CAST(key AS bigint) AS lead_id, value ->> 'attributes' AS attributes FROM json_each(:leads)
) AS changed
WHERE id = changed.lead_id;
