-- Waits in days by the leads' wall clocks: records are written as if no clocks changed, and moved where they do.

-- name: newcomers_by_place
-- Returns where the newcomers above an enrollment id are, by what tells it, of versions with a wait in days.
SELECT e.sequence_id, e.version, l.zone, substr(l.phone, 1, 3) AS digits, s.zone AS sequence_zone,
  w.zone AS workspace_zone
FROM enrollments AS e
JOIN sequences AS s ON s.id = e.sequence_id
JOIN leads AS l ON l.id = e.lead_id
JOIN workspace AS w ON w.id = 1
WHERE is_newcomer(e) AND EXISTS (
  SELECT 1 FROM steps AS st WHERE st.sequence_id = e.sequence_id AND st.version = e.version AND st.after_days > 0
)
GROUP BY e.sequence_id, e.version, l.zone, substr(l.phone, 1, 3), s.zone, w.zone;

-- name: newcomers_of_places
-- Returns the newcomers of places, each a list of the sequence, the version, the lead's own zone and first digits.
SELECT e.id, e.sequence_id, e.version, l.zone, l.phone, s.zone AS sequence_zone, w.zone AS workspace_zone
FROM (
  SELECT CAST(value ->> 'sequence' AS bigint) AS sequence_id, CAST(value ->> 'version' AS integer) AS version,
    value ->> 'zone' AS zone, value ->> 'digits' AS digits
  FROM json_each(:places)
) AS place
JOIN enrollments AS e ON e.sequence_id = place.sequence_id AND e.version = place.version AND is_newcomer(e)
JOIN sequences AS s ON s.id = e.sequence_id
JOIN leads AS l ON l.id = e.lead_id AND coalesce(l.zone, '') = coalesce(place.zone, '')
  AND coalesce(substr(l.phone, 1, 3), '') = coalesce(place.digits, '')
JOIN workspace AS w ON w.id = 1
ORDER BY e.id;

-- name: waits_of_version
-- Returns the waits of a version's steps, in order.
SELECT position, after_seconds, after_days, tells_days FROM steps
WHERE sequence_id = :sequence_id AND version = :version
ORDER BY position;

-- name: shift_records
-- Moves the records of enrollments, keyed by id with their group, by what each group's steps come later.
UPDATE sequence_contacts
SET planned_time = add_seconds(planned_time, shifted.seconds),
  next_trigger_time = add_seconds(next_trigger_time, shifted.seconds)
FROM (
  SELECT CAST(given.key AS bigint) AS of_enrollment, CAST(shift.value ->> 'position' AS integer) AS at_position,
    CAST(shift.value ->> 'seconds' AS bigint) AS seconds
  FROM json_each(:enrollments) AS given
  JOIN json_each(:shifts) AS shift ON shift.value ->> 'place' = given.value ->> 'place'
) AS shifted
WHERE enrollment_id = shifted.of_enrollment AND current_step = shifted.at_position;
