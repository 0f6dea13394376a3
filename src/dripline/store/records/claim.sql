-- A record is claimed, and what is found out about it before it is sent, one statement per move. A statement that moves
-- a claimed record is fenced: it names the worker and the attempt that claimed it, and passes over a record that is no
-- longer theirs.

-- name: claim_due
-- Takes records that are active and due, and only those, for one worker: no two workers ever take the same one.
-- Those that go by a sender are not among them: its lane takes them. Finds them by the index due_unpaced, so its cost
-- is what is due. `held_back` names records that this pass activated. `begun_at`: now where all of them begin to be
-- sent with their claim.
-- moves: active -> sending
WITH due AS MATERIALIZED (
  SELECT r.id AS due_id
  FROM sequence_contacts AS r
  JOIN sequences AS s ON s.id = r.sequence_id
  JOIN steps AS st ON st.id = r.sequence_stepid
  WHERE r.status = 'active' AND r.sender_id IS NULL AND r.next_trigger_time <= :now
    AND s.channel = :channel AND st.pause_code IS NULL AND s.paused_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM workspace AS w WHERE w.paused_at IS NOT NULL)
    AND NOT r.id IN /* each */ (SELECT CAST(held.key AS bigint) FROM json_each(:held_back) AS held) /* each */
  ORDER BY r.next_trigger_time, r.id
  LIMIT :batch
  /* lock r, skip locked */
)
UPDATE sequence_contacts
SET status = 'sending', attempt = attempt + 1, worker = :worker, lease_until = :lease_until,
  begun_at = :begun_at
FROM due
WHERE id = due_id /* id among due.due_id */
RETURNING id;

-- name: read_claimed
-- Returns what is needed to decide on and render the given records, as it stands in the claiming transaction, beside
-- what their steps have in common.
SELECT r.id, r.attempt, r.failures, r.enrollment_id, r.sequence_stepid, r.sender_id, r.current_step, r.planned_time,
  r.next_trigger_time, e.moved_seconds, e.pause_code, e.pause_facts, coalesce(e.leaving_code, e.end_code) AS leaving_code,
  CASE WHEN e.leaving_code IS NULL THEN e.end_facts ELSE e.leaving_facts END AS leaving_facts,
  e.sender_id AS enrollment_sender,
  sd.name AS sender, sd.account, sd.channel AS sender_channel,
  sd.cold_until, sd.cold_trips, sd.free_at, sd.is_trying,
  l.id AS lead_id, lead_columns(l), address_of(s, l) AS address,
  suppression_of(s, l) AS suppressed
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN enrollments AS e ON e.id = r.enrollment_id
JOIN sequences AS s ON s.id = r.sequence_id
JOIN leads AS l ON l.id = r.lead_id
LEFT JOIN senders AS sd ON sd.id = r.sender_id
ORDER BY r.next_trigger_time, r.id;

-- name: thread_before
-- Returns what providers call the messages that went before the given records in their enrollments, in their order, and
-- the subjects of their steps.
SELECT r.id, a.provider_id, st.subject, st.content
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN sequence_contacts AS b ON b.enrollment_id = r.enrollment_id AND b.current_step < r.current_step
JOIN steps AS st ON st.id = b.sequence_stepid
JOIN attempts AS a ON a.record_id = b.id AND a.outcome = 'accepted'
WHERE b.status = 'completed'
ORDER BY r.id, b.current_step, a.number;

-- name: read_steps
-- Returns what all records of the given steps have in common: texts, the answers of their sequence, and the workspace's.
SELECT st.id, st.message, st.subject, st.content, s.name AS sequence, s.channel, s.variables, s.on_failure, s.on_unknown,
  s.unknown_after_seconds, s.when_late, s.late_grace_seconds, s.min_gap_seconds, s.on_reply, s.on_trigger_lost,
  s.re_entry, s.re_entry_gap_seconds, s.zone AS sequence_zone, st.time_window AS step_window, s.time_window,
  w.zone AS workspace_zone, w.min_gap_seconds AS workspace_gap_seconds, w.daily_cap, (
    SELECT min(after.offset_seconds) FROM steps AS after
    WHERE after.sequence_id = st.sequence_id AND after.version = st.version
      AND after.offset_seconds > st.offset_seconds
  ) - st.offset_seconds AS wait_after_seconds
FROM json_each(:steps) AS given
JOIN steps AS st ON st.id = CAST(given.key AS bigint)
JOIN sequences AS s ON s.id = st.sequence_id
JOIN workspace AS w ON w.id = 1;

-- name: standing
-- Returns a page of the records that are due, those due for longest first, after the given one: of what is named, the
-- sequence, the sender, or of everything, as if that were not paused; without what is paused for itself.
SELECT r.id, r.next_trigger_time
FROM sequence_contacts AS r
JOIN enrollments AS e ON e.id = r.enrollment_id
JOIN sequences AS s ON s.id = r.sequence_id
JOIN steps AS st ON st.id = r.sequence_stepid
LEFT JOIN senders AS sd ON sd.id = r.sender_id
WHERE r.status = 'active' AND r.next_trigger_time <= :now AND r.next_trigger_time >= :after_time
  AND (r.next_trigger_time > :after_time OR r.id > :after_id)
  AND st.pause_code IS NULL AND e.paused_at IS NULL
  AND (CAST(:sequence AS text) IS NULL OR s.name = :sequence)
  AND (CAST(:sequence AS text) IS NOT NULL OR s.paused_at IS NULL)
  AND (CAST(:by_nothing AS integer) = 1 OR NOT EXISTS (SELECT 1 FROM workspace AS w WHERE w.paused_at IS NOT NULL))
  AND (CAST(:sender AS text) IS NULL OR sd.name = :sender)
  AND (CAST(:sender AS text) IS NOT NULL OR sd.id IS NULL OR sd.status = 'active')
ORDER BY r.next_trigger_time, r.id
LIMIT :page;

-- name: standing_of_leads
-- Returns the records of leads that are due, or would be if they were not paused, in one sequence or all; without what
-- is paused with its sequence, its sender or everything.
SELECT r.id
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
JOIN sequences AS s ON s.id = r.sequence_id
JOIN steps AS st ON st.id = r.sequence_stepid
LEFT JOIN senders AS sd ON sd.id = r.sender_id
WHERE e.lead_id IN (SELECT CAST(named.key AS bigint) FROM json_each(:leads) AS named)
  AND r.status IN ('active', 'paused') AND r.next_trigger_time <= :now AND st.pause_code IS NULL
  AND s.paused_at IS NULL AND (CAST(:sequence AS text) IS NULL OR s.name = :sequence)
  AND NOT EXISTS (SELECT 1 FROM workspace AS w WHERE w.paused_at IS NOT NULL)
  AND (sd.id IS NULL OR sd.status = 'active');

-- name: following
-- Returns the times of what comes after the given records, enrollment by enrollment, in step order.
SELECT f.enrollment_id, f.next_trigger_time
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN sequence_contacts AS f ON f.enrollment_id = r.enrollment_id AND f.status = 'pending'
ORDER BY f.enrollment_id, f.current_step;

-- name: defer
-- Makes records that were just claimed active again, keyed by id, due `delay` seconds from now, as if they had never
-- been claimed: the token was nobody's yet.
-- moves: sending -> active
UPDATE sequence_contacts
SET status = 'active', attempt = attempt - 1, worker = NULL, lease_until = NULL, begun_at = NULL,
  reason_code = waiting.code, reason_facts = waiting.facts,
  next_trigger_time = add_seconds(:now, waiting.delay)
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number,
    CAST(value ->> 'delay' AS bigint) AS delay, value ->> 'code' AS code, value ->> 'facts' AS facts
  FROM json_each(:records)
) AS waiting
WHERE id = waiting.record_id AND status = 'sending' AND worker = :worker AND attempt = waiting.number
RETURNING id;

-- name: return_to_sender
-- Makes records that were just claimed by a lane or a channel that is no longer theirs active again, keyed by id, as if
-- they had never been claimed, and lets them go by their enrollment's sender.
-- moves: sending -> active
UPDATE sequence_contacts
SET status = 'active', attempt = attempt - 1, worker = NULL, lease_until = NULL, begun_at = NULL,
  sender_id = stray.sender
FROM (
  SELECT r.id AS record_id, CAST(given.value ->> 'attempt' AS integer) AS number, e.sender_id AS sender
  FROM json_each(:records) AS given
  JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
  JOIN enrollments AS e ON e.id = r.enrollment_id
) AS stray
WHERE id = stray.record_id AND status = 'sending' AND worker = :worker AND attempt = stray.number
RETURNING id;

-- name: skip_claimed
-- Passes over records that were just claimed and are too late to go, keyed by id.
-- moves: sending -> skipped
UPDATE sequence_contacts
SET status = 'skipped', attempt = attempt - 1, worker = NULL, lease_until = NULL, begun_at = NULL, ended_at = :now,
  reason_code = late.code, reason_facts = late.facts
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number, value ->> 'code' AS code,
    value ->> 'facts' AS facts
  FROM json_each(:records)
) AS late
WHERE id = late.record_id AND status = 'sending' AND worker = :worker AND attempt = late.number
RETURNING id;

-- name: hold_claimed
-- Pauses records that were just claimed and whose enrollment is paused, keyed by id.
-- moves: sending -> paused
UPDATE sequence_contacts
SET status = 'paused', attempt = attempt - 1, worker = NULL, lease_until = NULL, begun_at = NULL,
  reason_code = held.code, reason_facts = held.facts
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number, value ->> 'code' AS code,
    value ->> 'facts' AS facts
  FROM json_each(:records)
) AS held
WHERE id = held.record_id AND status = 'sending' AND worker = :worker AND attempt = held.number
RETURNING id;

-- name: note_moves
-- Notes that records were moved, keyed by id, and why: `delay` seconds from now.
INSERT INTO record_moves (record_id, moved_at, moved_to, reason_code, reason_facts)
SELECT moved.record_id, :now, add_seconds(:now, moved.delay), moved.code, moved.facts
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'delay' AS bigint) AS delay, value ->> 'code' AS code,
    value ->> 'facts' AS facts
  FROM json_each(:records)
) AS moved;

-- name: lock_leads
-- Locks the given leads, and passes over those that another worker has.
SELECT l.id FROM leads AS l
WHERE l.id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
ORDER BY l.id
/* lock l, skip locked */;

-- name: recent_messages
-- Returns the messages of leads since an instant, and those that may have gone or are on their way.
SELECT r.id, r.lead_id, coalesce(r.completed_at, CASE WHEN r.status = 'sending' THEN coalesce(r.begun_at, :now) END,
  (SELECT max(a.started_at) FROM attempts AS a WHERE a.record_id = r.id), :now) AS at
FROM json_each(:leads) AS given
JOIN enrollments AS e ON e.lead_id = CAST(given.key AS bigint)
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
WHERE r.completed_at > :since OR r.status IN ('sending', 'unknown');

-- name: renew
-- Moves on the end of the leases that a worker still holds on the given records.
UPDATE sequence_contacts
SET lease_until = :lease_until
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'sending' AND worker = :worker;

-- name: renew_over
-- Moves on the end of leases that are over, of records that their worker still has in hand.
UPDATE sequence_contacts
SET lease_until = :lease_until
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'sending' AND worker = :worker
  AND lease_until <= :now;

-- name: lock_claimed
-- Locks claimed records in the order of their ids, before anything is written of what became of them.
SELECT r.id FROM sequence_contacts AS r
WHERE r.id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:records)) /* each */
ORDER BY r.id
/* lock r */;

-- name: open_records
-- Returns the enrollments of those of the given records that have not ended.
SELECT r.enrollment_id FROM sequence_contacts AS r
WHERE r.id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:records)) /* each */
  AND r.ended_at IS NULL AND r.completed_at IS NULL;

-- name: lock_leases_over
-- Locks the records whose lease or hold has ended, in the order of their ids; what is being settled at this moment is
-- waited for, and is not among what the next statement finds.
SELECT r.id FROM sequence_contacts AS r
WHERE r.lease_until IS NOT NULL AND r.lease_until <= :now
ORDER BY r.id
/* lock r */;

-- name: take_back
-- Makes unknown records their worker's again, keyed by id with their attempt: it lives and knows what became of them, and
-- their lease had ended because it could not renew it.
-- moves: unknown -> sending
UPDATE sequence_contacts
SET status = 'sending', failures = failures - 1, lease_until = :now
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number FROM json_each(:records)
) AS settled
WHERE id = settled.record_id AND status = 'unknown' AND ended_at IS NULL AND worker = :worker
  AND attempt = settled.number
  AND EXISTS (SELECT 1 FROM enrollments AS e WHERE e.id = sequence_contacts.enrollment_id AND e.ended_at IS NULL);
