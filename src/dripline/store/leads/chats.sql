-- Chats that people opened with a channel, and whose they are: addresses of the kind that the channel declares.

-- name: declare_contact_kind
-- Lets attributes of a kind's name be addresses from now on, those that leads have already too; a trigger sees to both.
INSERT INTO contact_kinds (kind) VALUES (:kind) ON CONFLICT DO NOTHING;

-- name: leads_of_chat
-- Returns the leads whose chat this is, of a kind; found by leads_by_address. Locks them against a racing import.
SELECT l.id, lead_columns(l)
FROM lead_addresses AS a
JOIN leads AS l ON l.id = a.lead_id
WHERE a.kind = :kind AND a.value = :chat
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
