-- What a person does to records by hand: each statement moves only what still stands as it must, whatever was asked for.

-- name: asked_records
-- Returns how the given records stand, and of which enrollments they are.
SELECT r.id, r.status, r.current_step, r.enrollment_id, r.next_trigger_time
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
ORDER BY r.id;

-- name: failed_records
-- Returns what the given records' being sent again depends on, beside their tries and what comes after them.
SELECT r.id, r.status, r.reason_code, r.reason_facts, r.enrollment_id, r.current_step, e.sequence_id, e.lead_id,
  e.end_code, e.end_facts, e.leaving_code, e.leaving_facts,
  s.then_trigger, s.on_unknown, s.exclusive_group, s.archived_at IS NOT NULL AS is_archived, s.goal,
  EXISTS (SELECT 1 FROM lead_triggers AS t WHERE t.lead_id = e.lead_id AND t.trigger = s.goal) AS is_at_goal,
  address_of(s, l) IS NOT NULL AS has_address, suppression_of(s, l) AS barred, group_is_free(s, l) AS group_is_free, is_invited(s, l) AS is_invited,
  EXISTS (SELECT 1 FROM sequence_senders AS named WHERE named.sequence_id = s.id) AS names_senders,
  CASE WHEN e.sender_id IS NULL THEN EXISTS (SELECT 1 FROM sequence_senders AS named WHERE named.sequence_id = s.id)
    ELSE NOT EXISTS (
      SELECT 1
      FROM senders AS own
      JOIN sequence_senders AS named ON named.name = own.name OR named.name = own.pool
      WHERE own.id = e.sender_id AND own.status <> 'archived' AND named.sequence_id = s.id
    ) END AS is_misplaced,
  EXISTS (SELECT 1 FROM enrollments AS other WHERE other.sequence_id = e.sequence_id AND other.lead_id = e.lead_id
    AND other.ended_at IS NULL) AS is_live, address_of(s, l) AS address,
  EXISTS (SELECT 1 FROM enrollments AS same WHERE same.sequence_id = e.sequence_id AND same.address = address_of(s, l)
    AND same.ended_at IS NULL AND same.id <> e.id) AS is_taken
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN enrollments AS e ON e.id = r.enrollment_id
JOIN sequences AS s ON s.id = e.sequence_id
JOIN leads AS l ON l.id = e.lead_id
ORDER BY r.id;

-- name: tries_of_records
-- Returns what became of the tries of the given records.
SELECT a.record_id, a.outcome
FROM json_each(:records) AS given
JOIN attempts AS a ON a.record_id = CAST(given.key AS bigint);

-- name: records_after
-- Returns the records that come after the given ones, in step order.
SELECT r.id AS record_id, f.current_step, f.status, f.attempt, f.reason_code, f.reason_facts
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN sequence_contacts AS f ON f.enrollment_id = r.enrollment_id AND f.current_step > r.current_step
ORDER BY r.id, f.current_step;

-- name: wait_again
-- Lets the records after the given ones wait for them once more, if they were never tried and are not being sent.
-- moves: active -> pending
UPDATE sequence_contacts
SET status = 'pending', reason_code = NULL, reason_facts = NULL
FROM (
  SELECT r.enrollment_id AS of_enrollment, r.current_step + 1 AS next_step
  FROM json_each(:records) AS given
  JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
) AS failed
WHERE enrollment_id = failed.of_enrollment AND current_step = failed.next_step AND status = 'active' AND attempt = 0
RETURNING enrollment_id;

-- name: reopen_enrollments
-- Lets ended enrollments go on, in the group that their sequences are in now.
UPDATE enrollments
SET ended_at = NULL, end_code = NULL, end_facts = NULL, leaving_code = NULL, leaving_facts = NULL, left_after_step = NULL,
  paused_at = NULL, pause_code = NULL, pause_facts = NULL,
  exclusive_group = (SELECT s.exclusive_group FROM sequences AS s WHERE s.id = enrollments.sequence_id),
  address = (SELECT address_of(s, l) FROM sequences AS s, leads AS l WHERE s.id = enrollments.sequence_id AND l.id = enrollments.lead_id)
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments)) AND ended_at IS NOT NULL
RETURNING id, sender_id;

-- name: restore_records
-- Lets what was cancelled after the given records, for their failure, wait for its turn again, by its enrollment's sender.
-- moves: cancelled -> pending
UPDATE sequence_contacts
SET status = 'pending', ended_at = NULL, reason_code = NULL, reason_facts = NULL, sender_id = failed.sender
FROM (
  SELECT r.enrollment_id AS of_enrollment, r.current_step AS failed_step, e.sender_id AS sender
  FROM json_each(:records) AS given
  JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
  JOIN enrollments AS e ON e.id = r.enrollment_id AND e.ended_at IS NULL
) AS failed
WHERE enrollment_id = failed.of_enrollment AND current_step > failed.failed_step AND status = 'cancelled'
RETURNING id;

-- name: send_failed_again
-- Makes failed records due again, with all their tries before them, by the sender that their enrollment goes by.
-- moves: failed -> active
UPDATE sequence_contacts
SET status = 'active', ended_at = NULL, reason_code = NULL, reason_facts = NULL, failures = 0, worker = NULL,
  next_trigger_time = :now,
  sender_id = failed.sender
FROM (
  SELECT r.id AS failed_id, e.sender_id AS sender
  FROM json_each(:records) AS given
  JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
  JOIN enrollments AS e ON e.id = r.enrollment_id AND e.ended_at IS NULL
) AS failed
WHERE id = failed.failed_id AND status = 'failed'
RETURNING id;

-- name: send_now
-- Makes active records due that are not.
UPDATE sequence_contacts
SET next_trigger_time = :now, reason_code = NULL, reason_facts = NULL
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'active' AND next_trigger_time > :now
RETURNING id;

-- name: reschedule_records
-- Gives records that were not sent yet another time.
UPDATE sequence_contacts
SET next_trigger_time = :at, reason_code = CASE WHEN status = 'paused' THEN reason_code END,
  reason_facts = CASE WHEN status = 'paused' THEN reason_facts END
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status IN ('pending', 'active', 'paused')
  AND next_trigger_time <> :at
RETURNING id;

-- name: note_moves_by_hand
-- Notes that records were moved to the time that they have now, and why.
INSERT INTO record_moves (record_id, moved_at, moved_to, reason_code)
SELECT r.id, :now, r.next_trigger_time, CAST(:code AS text)
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint);

-- name: skip_records
-- Passes over the records at which enrollments stand.
-- moves: active -> skipped
UPDATE sequence_contacts
SET status = 'skipped', ended_at = :now, reason_code = :code, reason_facts = CAST(:facts AS text)
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'active'
RETURNING id;

-- name: cancel_from
-- Cancels what enrollments, keyed by id, have left from a step on. A record that is being sent settles.
-- moves: pending -> cancelled
-- moves: active -> cancelled
-- moves: paused -> cancelled
UPDATE sequence_contacts
SET status = 'cancelled', ended_at = :now, reason_code = :code, reason_facts = CAST(:facts AS text)
FROM (
  SELECT CAST(key AS bigint) AS of_enrollment, CAST(value ->> 'step' AS integer) AS from_step FROM json_each(:enrollments)
) AS given
WHERE enrollment_id = given.of_enrollment AND current_step >= given.from_step AND status IN ('pending', 'active', 'paused')
RETURNING id;

-- name: last_answers
-- Returns what became of the last tries through a sender, or of those by a channel without one: the newest first.
SELECT a.record_id, a.outcome, address_of(s, l) AS address,
  CASE WHEN r.status = 'failed' AND r.reason_code IN (:contact, :message) THEN 1 ELSE 0 END AS is_refused
FROM attempts AS a
JOIN sequence_contacts AS r ON r.id = a.record_id
JOIN leads AS l ON l.id = r.lead_id
JOIN sequences AS s ON s.id = r.sequence_id
WHERE a.started_at > :since AND a.outcome IS NOT NULL AND a.outcome <> 'not_sent'
  AND ((CAST(:sender_id AS bigint) IS NOT NULL AND a.sender_id = :sender_id)
    OR (CAST(:sender_id AS bigint) IS NULL AND a.sender_id IS NULL AND s.channel = CAST(:channel AS text)))
ORDER BY a.started_at DESC, a.finished_at DESC, a.record_id DESC
LIMIT :most;
