-- Who has finished a sequence to which steps are appended: they get those where somebody asks for it.

-- name: count_finished
-- Counts the leads whose last run of a sequence came to its end, by the version that it was of. Of which steps were sent
-- in runs whose records were removed nobody knows: those never go on.
SELECT e.version, count(*) AS many
FROM enrollments AS e
WHERE e.sequence_id = :sequence_id AND e.end_code = 'completed' AND e.archived_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM enrollments AS later
  WHERE later.sequence_id = e.sequence_id AND later.lead_id = e.lead_id AND later.id > e.id
)
GROUP BY e.version
ORDER BY e.version;

-- name: finished
-- Returns the last runs that came to their end in one of the given versions, keyed by version with the first step that
-- they would go on with, of leads who may be enrolled in the sequence as it will be; but none that was sent one of the
-- wanted steps ahead, keyed by position, nor one whose mailbox another lead has, which was sent one of them, or is in the
-- sequence and not leaving it, keyed by enrollment. (That counts, so that PostgreSQL asks it only for whoever shares one.)
SELECT e.id, e.lead_id, coalesce(l.phone, l.email) AS address, address_of(s, l) AS to_address, e.version,
  coalesce(e.anchored_at, e.enrolled_at) AS anchor, e.moved_seconds, e.ended_at
FROM (
  SELECT CAST(key AS integer) AS version, CAST(value ->> 'first_step' AS integer) AS first_step
  FROM json_each(:versions)
) AS place
JOIN enrollments AS e ON e.sequence_id = :sequence_id AND e.version = place.version AND e.end_code = 'completed'
  AND e.archived_at IS NULL
CROSS JOIN (
  SELECT CAST(:channel AS text) AS channel, CAST(:address_kind AS text) AS address_kind,
    CAST(:invited_only AS integer) AS invited_only, CAST(:goal AS text) AS goal,
    CAST(:exclusive_group AS text) AS exclusive_group, CAST(:sequence_id AS bigint) AS id,
    CAST(:re_entry AS text) AS re_entry, CAST(:re_entry_gap_seconds AS bigint) AS re_entry_gap_seconds
) AS s
JOIN leads AS l ON l.id = e.lead_id
LEFT JOIN suppressions AS barred ON barred.address = address_of(s, l)
WHERE barred.address IS NULL AND address_of(s, l) IS NOT NULL AND goal_is_ahead(s, l) AND group_is_free(s, l)
  AND is_invited(s, l)
  AND NOT EXISTS (
    SELECT 1 FROM enrollments AS later
    WHERE later.sequence_id = e.sequence_id AND later.lead_id = e.lead_id AND later.id > e.id
  )
  AND NOT EXISTS (
    SELECT 1
    FROM enrollments AS followed
    JOIN sequence_contacts AS had ON had.enrollment_id = followed.id AND had.status IN ('completed', 'unknown')
    JOIN steps AS st ON st.id = had.sequence_stepid
    JOIN json_each(:wanted) AS ahead ON CAST(ahead.key AS integer) >= place.first_step
      AND ahead.value ->> 'step_key' = st.step_key
    WHERE followed.lead_id = e.lead_id AND followed.sequence_id = e.sequence_id
      AND followed.enrolled_at = e.enrolled_at AND followed.id <= e.id
  )
  AND (s.address_kind <> 'email' OR NOT EXISTS (
    SELECT 1 FROM leads AS twin
    WHERE twin.email = l.email AND twin.id <> l.id AND (
      SELECT count(*)
      FROM enrollments AS met
      WHERE met.lead_id = twin.id AND met.sequence_id = e.sequence_id AND ((
        met.ended_at IS NULL AND met.id NOT IN (SELECT CAST(gone.key AS bigint) FROM json_each(:leaving) AS gone)
      ) OR (
        (s.re_entry = 'once' OR add_seconds(met.enrolled_at, s.re_entry_gap_seconds) > :now) AND (
          met.archived_at IS NOT NULL OR EXISTS (
            SELECT 1
            FROM sequence_contacts AS had
            JOIN steps AS st ON st.id = had.sequence_stepid
            JOIN json_each(:wanted) AS ahead ON CAST(ahead.key AS integer) >= place.first_step
              AND ahead.value ->> 'step_key' = st.step_key
            WHERE had.enrollment_id = met.id AND had.status IN ('completed', 'unknown')
          )
        )
      ))
    ) > 0
  ))
ORDER BY e.id;

-- name: go_on_finished
-- Writes the enrollments that go on where runs came to their end, keyed by those, under the conditions of enrollment.
INSERT INTO enrollments
  (sequence_id, version, lead_id, enrolled_at, anchored_at, first_step, moved_seconds, exclusive_group, address,
   import_id)
SELECT s.id, CAST(:version AS integer), l.id, e.enrolled_at, add_seconds(:planned_at, going.anchor), going.first_step,
  going.moved, s.exclusive_group, address_of(s, l), e.import_id
FROM (
  SELECT CAST(key AS bigint) AS enrollment_id, CAST(value ->> 'anchor' AS bigint) AS anchor,
    CAST(value ->> 'first_step' AS integer) AS first_step, CAST(value ->> 'moved' AS bigint) AS moved
  FROM json_each(:moves)
) AS going
JOIN enrollments AS e ON e.id = going.enrollment_id AND e.end_code = 'completed' AND e.archived_at IS NULL
JOIN sequences AS s ON s.id = e.sequence_id
JOIN leads AS l ON l.id = e.lead_id
LEFT JOIN suppressions AS barred ON barred.address = address_of(s, l)
WHERE barred.address IS NULL AND address_of(s, l) IS NOT NULL AND goal_is_ahead(s, l) AND group_is_free(s, l)
  AND is_invited(s, l)
  AND NOT EXISTS (
    SELECT 1 FROM enrollments AS later
    WHERE later.sequence_id = e.sequence_id AND later.lead_id = e.lead_id AND later.id > e.id
  )
ORDER BY e.id
ON CONFLICT DO NOTHING;

-- name: finished_went_over
-- Says of runs that came to their end, keyed by id, that they went over, where an enrollment above the last follows
-- them: a lead is counted once.
UPDATE enrollments
SET end_code = :code, end_facts = :facts
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:moves)) AND end_code = 'completed' AND EXISTS (
  SELECT 1 FROM enrollments AS followed_by
  WHERE followed_by.sequence_id = enrollments.sequence_id AND followed_by.lead_id = enrollments.lead_id
    AND followed_by.id > :last_enrollment
);
