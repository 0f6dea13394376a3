-- Editing a live sequence: who stands where in which version, and going over to another one. An enrollment that goes
-- over ends, and a successor of the new version begins where it stood. Moves are keyed by the enrollment that ends;
-- their instants are seconds from the one that they were planned at.

-- name: crowds
-- Counts a sequence's live enrollments by version and next step, and how many of them are being sent, or were tried
-- without anybody knowing yet what came of it.
SELECT e.version, r.current_step, count(*) AS live,
  count(CASE WHEN r.status IN ('sending', 'unknown') OR EXISTS (
    SELECT 1 FROM attempts AS a WHERE a.record_id = r.id AND (a.outcome IS NULL OR a.outcome = 'unknown')
  ) THEN 1 END) AS in_flight
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
  AND (r.status IN ('active', 'sending', 'paused') OR (r.status = 'unknown' AND r.ended_at IS NULL))
WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL
GROUP BY e.version, r.current_step
ORDER BY e.version, r.current_step;

-- name: steps_of_versions
-- Returns the steps of several versions of a sequence, each version's in order.
SELECT version, position, after_seconds, after_days, tells_days, message, subject, time_window, content, step_key
FROM steps
WHERE sequence_id = :sequence_id AND version IN (SELECT CAST(key AS integer) FROM json_each(:versions))
ORDER BY version, position;

-- name: known_steps
-- Returns every step that a sequence ever had, as its newest version with it has it.
SELECT st.step_key, st.after_seconds, st.after_days, st.tells_days, st.message, st.subject, st.time_window, st.content
FROM steps AS st
WHERE st.sequence_id = :sequence_id AND st.step_key IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM steps AS later
  WHERE later.sequence_id = st.sequence_id AND later.step_key = st.step_key AND later.version > st.version
)
ORDER BY st.version, st.position;

-- name: standings
-- Returns the live enrollments that stand at one of the given places, keyed "version:step" with the first step that they
-- would go on with, and are not in flight; and whether one of the wanted steps still ahead, keyed by position with the ids
-- that they have now, was sent in an enrollment that this one followed; and whether a person gave it its time.
SELECT e.id, e.lead_id, coalesce(l.phone, l.email) AS address, e.version, coalesce(e.anchored_at, e.enrolled_at) AS anchor,
  e.moved_seconds, r.current_step, r.status, r.next_trigger_time, (
    SELECT max(p.completed_at)
    FROM enrollments AS run
    JOIN sequence_contacts AS p ON p.enrollment_id = run.id
    WHERE run.lead_id = e.lead_id AND run.sequence_id = e.sequence_id AND run.enrolled_at = e.enrolled_at
      AND run.id <= e.id
  ) AS sent_at,
  e.anchored_at IS NOT NULL AND EXISTS (
    SELECT 1
    FROM enrollments AS followed
    JOIN sequence_contacts AS had ON had.enrollment_id = followed.id AND had.status IN ('completed', 'unknown')
    JOIN steps AS st ON st.id = had.sequence_stepid
    JOIN json_each(:wanted) AS ahead ON CAST(ahead.key AS integer) >= place.first_step
      AND ahead.value ->> 'step_key' = st.step_key
    WHERE followed.lead_id = e.lead_id AND followed.sequence_id = e.sequence_id
      AND followed.enrolled_at = e.enrolled_at AND followed.id < e.id
  ) AS gets_again,
  EXISTS (
    SELECT 1 FROM record_moves AS m
    WHERE m.record_id = r.id AND m.moved_to = r.next_trigger_time AND m.reason_code = 'rescheduled_by_person'
  ) AS is_by_person
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id AND r.status IN ('active', 'paused')
JOIN leads AS l ON l.id = e.lead_id
JOIN (
  SELECT key AS at, CAST(value ->> 'first_step' AS integer) AS first_step FROM json_each(:places)
) AS place ON place.at = CAST(e.version AS text) || ':' || CAST(r.current_step AS text)
WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL AND e.leaving_code IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM attempts AS a WHERE a.record_id = r.id AND (a.outcome IS NULL OR a.outcome = 'unknown')
  )
ORDER BY e.id;

-- name: leave_standing
-- Cancels the records at which enrollments stand that go over, if they still stand there as it was planned; one that
-- was claimed, sent, moved, paused or ended since is passed over.
-- moves: active -> cancelled
-- moves: paused -> cancelled
UPDATE sequence_contacts
SET status = 'cancelled', ended_at = :now, reason_code = going.code, reason_facts = going.facts,
  went_over = 1
FROM (
  SELECT e.id AS going_enrollment, CAST(given.value ->> 'step' AS integer) AS step,
    given.value ->> 'status' AS standing_status, CAST(given.value ->> 'time' AS bigint) AS seconds,
    given.value ->> 'code' AS code, given.value ->> 'facts' AS facts
  FROM json_each(:moves) AS given
  JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
  WHERE e.ended_at IS NULL AND e.leaving_code IS NULL AND e.moved_seconds = CAST(given.value ->> 'had_moved' AS bigint)
) AS going
WHERE enrollment_id = going.going_enrollment AND current_step = going.step
  AND status IN ('active', 'paused') AND status = going.standing_status
  AND next_trigger_time = add_seconds(:planned_at, going.seconds)
  AND NOT EXISTS (
    SELECT 1 FROM attempts AS a
    WHERE a.record_id = sequence_contacts.id AND (a.outcome IS NULL OR a.outcome = 'unknown')
  )
RETURNING enrollment_id;

-- name: cancel_left_behind
-- Cancels what is left of enrollments that go over, keyed by id, each with its reason: their successors have it.
-- moves: pending -> cancelled
UPDATE sequence_contacts
SET status = 'cancelled', ended_at = :now, reason_code = given.code, reason_facts = given.facts,
  went_over = 1
FROM (
  SELECT CAST(key AS bigint) AS given_enrollment, value ->> 'code' AS code, value ->> 'facts' AS facts
  FROM json_each(:enrollments)
) AS given
WHERE enrollment_id = given.given_enrollment AND status = 'pending';

-- name: write_successors
-- Writes the enrollments that follow those that went over: same lead, sender, group and pause, another version.
INSERT INTO enrollments
  (sequence_id, version, lead_id, enrolled_at, anchored_at, first_step, moved_seconds, sender_id, exclusive_group,
  address, paused_at, pause_code, pause_facts, import_id)
SELECT e.sequence_id, CAST(:version AS integer), e.lead_id, e.enrolled_at, add_seconds(:planned_at, going.anchor),
  going.first_step, going.moved, e.sender_id, e.exclusive_group, e.address,
  e.paused_at, e.pause_code, e.pause_facts, e.import_id
FROM (
  SELECT CAST(key AS bigint) AS enrollment_id, CAST(value ->> 'anchor' AS bigint) AS anchor,
    CAST(value ->> 'first_step' AS integer) AS first_step, CAST(value ->> 'moved' AS bigint) AS moved
  FROM json_each(:moves)
) AS going
JOIN enrollments AS e ON e.id = going.enrollment_id
ORDER BY e.id;

-- name: write_successor_records
-- Writes the records of successors from their first step on: that one at its named time, as active or paused as the
-- one that it follows was, the others pending, each at its own time. The + keeps SQLite from reading the enrollments of
-- the sequence in the order of an index, and all moves for each of them; they are found by their leads.
INSERT INTO sequence_contacts
  (enrollment_id, sequence_id, lead_id, sender_id, contact_phone, sequence_stepid, current_step, status,
   next_trigger_time, planned_time, reason_code, reason_facts)
SELECT e.id, e.sequence_id, e.lead_id, e.sender_id, l.phone, st.id, st.position,
  CASE WHEN st.position = e.first_step THEN going.standing_status ELSE 'pending' END,
  CASE WHEN st.position = e.first_step THEN add_seconds(:planned_at, going.seconds)
    ELSE add_seconds(e.anchored_at, st.offset_seconds + e.moved_seconds) END,
  add_seconds(e.anchored_at, st.offset_seconds),
  CASE WHEN st.position > e.first_step THEN NULL
    WHEN going.standing_status = 'paused' THEN e.pause_code ELSE going.spread_code END,
  CASE WHEN st.position > e.first_step THEN NULL
    WHEN going.standing_status = 'paused' THEN e.pause_facts ELSE going.spread_facts END
FROM (
  SELECT CAST(value ->> 'lead_id' AS bigint) AS lead_id, value ->> 'status' AS standing_status,
    CAST(value ->> 'new_time' AS bigint) AS seconds, value ->> 'spread_code' AS spread_code,
    value ->> 'spread_facts' AS spread_facts
  FROM json_each(:moves)
) AS going
JOIN enrollments AS e ON e.sequence_id = :sequence_id AND e.lead_id = going.lead_id AND e.ended_at IS NULL
JOIN leads AS l ON l.id = e.lead_id
JOIN steps AS st ON st.sequence_id = e.sequence_id AND st.version = e.version AND st.position >= e.first_step
ORDER BY +e.id, st.position;

-- name: note_spreads
-- Notes which first records of successors were moved, since the new version would have made them overdue, or keep the
-- time that a person gave them.
INSERT INTO record_moves (record_id, moved_at, moved_to, reason_code, reason_facts)
SELECT r.id, :now, r.next_trigger_time, going.spread_code, going.spread_facts
FROM (
  SELECT CAST(value ->> 'lead_id' AS bigint) AS lead_id, value ->> 'spread_code' AS spread_code,
    value ->> 'spread_facts' AS spread_facts
  FROM json_each(:moves)
) AS going
JOIN enrollments AS e ON e.sequence_id = :sequence_id AND e.lead_id = going.lead_id AND e.ended_at IS NULL
JOIN sequence_contacts AS r ON r.enrollment_id = e.id AND r.current_step = e.first_step
WHERE going.spread_code IS NOT NULL
ORDER BY r.id;

-- name: keep_steps_paused
-- Pauses the steps of a new version that are paused in the version before and say the same: they were refused.
UPDATE steps
SET pause_code = paused.code, pause_facts = paused.facts
FROM (
  SELECT st.step_key AS refused_key, st.message AS refused_message, st.subject AS refused_subject,
    st.content AS refused_content, st.pause_code AS code, st.pause_facts AS facts
  FROM steps AS st
  WHERE st.sequence_id = :sequence_id AND st.version = :base_version AND st.pause_code IS NOT NULL
) AS paused
WHERE sequence_id = :sequence_id AND version = :version AND step_key = paused.refused_key
  AND message = paused.refused_message AND content = paused.refused_content
  AND (subject = paused.refused_subject OR (subject IS NULL AND paused.refused_subject IS NULL));
