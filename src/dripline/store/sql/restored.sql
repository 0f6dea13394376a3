-- A database that was put back from a backup: whatever became due since then may have gone already.

-- name: passes
-- Returns which database this is, how many passes it knows of, and when the last one was.
SELECT w.identity, w.passes, w.passed_at FROM workspace AS w;

-- name: count_pass
-- Notes that a processor looks at this database.
UPDATE workspace SET identity = :identity, passes = :passes, passed_at = :now;

-- name: note_copy
-- Notes that this database was seen to be a copy.
UPDATE workspace SET copied_at = :now;

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
SET status = 'sending', attempt = attempt + 1, worker = :worker, lease_until = :now
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

-- name: lose_suspects
-- Leaves suspected records unknown until a person decides about them.
-- moves: sending -> unknown
UPDATE sequence_contacts
SET status = 'unknown', reason_code = :code, reason_facts = :facts, lease_until = NULL
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'sending' AND worker = :worker;
