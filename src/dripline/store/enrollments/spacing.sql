-- Spacing: what keeps two messages of one enrollment from going closer together than half of the wait between them. A
-- settlement knows its steps' places and moves calendars itself; what ended in any other way is looked up here.

-- name: went_late
-- Returns those of the given records that went, or may have gone, and where their enrollments stand still: when, and
-- what their sequence says of late steps.
SELECT r.id, r.enrollment_id, r.current_step, r.planned_time, e.moved_seconds, s.when_late, s.late_grace_seconds,
  coalesce(r.completed_at, (
    SELECT max(a.started_at) FROM attempts AS a WHERE a.record_id = r.id AND coalesce(a.outcome, 'unknown') = 'unknown'
  )) AS went_at, (
    SELECT min(f.planned_time) FROM sequence_contacts AS f
    WHERE f.enrollment_id = r.enrollment_id AND f.planned_time > r.planned_time
  ) AS next_planned_time
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN enrollments AS e ON e.id = r.enrollment_id
JOIN sequences AS s ON s.id = r.sequence_id
WHERE s.when_late = 'respace' AND r.status IN ('completed', 'unknown') AND NOT EXISTS (
  SELECT 1 FROM sequence_contacts AS f
  WHERE f.enrollment_id = r.enrollment_id AND f.current_step > r.current_step AND f.status <> 'pending'
);

-- name: sent_before
-- Returns the given records of sequences that keep their distance, each with every message of its run before it that
-- went or may have gone, also before the run went over to another version.
SELECT r.id, r.next_trigger_time, r.planned_time, e.moved_seconds, s.when_late,
  p.current_step AS sent_step, p.planned_time AS sent_planned_time,
  coalesce(p.completed_at, (
    SELECT max(a.started_at) FROM attempts AS a WHERE a.record_id = p.id AND coalesce(a.outcome, 'unknown') = 'unknown'
  )) AS sent_at
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint) AND r.status = 'active'
JOIN enrollments AS e ON e.id = r.enrollment_id
JOIN sequences AS s ON s.id = r.sequence_id AND s.when_late <> 'keep'
JOIN enrollments AS run ON run.lead_id = e.lead_id AND run.sequence_id = e.sequence_id
  AND run.enrolled_at = e.enrolled_at AND run.id <= e.id
LEFT JOIN sequence_contacts AS p ON p.enrollment_id = run.id AND p.status IN ('completed', 'unknown')
  AND (run.id < e.id OR p.current_step < r.current_step)
ORDER BY r.id;

-- name: hold_back
-- Moves active records, keyed by id, to `delay` seconds from now.
UPDATE sequence_contacts
SET next_trigger_time = add_seconds(:now, held.delay)
FROM (
  SELECT CAST(key AS bigint) AS held_record, CAST(value ->> 'delay' AS bigint) AS delay FROM json_each(:records)
) AS held
WHERE id = held.held_record AND status = 'active';
