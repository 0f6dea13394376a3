-- What the calendar is made of: tallies by sequence, step and hour, and what bounds them. Nothing here writes.

-- name: calendar_sequences
-- Returns every sequence that is not archived, with its hours and the number of its steps.
SELECT s.id, s.name, s.zone, s.time_window, s.paused_at,
  (SELECT count(*) FROM steps AS st WHERE st.sequence_id = s.id AND st.version = s.version) AS steps
FROM sequences AS s
WHERE s.archived_at IS NULL
ORDER BY s.name;

-- name: calendar_steps
-- Returns the steps of the newest versions that have hours of their own, and all that are stopped.
SELECT st.sequence_id, st.position, st.time_window, st.pause_code
FROM steps AS st
JOIN sequences AS q ON q.id = st.sequence_id
WHERE st.pause_code IS NOT NULL OR (st.version = q.version AND st.time_window IS NOT NULL);

-- name: calendar_senders
-- Returns the senders by which messages of sequences go, with their lanes and loads.
SELECT DISTINCT named.sequence_id, s.id, s.name, s.pace, s.free_at, s.turn, s.first_sent_at, s.hour_counts, s.day_counts,
  s.failures, s.trips, s.is_trying, s.slow, s.wait_code, s.wait_facts, s.status, l.live
FROM sequence_senders AS named
JOIN senders AS s ON named.name = s.name OR named.name = s.pool
JOIN sender_loads AS l ON l.sender_id = s.id
WHERE s.status <> 'archived'
ORDER BY named.sequence_id, s.id;

-- name: tally_places
-- Sums up the tallies of records by sequence, step, status and hour, from one hour to before another, and beside them the
-- changes. `kept` are the sequences, steps and statuses that are asked for: of each, its hours stand in a row. `step` is a
-- step's id there, and its place in what is returned.
WITH kept AS MATERIALIZED (SELECT * FROM rows_of(:kept, sequence_id bigint, step integer, status text))
SELECT t.sequence_id, st.position AS step, t.status, t.hour, t.many
FROM kept
CROSS JOIN tallies AS t
JOIN steps AS st ON st.id = t.step
WHERE t.sequence_id = kept.sequence_id AND t.step = kept.step AND t.status = kept.status
  AND t.hour >= :since AND t.hour < :until AND t.many <> 0
UNION ALL
SELECT c.sequence_id, st.position, c.status, c.hour, CAST(sum(c.many) AS bigint) AS many
FROM tally_changes AS c
JOIN steps AS st ON st.id = c.step
WHERE c.hour >= :since AND c.hour < :until AND c.step > 0
GROUP BY c.sequence_id, st.position, c.status, c.hour;
