-- A claimed record is settled, one statement per move. Each is fenced: it names the worker and the attempt that claimed
-- the record, and passes over one that is no longer theirs.

-- name: complete
-- Completes the given records, keyed by id with their attempt, if they are still this worker's.
-- moves: sending -> completed
UPDATE sequence_contacts
SET status = 'completed', completed_at = :now, reason_code = NULL, reason_facts = NULL, lease_until = NULL,
  begun_at = NULL
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number FROM json_each(:records)
) AS settled
WHERE id = settled.record_id AND status = 'sending' AND worker = :worker AND attempt = settled.number
  /* id among :records */
RETURNING id;

-- name: complete_accepted
-- Completes those of the given records that wait for an answer, or for another try, paused or not, although a try is known to be
-- accepted: its answer came after its lease had ended. Their next_trigger_time is that of their last try again.
-- moves: unknown -> completed
-- moves: active -> completed
-- moves: paused -> completed
UPDATE sequence_contacts
SET status = 'completed', reason_code = NULL, reason_facts = NULL, worker = NULL, lease_until = NULL, begun_at = NULL,
  next_trigger_time = last.started_at,
  completed_at = CASE WHEN last.started_at > :now THEN last.started_at ELSE :now END
FROM attempts AS last
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records))
  AND last.record_id = sequence_contacts.id
  AND last.number = (SELECT max(a.number) FROM attempts AS a WHERE a.record_id = sequence_contacts.id)
  AND (status IN ('active', 'paused') OR (status = 'unknown' AND ended_at IS NULL))
  AND EXISTS (SELECT 1 FROM attempts AS a WHERE a.record_id = sequence_contacts.id AND a.outcome = 'accepted')
RETURNING id;

-- name: activate_next
-- Makes the next record that waits after each given one active, whatever lies between: a person may have ended or
-- deleted the one in between. It keeps its own next_trigger_time and waits for it. An enrollment that stands at a record
-- already went on without the given one, and stays there. Found by one_record_per_step and one_current_record.
-- moves: pending -> active
WITH following AS MATERIALIZED (
  SELECT (
    SELECT n.id FROM sequence_contacts AS n
    WHERE n.enrollment_id = r.enrollment_id AND n.current_step > r.current_step AND n.status = 'pending'
    ORDER BY n.current_step
    LIMIT 1
  ) AS next_id
  FROM json_each(:records) AS given
  JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
  WHERE NOT EXISTS (
    SELECT 1 FROM sequence_contacts AS c
    WHERE c.enrollment_id = r.enrollment_id
      AND (c.status IN ('active', 'sending', 'paused') OR (c.status = 'unknown' AND c.ended_at IS NULL))
  )
)
UPDATE sequence_contacts
SET status = 'active'
FROM following
WHERE id = following.next_id AND status = 'pending' /* id among following.next_id */
RETURNING id, next_trigger_time, suspected_at;

-- name: release
-- Makes claimed records active again, keyed by id: due `delay` seconds from now with the reason, one more failed try
-- where it was burned. A negative delay leaves the time as it is.
-- moves: sending -> active
UPDATE sequence_contacts
SET status = 'active', worker = NULL, lease_until = NULL, begun_at = NULL,
  reason_code = settled.code, reason_facts = settled.facts, failures = failures + settled.burned,
  next_trigger_time = CASE WHEN settled.delay < 0 THEN next_trigger_time ELSE add_seconds(:now, settled.delay) END
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number,
    CAST(value ->> 'delay' AS bigint) AS delay, CAST(value ->> 'burned' AS integer) AS burned,
    value ->> 'code' AS code, value ->> 'facts' AS facts
  FROM json_each(:records)
) AS settled
WHERE id = settled.record_id AND status = 'sending' AND worker = :worker AND attempt = settled.number
  /* id among :records */
RETURNING id;

-- name: pass_over
-- Passes over claimed records, keyed by id, whose step has nothing to send to their lead.
-- moves: sending -> skipped
UPDATE sequence_contacts
SET status = 'skipped', ended_at = :now, worker = NULL, lease_until = NULL, begun_at = NULL, reason_code = empty.code,
  reason_facts = empty.facts
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number, value ->> 'code' AS code,
    value ->> 'facts' AS facts
  FROM json_each(:records)
) AS empty
WHERE id = empty.record_id AND status = 'sending' AND worker = :worker AND attempt = empty.number
RETURNING id;

-- name: cancel_claimed
-- Cancels claimed records that will not be sent, keyed by id, because their lead has left.
-- moves: sending -> cancelled
UPDATE sequence_contacts
SET status = 'cancelled', ended_at = :now, worker = NULL, lease_until = NULL, begun_at = NULL,
  reason_code = settled.code, reason_facts = settled.facts
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number,
    value ->> 'code' AS code, value ->> 'facts' AS facts
  FROM json_each(:records)
) AS settled
WHERE id = settled.record_id AND status = 'sending' AND worker = :worker AND attempt = settled.number
  /* id among :records */
RETURNING id;

-- name: cancel_dangling
-- Cancels records that were just claimed, and whose lead or enrollment is not there: somebody deleted it where no foreign
-- key kept them from it.
-- moves: sending -> cancelled
UPDATE sequence_contacts
SET status = 'cancelled', ended_at = :now, worker = NULL, lease_until = NULL, begun_at = NULL, attempt = attempt - 1,
  reason_code = 'dangling', reason_facts = NULL
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'sending' AND worker = :worker
RETURNING id;

-- name: fail
-- Fails the given records, keyed by id, each with its reason.
-- moves: sending -> failed
UPDATE sequence_contacts
SET status = 'failed', ended_at = :now, lease_until = NULL, begun_at = NULL,
  reason_code = settled.code, reason_facts = settled.facts, failures = failures + 1
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number,
    value ->> 'code' AS code, value ->> 'facts' AS facts
  FROM json_each(:records)
) AS settled
WHERE id = settled.record_id AND status = 'sending' AND worker = :worker AND attempt = settled.number
  /* id among :records */
RETURNING id;

-- name: lose
-- Marks the given records unknown, keyed by id, and holds their enrollments for `delay` seconds.
-- moves: sending -> unknown
UPDATE sequence_contacts
SET status = 'unknown', reason_code = settled.code, reason_facts = settled.facts, failures = failures + 1,
  lease_until = add_seconds(:now, settled.delay), begun_at = NULL
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number,
    CAST(value ->> 'delay' AS bigint) AS delay, value ->> 'code' AS code, value ->> 'facts' AS facts
  FROM json_each(:records)
) AS settled
WHERE id = settled.record_id AND status = 'sending' AND worker = :worker AND attempt = settled.number
  /* id among :records */
RETURNING id;

-- name: rescue_unbegun
-- Makes records active again whose lease ended before they began to be sent: they have no attempt of that number.
-- moves: sending -> active
UPDATE sequence_contacts
SET status = 'active', worker = NULL, lease_until = NULL, begun_at = NULL, reason_code = :code, reason_facts = NULL
WHERE status = 'sending' AND lease_until IS NOT NULL AND lease_until <= :now AND NOT EXISTS (
  SELECT 1 FROM attempts AS a WHERE a.record_id = sequence_contacts.id AND a.number = sequence_contacts.attempt
)
RETURNING id;

-- name: rescue
-- Marks records unknown whose lease ended without an answer: they may have been sent, so they are not sent again. They
-- are held for as long as their sequence says. Those that had not begun are active again before this.
-- moves: sending -> unknown
UPDATE sequence_contacts
SET status = 'unknown', reason_code = :code, reason_facts = :facts, failures = failures + 1, begun_at = NULL,
  lease_until = add_seconds(:now, held.seconds)
FROM (SELECT s.id AS of_sequence, s.unknown_after_seconds AS seconds FROM sequences AS s) AS held
WHERE sequence_id = held.of_sequence AND status = 'sending' AND lease_until <= :now
RETURNING id;

-- name: resend_unknown
-- Makes held unknown records due again until the tries are used up: at once where the channel's receivers drop a second
-- copy by record id (then a minute later each time), and after the hold where the sequence would rather send twice.
-- moves: unknown -> active
UPDATE sequence_contacts
SET status = 'active', worker = NULL, lease_until = NULL, begun_at = NULL,
  next_trigger_time = add_seconds(:now, failures * 60 - 60)
WHERE status = 'unknown' AND ended_at IS NULL AND lease_until IS NOT NULL AND failures < :failure_limit
  AND (
    sequence_id IN (SELECT s.id FROM sequences AS s WHERE s.channel IN (SELECT key FROM json_each(:channels)))
    OR (lease_until <= :now AND sequence_id IN (SELECT s.id FROM sequences AS s WHERE s.on_unknown = 'resend'))
  )
RETURNING id;

-- name: hold_unknown
-- Leaves unknown records whose hold is over to a person, where the sequence says so.
UPDATE sequence_contacts
SET lease_until = NULL
WHERE status = 'unknown' AND ended_at IS NULL AND lease_until <= :now
  AND sequence_id IN (SELECT s.id FROM sequences AS s WHERE s.on_unknown = 'hold');

-- name: give_up_unknown
-- Ends the hold of unknown records whose time is over: they stay unknown, and their enrollments go on without them.
UPDATE sequence_contacts
SET ended_at = :now, lease_until = NULL
WHERE status = 'unknown' AND ended_at IS NULL AND lease_until <= :now
RETURNING id;

-- name: leases_over
-- Returns whether any lease or hold has ended, by the index leased_records: its cost is one look.
SELECT 1 FROM sequence_contacts WHERE lease_until IS NOT NULL AND lease_until <= :now LIMIT 1;

-- name: held_unknown
-- Returns whether an unknown record is held that goes through one of the given channels.
SELECT 1 FROM sequence_contacts
WHERE lease_until IS NOT NULL AND status = 'unknown' AND ended_at IS NULL
  AND sequence_id IN (SELECT s.id FROM sequences AS s WHERE s.channel IN (SELECT key FROM json_each(:channels)))
LIMIT 1;

-- name: unpaced_due
-- Returns whether anything is due that goes by no sender, by the index due_unpaced: its cost is one look.
SELECT 1 FROM sequence_contacts
WHERE status = 'active' AND sender_id IS NULL AND next_trigger_time <= :now
LIMIT 1;
