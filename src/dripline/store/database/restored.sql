-- A database that was put back from a backup: whatever became due since then may have gone already.

-- name: passes
-- Returns which database this is, how many passes it knows of, when the last one was, and why everything is paused.
-- Locked: a count that another process wrote meanwhile would be written over, and look like a copy to that one.
SELECT w.identity, w.passes, w.passed_at, w.pause_code, w.pause_facts FROM workspace AS w /* lock w */;

-- name: count_pass
-- Notes that a processor looks at this database.
UPDATE workspace SET identity = :identity, passes = :passes, passed_at = :now;

-- name: pause_copy
-- Notes that this database was seen to be a copy, and pauses everything for that, also where it was paused before.
UPDATE workspace
SET copied_at = :now, paused_at = coalesce(paused_at, :now), pause_code = :code, pause_facts = :facts;

-- name: put_back_pause
-- Lets the pause stand alone that had been given before a copy was seen.
UPDATE workspace SET pause_code = :code, pause_facts = :facts WHERE paused_at IS NOT NULL;

-- name: leap_passes
-- Counts more passes than any process has counted beside this database.
UPDATE workspace SET passes = passes + :leap;

-- name: settle_copy
-- Notes that a person said what becomes of the copy; returns whether it had been seen to be one.
UPDATE workspace SET copied_at = NULL WHERE copied_at IS NOT NULL RETURNING id;

-- name: system
-- Returns what a PostgreSQL server calls itself, this database and a table of it: a copy elsewhere has another one, and
-- so has one that was restored in the same place, whose tables were made again.
SELECT CAST(system_identifier AS text)
  || ':' || (SELECT CAST(oid AS text) FROM pg_database WHERE datname = current_database())
  || ':' || CAST(CAST('workspace' AS regclass) AS oid) AS identity
FROM pg_control_system();

-- name: count_suspects
-- Counts the records that may have gone since the backup, and those of them that are next to go.
SELECT count(*) AS records, coalesce(sum(CASE WHEN r.status IN ('active', 'sending') THEN 1 ELSE 0 END), 0) AS current
FROM sequence_contacts AS r
WHERE (r.status IN ('pending', 'active', 'paused') AND r.next_trigger_time <= :now) OR r.status = 'sending';

-- name: suspect_later
-- Marks the records that were due since the backup, whatever comes before them: once they are next, nobody knows
-- whether they went.
UPDATE sequence_contacts
SET suspected_at = :now
WHERE status IN ('pending', 'active', 'paused') AND next_trigger_time <= :now OR status = 'sending';

-- name: take_suspects
-- Takes the suspected records that are next to go for a worker that sends nothing.
-- moves: active -> sending
UPDATE sequence_contacts
SET status = 'sending', attempt = attempt + 1, worker = :worker, lease_until = :now, begun_at = NULL
WHERE suspected_at IS NOT NULL AND (status = 'active' OR (status = 'sending' AND worker <> :worker))
RETURNING id;

-- name: take_suspected
-- Takes the given records that are suspected and became next to go, for a worker that sends nothing.
-- moves: active -> sending
UPDATE sequence_contacts
SET status = 'sending', attempt = attempt + 1, worker = :worker, lease_until = :now,
  next_trigger_time = CASE WHEN next_trigger_time > :now THEN :now ELSE next_trigger_time END
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'active' AND suspected_at IS NOT NULL
RETURNING id;

-- name: begun_after_suspects
-- Returns the enrollments above an id whose leads have just ended one in which records are suspected, settled as sent or
-- left unknown: since when, and when the last of those was due. Of one that is sent again it is known that it had not
-- gone.
SELECT e.id, max(r.suspected_at) AS suspected_at, max(r.next_trigger_time) AS was_due
FROM json_each(:ended) AS given
JOIN enrollments AS done ON done.id = CAST(given.key AS bigint)
JOIN sequence_contacts AS r ON r.enrollment_id = done.id AND r.suspected_at IS NOT NULL
  AND r.status IN ('completed', 'unknown')
JOIN enrollments AS e ON e.lead_id = done.lead_id AND is_newcomer(e)
GROUP BY e.id;

-- name: begin_followers_earlier
-- Lets enrollments that began anew count from so many seconds before: when the run before them may have ended.
UPDATE enrollments
SET anchored_at = add_seconds(begun.began, begun.seconds)
FROM (
  SELECT e.id AS of_enrollment, coalesce(e.anchored_at, e.enrolled_at) AS began,
    CAST(given.value ->> 'shift' AS bigint) AS seconds
  FROM json_each(:followers) AS given JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
) AS begun
WHERE id = begun.of_enrollment;

-- name: suspect_followers
-- Gives the records of enrollments that began anew the times that they may have had before, and marks those that may
-- have gone then: up to so many seconds from now.
UPDATE sequence_contacts
SET planned_time = add_seconds(planned_time, begun.shift), next_trigger_time = add_seconds(next_trigger_time, begun.shift),
  suspected_at = CASE WHEN next_trigger_time <= add_seconds(:now, begun.seconds) THEN :now END
FROM (
  SELECT CAST(key AS bigint) AS of_enrollment, CAST(value ->> 'seconds' AS bigint) AS seconds,
    CAST(value ->> 'shift' AS bigint) AS shift
  FROM json_each(:followers)
) AS begun
WHERE enrollment_id = begun.of_enrollment AND status IN ('pending', 'active')
RETURNING id;

-- name: lose_suspects
-- Leaves suspected records unknown until a person decides about them.
-- moves: sending -> unknown
UPDATE sequence_contacts
SET status = 'unknown', reason_code = :code, reason_facts = :facts, lease_until = NULL, begun_at = NULL
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'sending' AND worker = :worker;
