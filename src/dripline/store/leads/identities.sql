-- The names under which providers know leads, and the ids that they gave messages.

-- name: learn_names
-- Keeps names of leads; one that was another lead's goes over.
INSERT INTO identities (channel, value, kind, lead_id, learnt_at)
SELECT channel, value, kind, lead, :now
FROM rows_of(:names, channel text, value text, kind text, lead bigint)
WHERE true
ON CONFLICT (channel, value) DO UPDATE SET lead_id = excluded.lead_id, learnt_at = excluded.learnt_at
WHERE identities.lead_id <> excluded.lead_id;

-- name: names_of_others
-- Returns those of some names that are another lead's so far; found by the table's own key.
WITH told AS MATERIALIZED (SELECT * FROM rows_of(:names, channel text, value text, lead bigint))
SELECT i.channel, i.value, i.lead_id
FROM told
JOIN identities AS i ON i.channel = told.channel AND i.value = told.value
WHERE i.lead_id <> told.lead;

-- name: lead_by_name
-- Returns the lead that has one of some names with a channel; found by the table's own key.
SELECT l.id, lead_columns(l)
FROM json_each(:values) AS given
JOIN identities AS i ON i.channel = :channel AND i.value = given.key
JOIN leads AS l ON l.id = i.lead_id
ORDER BY i.learnt_at DESC, l.id;

-- name: names_of_lead
-- Returns the names of a lead; found by the index identities_by_lead.
SELECT channel, value FROM identities WHERE lead_id = :lead_id ORDER BY channel, value;

-- name: forget_names
-- Deletes the names of leads that are being forgotten.
DELETE FROM identities WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: note_sent
-- Keeps which message is which record's, for a channel whose provider repeats no id of ours.
INSERT INTO sent_messages (channel, provider_id, record_id)
SELECT channel, provider, record FROM rows_of(:sent, channel text, provider text, record bigint)
WHERE true
ON CONFLICT DO NOTHING;

-- name: records_sent
-- Returns whose records some messages of a channel are; found by the table's own key.
SELECT s.provider_id, s.record_id
FROM json_each(:provider_ids) AS given
JOIN sent_messages AS s ON s.channel = :channel AND s.provider_id = given.key;

-- name: forget_sent
-- Deletes which messages were those of leads that are being forgotten.
DELETE FROM sent_messages WHERE record_id IN (
  SELECT r.id FROM sequence_contacts AS r WHERE r.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)));
