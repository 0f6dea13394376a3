-- Unknown records that a person settles: which there are, how each stands, and what is written of it. A statement that
-- moves one names its status and its try: whoever comes second, a receipt or a person, changes nothing.

-- name: unknown_waiting_ids
-- Returns the unknown records that their enrollments wait for, with their last tries, of those that are asked for, by the
-- index unknown_waiting.
SELECT r.id, r.attempt
FROM sequence_contacts AS r
JOIN sequences AS s ON s.id = r.sequence_id
LEFT JOIN attempts AS a ON a.record_id = r.id AND a.number = r.attempt
WHERE r.status = 'unknown' AND r.ended_at IS NULL AND unknown_asked_for(r, s, a)
ORDER BY r.id;

-- name: unknown_ended_ids
-- Returns those of them that their sequences went on without.
SELECT r.id, r.attempt
FROM sequences AS s
JOIN sequence_contacts AS r ON r.sequence_id = s.id AND r.status = 'unknown'
LEFT JOIN attempts AS a ON a.record_id = r.id AND a.number = r.attempt
WHERE r.ended_at IS NOT NULL AND unknown_asked_for(r, s, a)
ORDER BY r.id;

-- name: unknown_subjects
-- Returns how the given records stand, and whose they are.
SELECT r.id, r.attempt, r.status, r.current_step, r.ended_at, s.name AS sequence, s.channel, sd.name AS sender,
  l.name, coalesce(address_of(s, l), l.phone, l.email) AS address,
  CASE WHEN e.leaving_code IS NOT NULL OR address_of(s, l) IS NULL
    OR EXISTS (SELECT 1 FROM suppressions AS barred WHERE barred.address = address_of(s, l)) THEN 1 ELSE 0 END AS is_leaving
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN enrollments AS e ON e.id = r.enrollment_id
JOIN sequences AS s ON s.id = r.sequence_id
JOIN leads AS l ON l.id = r.lead_id
LEFT JOIN senders AS sd ON sd.id = r.sender_id
ORDER BY r.id;

-- name: suspected_after
-- Returns what waits behind the given records, in step order: whether it becomes unknown when it is next, and by whom it
-- goes.
SELECT r.id AS after_id, f.id, f.current_step, f.suspected_at, f.attempt, f.sender_id
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN sequence_contacts AS f ON f.enrollment_id = r.enrollment_id AND f.current_step > r.current_step
WHERE f.status = 'pending'
ORDER BY r.id, f.current_step;

-- name: suspected_now
-- Returns what became unknown behind the given records because it may have gone before a backup was put back.
SELECT f.id, f.current_step, f.attempt, f.sender_id
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN sequence_contacts AS f ON f.enrollment_id = r.enrollment_id AND f.current_step > r.current_step
WHERE f.status = 'unknown' AND f.ended_at IS NULL AND f.suspected_at IS NOT NULL
ORDER BY f.id;

-- name: settle_as_sent
-- Completes unknown records that are known to have gone, at the instants their enrollments went on if they have.
-- moves: unknown -> completed
UPDATE sequence_contacts
SET status = 'completed', completed_at = coalesce(ended_at, :now), ended_at = NULL, lease_until = NULL,
  reason_code = NULL, reason_facts = NULL
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'unknown'
RETURNING id;

-- name: accept_settled
-- Writes the proof that records went, a row for each, on the last of their tries that were handed over and not answered;
-- else on the last that nobody settled. One that a receipt proved already stays as it is.
WITH proofs AS MATERIALIZED (SELECT * FROM rows_of(:proofs, record bigint, attempt integer, provider text))
UPDATE attempts
SET outcome = 'accepted', provider_id = proofs.provider, finished_at = :now
FROM proofs
WHERE record_id = proofs.record AND number = coalesce((
  SELECT max(open.number) FROM attempts AS open WHERE open.record_id = proofs.record AND open.outcome = 'unknown'
), (
  SELECT max(open.number) FROM attempts AS open WHERE open.record_id = proofs.record AND open.outcome IS NULL
), proofs.attempt)
  AND NOT EXISTS (
    SELECT 1 FROM attempts AS known WHERE known.record_id = proofs.record AND known.outcome = 'accepted'
  )
  /* record_id among proofs.record */;

-- name: settle_as_unsent
-- Makes unknown records due again that are known not to have gone; only while their enrollments wait for them.
-- moves: unknown -> active
UPDATE sequence_contacts
SET status = 'active', worker = NULL, lease_until = NULL, next_trigger_time = :now, suspected_at = NULL,
  reason_code = 'resend_asked', reason_facts = NULL
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'unknown' AND ended_at IS NULL
RETURNING id;

-- name: settle_as_skipped
-- Ends the wait for unknown records: they stay unknown, and their enrollments go on without them.
UPDATE sequence_contacts
SET ended_at = :now, lease_until = NULL
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'unknown' AND ended_at IS NULL
RETURNING id;

-- name: note_settled
-- Writes down as what records were settled, by whom, and by which proof.
INSERT INTO settlements (record_id, attempt, settled_at, settled_by, resolution, proof)
SELECT record, attempt, :now, CAST(:settled_by AS text), CAST(:resolution AS text), proof
FROM rows_of(:settled, record bigint, attempt integer, proof text)
WHERE true;

-- name: settlements_of_record
-- Returns as what a record was settled, the first time first; found by the constraint one_settlement.
SELECT t.attempt, t.settled_at, t.settled_by, t.resolution, t.proof
FROM settlements AS t
WHERE t.record_id = :record_id
ORDER BY t.id;

-- name: last_step_of
-- Returns the last step that a sequence has or had in any version, and which channel it goes through.
SELECT s.channel, (SELECT max(st.position) FROM steps AS st WHERE st.sequence_id = s.id) AS last_step
FROM sequences AS s WHERE s.id = :sequence_id;

-- name: channel_is_used
-- Returns whether a sequence goes through a channel.
SELECT 1 FROM sequences WHERE channel = :channel LIMIT 1;

-- name: worker_is_known
-- Returns whether a worker is known, or claimed a record that is unknown now.
SELECT 1 FROM workers AS w WHERE w.id = :worker
UNION ALL
SELECT 1 FROM sequences AS s
JOIN sequence_contacts AS r ON r.sequence_id = s.id AND r.status = 'unknown'
WHERE r.worker = :worker
LIMIT 1;

-- name: leads_named
-- Returns the leads that have one of some addresses.
SELECT l.id, l.phone, l.email
FROM leads AS l
WHERE l.phone IN /* each */ (SELECT key FROM json_each(:addresses)) /* each */
  OR l.email IN /* each */ (SELECT key FROM json_each(:addresses)) /* each */;

-- name: tries_at_addresses
-- Returns every try at a record that was sent to one of some addresses, through one channel or any, those under way
-- included.
SELECT a.record_id, a.number, a.started_at, a.outcome, a.provider_id,
  coalesce(address_of(s, l), l.phone, l.email) AS address
FROM json_each(:addresses) AS given
JOIN leads AS l ON l.phone = given.key OR l.email = given.key
JOIN enrollments AS e ON e.lead_id = l.id
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
JOIN sequences AS s ON s.id = r.sequence_id
JOIN attempts AS a ON a.record_id = r.id
WHERE coalesce(address_of(s, l), l.phone, l.email) = given.key
  AND (CAST(:channel AS text) IS NULL OR s.channel = :channel)
UNION ALL
SELECT r.id, r.attempt, r.begun_at, NULL, NULL, coalesce(address_of(s, l), l.phone, l.email)
FROM json_each(:addresses) AS given
JOIN leads AS l ON l.phone = given.key OR l.email = given.key
JOIN enrollments AS e ON e.lead_id = l.id
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
JOIN sequences AS s ON s.id = r.sequence_id
WHERE coalesce(address_of(s, l), l.phone, l.email) = given.key
  AND (CAST(:channel AS text) IS NULL OR s.channel = :channel) AND r.status = 'sending' AND r.begun_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM attempts AS a WHERE a.record_id = r.id AND a.number = r.attempt)
ORDER BY record_id, number;
