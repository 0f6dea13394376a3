-- What people wrote.

-- name: keep_messages
-- Keeps messages, `delay` seconds from now, each once for each lead that is there; returns those that were not kept yet.
INSERT INTO messages_in (lead_id, channel, account, writer, writer_kind, provider_id, at, kind, text, class, reason_code,
  reason_facts)
SELECT given.lead, given.channel, given.account, given.writer, given.writer_kind, given.provider,
  add_seconds(:now, given.delay), given.kind, given.text, given.class, given.code, given.facts
FROM (SELECT * FROM rows_of(:messages, lead bigint, channel text, account text, writer text, writer_kind text, provider text,
  delay bigint, kind text, text text, class text, code text, facts text)) AS given
WHERE given.lead IS NULL OR EXISTS (SELECT 1 FROM leads AS l WHERE l.id = given.lead)
ON CONFLICT DO NOTHING
RETURNING id, lead_id;

-- name: has_unlinked_messages
-- Returns a row if somebody wrote whom nobody knows.
SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM messages_in AS m WHERE m.lead_id IS NULL);

-- name: link_messages
-- Gives leads what was written by people whom nobody knew, by all that names them; found by the index messages_of_nobody.
-- Of several who come at once it is the oldest one's.
WITH who AS MATERIALIZED (
  SELECT l.id, l.phone, l.email FROM leads AS l WHERE l.id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
),
names AS MATERIALIZED (
  SELECT w.id AS own_lead, CAST(NULL AS text) AS own_channel, CAST('phone' AS text) AS own_kind, w.phone AS own_name
  FROM who AS w WHERE w.phone IS NOT NULL
  UNION ALL
  SELECT w.id, NULL, 'email', w.email FROM who AS w WHERE w.email IS NOT NULL
  UNION ALL
  SELECT w.id, NULL, NULL, o.address FROM who AS w JOIN other_addresses AS o ON o.lead_id = w.id
  UNION ALL
  SELECT w.id, i.channel, NULL, i.value FROM who AS w JOIN identities AS i ON i.lead_id = w.id
  UNION ALL
  SELECT w.id, NULL, a.kind, a.value FROM who AS w JOIN lead_addresses AS a ON a.lead_id = w.id
),
found AS MATERIALIZED (
  SELECT m.id AS message, min(n.own_lead) AS own_lead
  FROM names AS n
  CROSS JOIN messages_in AS m
  WHERE m.writer = n.own_name AND m.lead_id IS NULL
    AND (n.own_channel IS NULL OR n.own_channel = m.channel) AND (n.own_kind IS NULL OR n.own_kind = m.writer_kind)
  GROUP BY m.id
)
UPDATE messages_in SET lead_id = found.own_lead FROM found WHERE id = found.message;

-- name: handle_messages
-- Notes who said that nobody has to look any more at what leads have written; found by the index messages_of_leads.
UPDATE messages_in SET handled_at = :now, handled_by = :who
WHERE lead_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:leads)) /* each */ AND handled_at IS NULL;

-- name: remove_messages
-- Removes a batch of what was written before an instant, the oldest first, found by the index messages_by_age.
DELETE FROM messages_in
WHERE id IN /* each */ (SELECT m.id FROM messages_in AS m WHERE m.at < :before ORDER BY m.at LIMIT :most) /* each */;

-- name: drop_double_messages
-- Deletes messages of the leads that go that the leads that stay have as well.
DELETE FROM messages_in
WHERE lead_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:pairs)) /* each */ AND EXISTS (
  SELECT 1
  FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
  JOIN messages_in AS had ON had.lead_id = pair.kept
  WHERE pair.gone = messages_in.lead_id AND had.channel = messages_in.channel
    AND had.provider_id = messages_in.provider_id
);

-- name: move_messages
-- Gives the leads that stay what those that go wrote.
UPDATE messages_in
SET lead_id = pair.kept
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
WHERE lead_id = pair.gone /* lead_id among :pairs */;

-- name: forget_messages
-- Deletes what leads wrote that are being forgotten.
DELETE FROM messages_in WHERE lead_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:leads)) /* each */;

-- name: forget_messages_of_nobody
-- Deletes what somebody wrote from an address whom nobody knows; found by the index messages_of_nobody.
DELETE FROM messages_in WHERE lead_id IS NULL AND writer = :address;
