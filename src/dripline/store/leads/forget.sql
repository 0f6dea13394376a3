-- What is left of people who are being forgotten beside the rows that bear the ids of their leads: bodies and rows as they
-- came, answers, and what was written about something else. `hints` are patterns; whoever reads looks closely.

-- name: known_of_leads
-- Returns by what leads are known: their own addresses and names, those of leads that were merged, what providers call
-- them, and what they were before an import changed them.
WITH who AS MATERIALIZED (SELECT l.* FROM leads AS l WHERE l.id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)))
SELECT 'address' AS kind, l.phone AS value FROM who AS l WHERE l.phone IS NOT NULL
UNION ALL
SELECT 'address', l.email FROM who AS l WHERE l.email IS NOT NULL
UNION ALL
SELECT 'name', l.name FROM who AS l WHERE l.name <> ''
UNION ALL
SELECT 'name', m.name FROM who AS l JOIN merged_leads AS m ON m.lead_id = l.id WHERE m.name <> ''
UNION ALL
SELECT 'id', a.value FROM who AS l JOIN lead_addresses AS a ON a.lead_id = l.id
UNION ALL
SELECT 'address', o.address FROM who AS l JOIN other_addresses AS o ON o.lead_id = l.id
UNION ALL
SELECT CASE i.kind WHEN 'wa_id' THEN 'address' ELSE 'id' END, i.value
FROM who AS l JOIN identities AS i ON i.lead_id = l.id
UNION ALL
SELECT 'fields', c.before FROM import_changes AS c WHERE c.lead_id IN (SELECT l.id FROM who AS l)
UNION ALL
SELECT 'fields', c.after FROM import_changes AS c WHERE c.lead_id IN (SELECT l.id FROM who AS l);

-- name: known_of_others
-- Returns those of some addresses and names that other leads have as well; found by their indexes.
SELECT given.key AS value
FROM json_each(:addresses) AS given
WHERE EXISTS (
  SELECT 1 FROM leads AS l
  WHERE (l.phone = given.key OR l.email = given.key)
    AND l.id NOT IN (SELECT CAST(key AS bigint) FROM json_each(:leads)))
UNION ALL
SELECT given.key
FROM json_each(:names) AS given
WHERE EXISTS (
  SELECT 1 FROM leads AS l
  WHERE lower(l.name BY_BYTE) BY_BYTE = lower(given.key BY_BYTE) BY_BYTE
    AND l.id NOT IN (SELECT CAST(key AS bigint) FROM json_each(:leads)));

-- name: posted_like
-- Returns a page of bodies that may be about somebody, in their order, after one of them. It reads all bodies.
SELECT i.id, i.body
FROM inbox AS i
WHERE i.id > CAST(:after AS bigint)
  AND EXISTS (SELECT 1 FROM json_each(:hints) AS hint WHERE lower(i.body) LIKE hint.key)
ORDER BY i.id
LIMIT :page;

-- name: forget_once_taken
-- Lets bodies go as soon as they are taken in: a stop in them still counts, and they may be about others as well.
UPDATE inbox SET is_forgotten = 1
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:posted)) AND taken_at IS NULL;

-- name: forget_posted
-- Deletes bodies that were taken in.
DELETE FROM inbox WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:posted)) AND taken_at IS NOT NULL;

-- name: drop_posted
-- Deletes a body that has had its effects and is not to be kept.
DELETE FROM inbox WHERE id = :posted_id;

-- name: events_like
-- Returns the events whose keys may hold somebody's number: WhatsApp's ids do.
SELECT e.channel, e.key
FROM inbound_events AS e
WHERE EXISTS (SELECT 1 FROM json_each(:hints) AS hint WHERE lower(e.key) LIKE hint.key);

-- name: hide_events
-- Keeps events under the hashes of their keys, by which they are known again.
UPDATE inbound_events
SET key = given.hash
FROM (SELECT channel AS own_channel, key AS own_key, hash FROM rows_of(:events, channel text, key text, hash text)) AS given
WHERE channel = given.own_channel AND key = given.own_key;

-- name: refused_like
-- Returns the refused rows of imports that may be somebody's.
SELECT f.import_id, f.number, f.cells, f.value, f.reason
FROM import_refused AS f
WHERE EXISTS (SELECT 1 FROM json_each(:hints) AS hint WHERE lower(f.cells) LIKE hint.key OR lower(f.value) LIKE hint.key);

-- name: drop_refused
-- Deletes refused rows.
DELETE FROM import_refused
WHERE (import_id, number) IN (SELECT import_id, number FROM rows_of(:refused, import_id bigint, number bigint));

-- name: answers_like
-- Returns the answers that may tell of somebody.
SELECT r.actor, r.request_key, r.body
FROM answered_requests AS r
WHERE EXISTS (SELECT 1 FROM json_each(:hints) AS hint WHERE lower(r.body) LIKE hint.key OR lower(r.request_key) LIKE hint.key);

-- name: hide_answers
-- Keeps that requests were answered, and not with what.
UPDATE answered_requests
SET status = :status, body = :body, request_key = given.hash
FROM (
  SELECT actor AS own_actor, request_key AS own_key, hash FROM rows_of(:answers, actor text, request_key text, hash text)
) AS given
WHERE actor = given.own_actor AND request_key = given.own_key;

-- name: forget_why_barred
-- Keeps that addresses are barred, and not what people wrote about that.
UPDATE suppressions SET reason_facts = NULL
WHERE address IN (SELECT key FROM json_each(:addresses)) AND reason_facts IS NOT NULL;

-- name: deeds_of_leads
-- Returns what was done to leads, with what else was given.
SELECT a.id, a.details FROM audit_log AS a
WHERE a.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)) AND a.details <> '{}';

-- name: free_texts_like
-- Returns what people and providers wrote about something else than a lead, or about another one, and may name somebody
-- in; `place` says where it stands.
WITH told AS (
  SELECT 'audit_details' AS place, CAST(t.id AS text) AS own, t.details AS text FROM audit_log AS t
  UNION ALL
  SELECT 'import_name' AS place, CAST(t.id AS text) AS own, t.name AS text FROM imports AS t
  UNION ALL
  SELECT 'import_problem' AS place, CAST(t.id AS text) AS own, t.problem AS text FROM imports AS t
  WHERE t.problem IS NOT NULL
  UNION ALL
  SELECT 'alert_state' AS place, t.thing AS own, t.state AS text FROM alerts AS t
  UNION ALL
  SELECT 'sender_wait' AS place, CAST(t.id AS text) AS own, t.wait_facts AS text FROM senders AS t
  WHERE t.wait_facts IS NOT NULL
  UNION ALL
  SELECT 'sender_reason' AS place, CAST(t.id AS text) AS own, t.reason_facts AS text FROM senders AS t
  WHERE t.reason_facts IS NOT NULL
  UNION ALL
  SELECT 'channel_rest' AS place, t.channel AS own, t.reason_facts AS text FROM channel_rests AS t
  WHERE t.reason_facts IS NOT NULL
  UNION ALL
  SELECT 'sender_event' AS place, CAST(t.id AS text) AS own, t.reason_facts AS text FROM sender_events AS t
  WHERE t.reason_facts IS NOT NULL
  UNION ALL
  SELECT 'step_pause' AS place, CAST(t.id AS text) AS own, t.pause_facts AS text FROM steps AS t
  WHERE t.pause_facts IS NOT NULL
  UNION ALL
  SELECT 'sequence_pause' AS place, CAST(t.id AS text) AS own, t.pause_facts AS text FROM sequences AS t
  WHERE t.pause_facts IS NOT NULL
  UNION ALL
  SELECT 'workspace_pause' AS place, CAST(t.id AS text) AS own, t.pause_facts AS text FROM workspace AS t
  WHERE t.pause_facts IS NOT NULL
  UNION ALL
  SELECT 'subscription_reason' AS place, CAST(t.id AS text) AS own, t.reason_facts AS text FROM event_subscriptions AS t
  WHERE t.reason_facts IS NOT NULL
  UNION ALL
  SELECT 'delivery_reason' AS place, CAST(t.id AS text) AS own, t.reason_facts AS text FROM event_deliveries AS t
  WHERE t.reason_facts IS NOT NULL
  UNION ALL
  SELECT 'delivery_error' AS place, CAST(t.id AS text) AS own, t.error AS text FROM event_deliveries AS t
  WHERE t.error IS NOT NULL
  UNION ALL
  SELECT 'note' AS place, CAST(t.id AS text) AS own, t.text AS text FROM lead_notes AS t
  UNION ALL
  SELECT 'draft' AS place, t.name AS own, t.text AS text FROM drafts AS t
)
SELECT told.place, told.own, told.text
FROM told
WHERE EXISTS (SELECT 1 FROM json_each(:hints) AS hint WHERE lower(told.text) LIKE hint.key);

-- name: retell_audit_details
-- Overwrites what was given with changes, without somebody who is being forgotten.
UPDATE audit_log SET details = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE audit_log.id = told.own;

-- name: retell_import_name
-- Overwrites the names of imported files, without somebody who is being forgotten.
UPDATE imports SET name = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE imports.id = told.own;

-- name: retell_import_problem
-- Overwrites why imports ended early, without somebody who is being forgotten.
UPDATE imports SET problem = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE imports.id = told.own;

-- name: retell_alert_state
-- Overwrites what operators were told, without somebody who is being forgotten.
UPDATE alerts SET state = told.text
FROM (SELECT given.key AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE alerts.thing = told.own;

-- name: retell_sender_wait
-- Overwrites why senders wait, without somebody who is being forgotten.
UPDATE senders SET wait_facts = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE senders.id = told.own;

-- name: retell_sender_reason
-- Overwrites why senders are paused, without somebody who is being forgotten.
UPDATE senders SET reason_facts = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE senders.id = told.own;

-- name: retell_channel_rest
-- Overwrites why channels rest, without somebody who is being forgotten.
UPDATE channel_rests SET reason_facts = told.text
FROM (SELECT given.key AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE channel_rests.channel = told.own;

-- name: retell_sender_event
-- Overwrites what happened to senders, without somebody who is being forgotten.
UPDATE sender_events SET reason_facts = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE sender_events.id = told.own;

-- name: retell_step_pause
-- Overwrites why steps are paused, without somebody who is being forgotten.
UPDATE steps SET pause_facts = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE steps.id = told.own;

-- name: retell_sequence_pause
-- Overwrites why sequences are paused, without somebody who is being forgotten.
UPDATE sequences SET pause_facts = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE sequences.id = told.own;

-- name: retell_workspace_pause
-- Overwrites why everything is paused, without somebody who is being forgotten.
UPDATE workspace SET pause_facts = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE workspace.id = told.own;

-- name: retell_subscription_reason
-- Overwrites why subscriptions are disabled, without somebody who is being forgotten.
UPDATE event_subscriptions SET reason_facts = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE event_subscriptions.id = told.own;

-- name: retell_delivery_reason
-- Overwrites why something happened that subscribers are told, without somebody who is being forgotten.
UPDATE event_deliveries SET reason_facts = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE event_deliveries.id = told.own;

-- name: retell_delivery_error
-- Overwrites what receivers answered, without somebody who is being forgotten.
UPDATE event_deliveries SET error = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE event_deliveries.id = told.own;

-- name: retell_note
-- Overwrites notes on other leads, without somebody who is being forgotten.
UPDATE lead_notes SET text = told.text
FROM (SELECT CAST(given.key AS bigint) AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE lead_notes.id = told.own;

-- name: retell_draft
-- Overwrites drafts, without somebody who is being forgotten.
UPDATE drafts SET text = told.text
FROM (SELECT given.key AS own, given.value ->> 'text' AS text FROM json_each(:texts) AS given) AS told
WHERE drafts.name = told.own;
