-- Tallies: how many records, enrollments and leads stand where, by hour, and what steps led to, kept by triggers (the
-- migrations 0001 and 0007) and read here. `step` is a step's id; 0 stands for enrollments and leads.

-- name: tally_waits
-- Returns whether a change waits to be folded into the tallies; on SQLite none ever does.
SELECT 1 FROM tally_changes LIMIT 1;

-- name: lock_folding
-- Locks out whoever else folds; returns nothing where somebody does.
SELECT f.id FROM folding AS f /* lock f, skip locked */;

-- name: wait_for_folding
-- Waits for whoever folds.
SELECT f.id FROM folding AS f /* lock f */;

-- name: take_tally_changes
-- Takes a batch of changes out, the oldest first.
DELETE FROM tally_changes
WHERE id IN (SELECT c.id FROM tally_changes AS c ORDER BY c.id LIMIT :most)
RETURNING sequence_id, step, status, hour, many;

-- name: take_old_tallies
-- Takes the tallies of a few hours before an instant out, the oldest first, found by the index tallies_by_hour; what is
-- of long ago already stays.
DELETE FROM tallies
WHERE hour IN (
  SELECT DISTINCT t.hour FROM tallies AS t WHERE t.hour > :long_ago AND t.hour < :before ORDER BY t.hour LIMIT :most
)
RETURNING sequence_id, step, status, hour, many;

-- name: drop_empty_tallies
-- Deletes the tallies of hours before an instant that have come down to none.
DELETE FROM tallies WHERE many = 0 AND hour < :before;

-- name: add_tallies
-- Adds to tallies, keyed by anything; `hour` in seconds after the first hour there is. In one order, so that no two wait
-- for each other.
INSERT INTO tallies (sequence_id, step, status, hour, many)
SELECT given.sequence_id, given.step, given.status, add_seconds(:long_ago, given.hour), given.many
FROM (
  SELECT CAST(value ->> 'sequence_id' AS bigint) AS sequence_id, CAST(value ->> 'step' AS integer) AS step,
    value ->> 'status' AS status, CAST(value ->> 'hour' AS bigint) AS hour, CAST(value ->> 'many' AS bigint) AS many
  FROM json_each(:tallies)
) AS given
WHERE true
ORDER BY 1, 2, 3, 4
ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = tallies.many + excluded.many;

-- name: tally_totals
-- Sums up the tallies of each step, whatever the hour, and beside them the changes: each in the order in which it is
-- kept, so that it costs the hours that are kept, not what is stored. Without the records of leads that went over to
-- another version: these have others instead.
SELECT sequence_id, step, status, CAST(sum(many) AS bigint) AS many FROM tallies
WHERE step = 0 OR status <> 'moved'
GROUP BY sequence_id, step, status
UNION ALL
SELECT sequence_id, step, status, CAST(sum(many) AS bigint) FROM tally_changes
WHERE step = 0 OR status <> 'moved'
GROUP BY sequence_id, step, status;

-- name: tally_hours
-- Sums up the tallies of records hour by hour, from one to before another, and beside them the changes. `kept` are the
-- sequences, steps and statuses that there are: of each, its hours stand in a row. (Measured on 34,000 tallies: a third
-- of the time that an index by hour takes.)
WITH kept AS MATERIALIZED (SELECT * FROM rows_of(:kept, sequence_id bigint, step integer, status text))
SELECT t.hour, t.status, CAST(sum(t.many) AS bigint) AS many
FROM kept
CROSS JOIN tallies AS t
WHERE t.sequence_id = kept.sequence_id AND t.step = kept.step AND t.status = kept.status
  AND t.hour >= :since AND t.hour < :until AND t.many <> 0
GROUP BY t.hour, t.status
UNION ALL
SELECT hour, status, CAST(sum(many) AS bigint) FROM tally_changes
WHERE hour >= :since AND hour < :until AND step > 0 AND status <> 'moved'
GROUP BY hour, status;

-- name: tally_before
-- Sums up the tallies of active records of all hours before one, and beside them the changes: they are due. `kept` are
-- the sequences, steps and statuses that there are of these.
WITH kept AS MATERIALIZED (SELECT * FROM rows_of(:kept, sequence_id bigint, step integer, status text))
SELECT CAST(coalesce(sum(t.many), 0) AS bigint) AS many
FROM kept
CROSS JOIN tallies AS t
WHERE t.sequence_id = kept.sequence_id AND t.step = kept.step AND t.status = kept.status AND t.hour < :hour
UNION ALL
SELECT CAST(coalesce(sum(many), 0) AS bigint) FROM tally_changes WHERE status = 'active' AND hour < :hour;

-- name: due_since
-- Returns since when something is due, by the index active_records: its cost is one look.
SELECT next_trigger_time AS since FROM sequence_contacts
WHERE status = 'active' AND next_trigger_time <= :now
ORDER BY next_trigger_time, id
LIMIT 1;

-- name: due_in_hour
-- Counts what became due in an hour until now, up to a number, by the index active_records.
SELECT count(*) AS many FROM (
  SELECT 1 FROM sequence_contacts
  WHERE status = 'active' AND next_trigger_time >= :hour AND next_trigger_time <= :now
  LIMIT :most
) AS due;

-- name: steps_in_use
-- Returns every sequence, the oldest first, with the number of steps of its newest version.
SELECT s.id, s.name, s.deleted_at, (SELECT count(*) FROM steps AS st WHERE st.sequence_id = s.id AND st.version = s.version) AS steps
FROM sequences AS s
ORDER BY s.id;

-- name: steps_of_every_version
-- Returns the steps of every version of one sequence, or of all, in their order: those of the newest version last, and
-- what each is known by in every version.
SELECT st.id, st.sequence_id, st.position, coalesce(st.step_key, CAST(st.position AS text)) AS step_key,
  st.version = s.version AS is_newest, st.message, st.subject
FROM steps AS st
JOIN sequences AS s ON s.id = st.sequence_id
WHERE CAST(:sequence AS bigint) IS NULL OR s.id = :sequence
ORDER BY st.sequence_id, st.version, st.position;
