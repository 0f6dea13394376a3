-- Who wrote to which account of ours, and when last.

-- name: note_written
-- Notes when people wrote, each once for an account of a channel; the latest counts, in whatever order they are told.
INSERT INTO conversations (channel, address, account, last_written_at)
SELECT CAST(:channel AS text), address, account, add_seconds(:now, delay)
FROM rows_of(:written, address text, account text, delay bigint)
WHERE true
ON CONFLICT (channel, address, account) DO UPDATE SET last_written_at = excluded.last_written_at
WHERE excluded.last_written_at > conversations.last_written_at;

-- name: last_written
-- Returns when people last wrote to each account of a channel that they wrote to; found by the table's own key.
SELECT c.address, c.account, c.last_written_at
FROM json_each(:addresses) AS given
JOIN conversations AS c ON c.channel = :channel AND c.address = given.key;

-- name: close_conversations
-- Forgets when people wrote to a channel: its provider says that it was too long ago.
DELETE FROM conversations
WHERE channel = :channel AND address IN (SELECT key FROM json_each(:addresses));

-- name: steps_with_template
-- Returns the steps of a channel that have a provider's template, and why they are paused.
SELECT st.id, st.content, st.pause_code AS reason_code, st.pause_facts AS reason_facts
FROM steps AS st
JOIN sequences AS s ON s.id = st.sequence_id
WHERE s.channel = :channel AND st.content <> '{}';

-- name: resume_steps
-- Lets the given steps be claimed again.
UPDATE steps SET pause_code = NULL, pause_facts = NULL WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:steps));

-- name: forget_conversations
-- Deletes when leads that are being forgotten wrote, whatever account they wrote to.
DELETE FROM conversations WHERE address IN (
  SELECT l.phone FROM leads AS l WHERE l.id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
  UNION ALL
  SELECT o.address FROM other_addresses AS o WHERE o.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
  UNION ALL
  SELECT i.value FROM identities AS i WHERE i.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)));
