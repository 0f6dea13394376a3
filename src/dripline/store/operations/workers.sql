-- Processors: presence only. No promise rests on these rows; claims and leases hold without them.

-- name: enter_worker
-- Makes a processor known.
INSERT INTO workers (id, host, process_id, version, started_at, seen_at)
VALUES (:worker, :host, :process_id, :version, :now, :now)
ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at, seen_at = excluded.seen_at, stopped_at = NULL;

-- name: see_worker
-- Notes that a processor is there.
UPDATE workers SET seen_at = :now WHERE id = :worker;

-- name: leave_worker
-- Notes that a processor has stopped.
UPDATE workers SET seen_at = :now, stopped_at = :now WHERE id = :worker;

-- name: workers_present
-- Returns the processors that have been seen since an instant and have not stopped, the longest there first; a sign of
-- a time that has not come is none.
SELECT id, host, process_id, version, started_at, seen_at
FROM workers
WHERE stopped_at IS NULL AND seen_at >= :since AND seen_at <= :soon
ORDER BY started_at, id;

-- name: passed_since
-- Returns whether a pass was made since an instant.
SELECT w.id FROM workspace AS w WHERE w.passed_at >= :since;
