-- What may be mended without guessing whether a message went: by each pass, where somebody ended or deleted the record at
-- which a lead stood, and by `dripline doctor --repair`.

-- name: is_anything_halted
-- Returns whether an enrollment may stand still: one look at a table that is nearly always empty.
SELECT 1 FROM halted LIMIT 1;

-- name: take_halted
-- Takes enrollments out that may stand still.
DELETE FROM halted WHERE enrollment_id IN (
  SELECT h.enrollment_id FROM halted AS h ORDER BY h.enrollment_id LIMIT :most /* lock h, skip locked */)
RETURNING enrollment_id AS id;

-- name: activate_halted
-- Activates, in each of the given live enrollments that stands nowhere, the first record that waits behind whatever was
-- tried or completed.
-- moves: pending -> active
WITH standing_still AS MATERIALIZED (
  SELECT (
    SELECT w.id FROM sequence_contacts AS w
    WHERE w.enrollment_id = e.id AND w.status = 'pending' AND w.current_step > (
      SELECT coalesce(max(b.current_step), 0) FROM sequence_contacts AS b
      WHERE b.enrollment_id = e.id AND (b.attempt > 0 OR b.status = 'completed'))
    ORDER BY w.current_step
    LIMIT 1
  ) AS next_id
  FROM json_each(:enrollments) AS given
  JOIN enrollments AS e ON e.id = CAST(given.key AS bigint) AND e.ended_at IS NULL
  WHERE NOT EXISTS (
    SELECT 1 FROM sequence_contacts AS r
    WHERE r.enrollment_id = e.id
      AND (r.status IN ('active', 'sending', 'paused') OR (r.status = 'unknown' AND r.ended_at IS NULL)))
)
UPDATE sequence_contacts
SET status = 'active'
FROM standing_still
WHERE id = standing_still.next_id AND status = 'pending' /* id among standing_still.next_id */
RETURNING id, enrollment_id;

-- name: last_records
-- Returns the last record of each of the given enrollments that is there.
SELECT max(r.id) AS id FROM sequence_contacts AS r
WHERE r.enrollment_id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments))
GROUP BY r.enrollment_id;

-- name: enrollments_to_repair
-- Returns the enrollments of which something may be mended: lease over, ended with something left, or standing nowhere.
SELECT r.enrollment_id AS id FROM sequence_contacts AS r WHERE r.status = 'sending' AND r.lease_until <= :now
UNION
SELECT e.id
FROM sequence_contacts AS r
JOIN enrollments AS e ON e.id = r.enrollment_id AND e.ended_at IS NOT NULL
WHERE r.status IN ('pending', 'active', 'paused')
UNION
SELECT e.id FROM enrollments AS e
WHERE e.ended_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM sequence_contacts AS r
  WHERE r.enrollment_id = e.id AND (r.status IN ('active', 'sending', 'paused')
    OR (r.status = 'unknown' AND r.ended_at IS NULL)))
ORDER BY 1;

-- name: repair_stranded
-- Activates the first pending record of every live enrollment that stands nowhere.
-- moves: pending -> active
UPDATE sequence_contacts
SET status = 'active', reason_code = 'repair_activated', reason_facts = NULL
WHERE status = 'pending'
  AND current_step = (
    SELECT min(waiting.current_step) FROM sequence_contacts AS waiting
    WHERE waiting.enrollment_id = sequence_contacts.enrollment_id AND waiting.status = 'pending'
  )
  AND EXISTS (SELECT 1 FROM enrollments AS e WHERE e.id = enrollment_id AND e.ended_at IS NULL)
  AND NOT EXISTS (
    SELECT 1 FROM sequence_contacts AS standing
    WHERE standing.enrollment_id = sequence_contacts.enrollment_id
      AND (standing.status IN ('active', 'sending', 'paused')
        OR (standing.status = 'unknown' AND standing.ended_at IS NULL))
  )
RETURNING id;

-- name: repair_leftovers
-- Cancels what ended enrollments left to send; a record that is being sent settles first.
-- moves: pending -> cancelled
-- moves: active -> cancelled
-- moves: paused -> cancelled
UPDATE sequence_contacts
SET status = 'cancelled', ended_at = :now, reason_code = 'repair_cancelled', reason_facts = NULL
WHERE status IN ('pending', 'active', 'paused')
  AND EXISTS (SELECT 1 FROM enrollments AS e WHERE e.id = enrollment_id AND e.ended_at IS NOT NULL)
RETURNING id;

-- name: repair_finished
-- Ends live enrollments all of whose records have ended.
UPDATE enrollments
SET ended_at = :now, end_code = 'repair_ended'
WHERE ended_at IS NULL
  AND EXISTS (SELECT 1 FROM sequence_contacts AS r WHERE r.enrollment_id = enrollments.id)
  AND NOT EXISTS (
    SELECT 1 FROM sequence_contacts AS r
    WHERE r.enrollment_id = enrollments.id AND r.ended_at IS NULL AND r.completed_at IS NULL
  )
RETURNING id, sender_id;

-- name: sequences_out_of_place
-- Returns the sequences with live enrollments that go by a sender which they do not name, or by none where they name some.
SELECT q.id
FROM sequences AS q
WHERE EXISTS (
  SELECT 1
  FROM enrollments AS e
  LEFT JOIN senders AS s ON s.id = e.sender_id
  WHERE e.sequence_id = q.id AND e.ended_at IS NULL
    AND (s.id IS NOT NULL OR EXISTS (SELECT 1 FROM sequence_senders AS any_named WHERE any_named.sequence_id = q.id))
    AND (s.id IS NULL OR s.status = 'archived' OR NOT EXISTS (
      SELECT 1 FROM sequence_senders AS named
      WHERE named.sequence_id = q.id AND (named.name = s.name OR named.name = s.pool)
    ))
)
ORDER BY q.id;

-- name: repair_missing
-- Writes the records that a person deleted back, as passed over, so that an enrollment has one for each of its steps.
INSERT INTO sequence_contacts
  (enrollment_id, sequence_id, lead_id, sender_id, contact_phone, sequence_stepid, current_step, status,
   next_trigger_time, planned_time, ended_at, reason_code)
SELECT e.id, e.sequence_id, e.lead_id, e.sender_id, l.phone, st.id, st.position, 'skipped',
  add_seconds(of.anchor, st.offset_seconds), add_seconds(of.anchor, st.offset_seconds), :now, 'deleted_by_hand'
FROM enrollments AS e
JOIN (SELECT id, coalesce(anchored_at, enrolled_at) AS anchor FROM enrollments) AS of ON of.id = e.id
JOIN leads AS l ON l.id = e.lead_id
JOIN steps AS st ON st.sequence_id = e.sequence_id AND st.version = e.version AND st.position >= e.first_step
WHERE e.archived_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM sequence_contacts AS r WHERE r.enrollment_id = e.id AND r.current_step = st.position
)
RETURNING id;

-- name: repair_passed_over
-- Skips what still waits for its turn although a person let a later step of its enrollment go first.
-- moves: pending -> skipped
UPDATE sequence_contacts
SET status = 'skipped', reason_code = 'skipped_by_hand', reason_facts = NULL, ended_at = coalesce((
  SELECT min(a.started_at) FROM sequence_contacts AS later JOIN attempts AS a ON a.record_id = later.id
  WHERE later.enrollment_id = sequence_contacts.enrollment_id AND later.current_step > sequence_contacts.current_step
), :now)
WHERE status = 'pending' AND EXISTS (
  SELECT 1 FROM sequence_contacts AS later
  WHERE later.enrollment_id = sequence_contacts.enrollment_id AND later.current_step > sequence_contacts.current_step
    AND later.status NOT IN ('pending', 'cancelled', 'skipped')
) AND NOT EXISTS (
  SELECT 1 FROM sequence_contacts AS earlier
  WHERE earlier.enrollment_id = sequence_contacts.enrollment_id
    AND earlier.current_step < sequence_contacts.current_step AND earlier.status IN ('active', 'sending', 'paused')
)
RETURNING id;

-- name: repair_paused
-- Pauses the enrollments of records that a person paused by themselves, so that they can be resumed.
UPDATE enrollments
SET paused_at = :now, pause_code = 'paused_by_hand', pause_facts = NULL
WHERE ended_at IS NULL AND paused_at IS NULL
  AND id IN (SELECT r.enrollment_id FROM sequence_contacts AS r WHERE r.status = 'paused')
RETURNING id;

-- name: repair_reasons
-- Gives records that a person made unknown without a word a reason.
UPDATE sequence_contacts SET reason_code = 'changed_by_hand' WHERE status = 'unknown' AND reason_code IS NULL RETURNING id;

-- name: repair_holds
-- Lets the hold of records that a person made unknown end now: then their sequences say how they go on.
UPDATE sequence_contacts
SET lease_until = :now
WHERE status = 'unknown' AND ended_at IS NULL AND lease_until IS NULL
  AND sequence_id NOT IN (SELECT s.id FROM sequences AS s WHERE s.on_unknown = 'hold')
RETURNING id;

-- name: repair_leases
-- Takes away leases and holds that a person gave to records that are not in flight: their end would be looked for for ever.
UPDATE sequence_contacts
SET lease_until = NULL
WHERE lease_until IS NOT NULL AND NOT (status = 'sending' OR (status = 'unknown' AND ended_at IS NULL))
RETURNING id;

-- name: repair_times_of_tries
-- Gives records that were tried before the time that a person wrote into them the time of that try.
UPDATE sequence_contacts
SET next_trigger_time = tried.started_at
FROM attempts AS tried
WHERE tried.record_id = id AND tried.number = attempt AND tried.started_at < next_trigger_time
  AND status IN ('sending', 'completed', 'failed', 'unknown')
RETURNING id;

-- name: repair_completions
-- Gives completed records whose completion a person moved before their time, or behind the next step's try, the time at
-- which they were taken.
UPDATE sequence_contacts
SET completed_at = taken.finished_at
FROM attempts AS taken
WHERE taken.record_id = sequence_contacts.id AND taken.outcome = 'accepted' AND status = 'completed'
  AND ((completed_at < next_trigger_time AND taken.finished_at > completed_at)
    OR (taken.finished_at < completed_at AND completed_at > (
      SELECT min(a.started_at) FROM sequence_contacts AS later JOIN attempts AS a ON a.record_id = later.id
      WHERE later.enrollment_id = sequence_contacts.enrollment_id
        AND later.current_step > sequence_contacts.current_step)))
RETURNING id;

-- name: repair_ends
-- Lets records that a person ended after a later step had been tried have ended before that.
UPDATE sequence_contacts
SET ended_at = (
  SELECT min(a.started_at) FROM sequence_contacts AS later JOIN attempts AS a ON a.record_id = later.id
  WHERE later.enrollment_id = sequence_contacts.enrollment_id AND later.current_step > sequence_contacts.current_step
)
WHERE ended_at > (
  SELECT min(a.started_at) FROM sequence_contacts AS later JOIN attempts AS a ON a.record_id = later.id
  WHERE later.enrollment_id = sequence_contacts.enrollment_id AND later.current_step > sequence_contacts.current_step
)
RETURNING id;

-- name: repair_early_completions
-- Lets records that were completed before their time have that as their time.
UPDATE sequence_contacts SET next_trigger_time = completed_at WHERE completed_at < next_trigger_time RETURNING id;

-- name: repair_unsent
-- Notes for completed records that were never handed to a provider that a person completed them.
INSERT INTO attempts (record_id, number, worker, started_at, finished_at, outcome, provider_id, sender_id)
SELECT r.id, 1 + coalesce((SELECT max(a.number) FROM attempts AS a WHERE a.record_id = r.id), r.attempt), 'by hand',
  r.completed_at, r.completed_at, 'accepted', 'completed by hand', r.sender_id
FROM sequence_contacts AS r
WHERE r.status = 'completed' AND NOT EXISTS (
  SELECT 1 FROM attempts AS a WHERE a.record_id = r.id AND coalesce(a.outcome, 'unknown') IN ('accepted', 'unknown')
)
RETURNING record_id AS id;

-- name: repair_calendar
-- Gives records the planned time that their enrollment's calendar says; when they go is left as it is.
UPDATE sequence_contacts
SET planned_time = plan.due_at
FROM (
  SELECT r.id AS record_id, add_seconds(e.anchor, st.offset_seconds) AS due_at
  FROM sequence_contacts AS r
  JOIN (SELECT id, coalesce(anchored_at, enrolled_at) AS anchor FROM enrollments) AS e ON e.id = r.enrollment_id
  JOIN steps AS st ON st.id = r.sequence_stepid
  WHERE r.planned_time <> add_seconds(e.anchor, st.offset_seconds)
) AS plan
WHERE id = plan.record_id
RETURNING id;

-- name: repair_moves
-- Notes for records whose time or try is before the planned time, and of which no move says why, that a person did it.
INSERT INTO record_moves (record_id, moved_at, moved_to, reason_code)
SELECT r.id, :now, coalesce((
  SELECT min(a.started_at) FROM attempts AS a WHERE a.record_id = r.id AND a.started_at < r.next_trigger_time
), r.next_trigger_time), 'changed_by_hand'
FROM sequence_contacts AS r
WHERE (r.next_trigger_time < r.planned_time AND NOT EXISTS (
    SELECT 1 FROM record_moves AS m WHERE m.record_id = r.id AND m.moved_to <= r.next_trigger_time))
  OR EXISTS (
    SELECT 1 FROM attempts AS a WHERE a.record_id = r.id AND a.started_at < r.planned_time AND NOT EXISTS (
      SELECT 1 FROM record_moves AS m WHERE m.record_id = r.id AND m.moved_to <= a.started_at))
RETURNING record_id AS id;

-- name: repair_leads
-- Gives records back to the lead of their enrollment.
UPDATE sequence_contacts
SET lead_id = own.lead
FROM (SELECT e.id AS of_enrollment, e.lead_id AS lead FROM enrollments AS e) AS own
WHERE enrollment_id = own.of_enrollment AND lead_id <> own.lead
RETURNING id;

-- name: repair_loads
-- Counts what each sender has to look after.
UPDATE sender_loads
SET live = counted.many
FROM (
  SELECT l.sender_id AS of_sender, count(e.id) AS many
  FROM sender_loads AS l
  LEFT JOIN enrollments AS e ON e.sender_id = l.sender_id AND e.ended_at IS NULL
  GROUP BY l.sender_id
) AS counted
WHERE sender_id = counted.of_sender AND live <> counted.many
RETURNING sender_id AS id;

-- name: repair_dangling_tries
-- Deletes the tries at records whose lead or enrollment was deleted, where foreign keys were switched off.
DELETE FROM attempts WHERE record_id IN (
  SELECT r.id FROM sequence_contacts AS r
  LEFT JOIN enrollments AS e ON e.id = r.enrollment_id LEFT JOIN leads AS l ON l.id = r.lead_id
  WHERE e.id IS NULL OR l.id IS NULL);

-- name: repair_dangling_moves
-- Deletes the moves of those records.
DELETE FROM record_moves WHERE record_id IN (
  SELECT r.id FROM sequence_contacts AS r
  LEFT JOIN enrollments AS e ON e.id = r.enrollment_id LEFT JOIN leads AS l ON l.id = r.lead_id
  WHERE e.id IS NULL OR l.id IS NULL);

-- name: repair_dangling_settlements
-- Deletes as what those records were settled.
DELETE FROM settlements WHERE record_id IN (
  SELECT r.id FROM sequence_contacts AS r
  LEFT JOIN enrollments AS e ON e.id = r.enrollment_id LEFT JOIN leads AS l ON l.id = r.lead_id
  WHERE e.id IS NULL OR l.id IS NULL);

-- name: repair_dangling
-- Deletes those records.
DELETE FROM sequence_contacts WHERE id IN (
  SELECT r.id FROM sequence_contacts AS r
  LEFT JOIN enrollments AS e ON e.id = r.enrollment_id LEFT JOIN leads AS l ON l.id = r.lead_id
  WHERE e.id IS NULL OR l.id IS NULL)
RETURNING id;

-- name: leads_that_are_gone
-- Returns the leads that enrollments or triggers name and that are not there.
SELECT e.lead_id AS id FROM enrollments AS e LEFT JOIN leads AS l ON l.id = e.lead_id WHERE l.id IS NULL
UNION
SELECT t.lead_id FROM lead_triggers AS t LEFT JOIN leads AS l ON l.id = t.lead_id WHERE l.id IS NULL;

-- name: repair_addresses
-- Unsets the addresses of live enrollments that send elsewhere: the next pass writes down where.
UPDATE enrollments SET address = NULL WHERE id IN (
  SELECT e.id
  FROM enrollments AS e
  JOIN sequences AS s ON s.id = e.sequence_id
  JOIN leads AS l ON l.id = e.lead_id
  WHERE e.ended_at IS NULL AND e.leaving_code IS NULL AND e.address <> address_of(s, l))
RETURNING id;
