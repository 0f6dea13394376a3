-- What steps led to: an answer, a stop, a goal or an early end counts for the step that went before it.

-- name: enrollments_of_leads
-- Returns every enrollment of leads.
SELECT e.id FROM enrollments AS e WHERE e.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: enrollments_with_goal
-- Returns every enrollment of the leads of some gains, keyed by "lead id:trigger", in sequences whose goal they gained.
SELECT e.id
FROM (
  SELECT CAST(value ->> 'lead_id' AS bigint) AS lead_id, value ->> 'trigger' AS trigger FROM json_each(:gains)
) AS gained
JOIN sequences AS s ON s.goal = gained.trigger
JOIN enrollments AS e ON e.lead_id = gained.lead_id AND e.sequence_id = s.id;

-- name: ended_early
-- Returns those of some ended enrollments that neither came to their end nor went over to another version.
SELECT e.id
FROM json_each(:enrollments) AS given
JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
WHERE e.ended_at IS NOT NULL AND e.end_code NOT IN ('completed', 'version_moved');

-- name: last_steps_of_runs
-- Returns, for each run that one of the given enrollments is a part of, the last step that a provider accepted between
-- two instants, and the enrollment that has its record. A run that went over to another version has several enrollments.
SELECT ranked.enrollment_id AS enrollment, ranked.step
FROM (
  SELECT r.enrollment_id, r.sequence_stepid AS step, row_number() OVER (
    PARTITION BY run.lead_id, run.sequence_id, run.enrolled_at ORDER BY r.completed_at DESC, r.id DESC
  ) AS place
  FROM json_each(:enrollments) AS given
  JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
  JOIN enrollments AS run ON run.lead_id = e.lead_id AND run.sequence_id = e.sequence_id AND run.enrolled_at = e.enrolled_at
  JOIN sequence_contacts AS r ON r.enrollment_id = run.id
  WHERE r.status = 'completed' AND r.completed_at >= :since AND r.completed_at <= :at
) AS ranked
WHERE ranked.place = 1
ORDER BY ranked.enrollment_id;

-- name: note_replied
-- Notes after which step runs were answered, each once.
WITH led AS MATERIALIZED (SELECT * FROM rows_of(:results, enrollment bigint, step bigint))
UPDATE enrollments SET replied_after_step = led.step
FROM led
WHERE id = led.enrollment AND NOT EXISTS (
  SELECT 1 FROM enrollments AS run
  WHERE run.lead_id = enrollments.lead_id AND run.sequence_id = enrollments.sequence_id
    AND run.enrolled_at = enrollments.enrolled_at AND run.replied_after_step IS NOT NULL
);

-- name: note_stopped
-- Notes after which step of runs somebody asked for no more, each once.
WITH led AS MATERIALIZED (SELECT * FROM rows_of(:results, enrollment bigint, step bigint))
UPDATE enrollments SET stopped_after_step = led.step
FROM led
WHERE id = led.enrollment AND NOT EXISTS (
  SELECT 1 FROM enrollments AS run
  WHERE run.lead_id = enrollments.lead_id AND run.sequence_id = enrollments.sequence_id
    AND run.enrolled_at = enrollments.enrolled_at AND run.stopped_after_step IS NOT NULL
);

-- name: note_goal
-- Notes after which step runs came to their goal, each once.
WITH led AS MATERIALIZED (SELECT * FROM rows_of(:results, enrollment bigint, step bigint))
UPDATE enrollments SET goal_after_step = led.step
FROM led
WHERE id = led.enrollment AND NOT EXISTS (
  SELECT 1 FROM enrollments AS run
  WHERE run.lead_id = enrollments.lead_id AND run.sequence_id = enrollments.sequence_id
    AND run.enrolled_at = enrollments.enrolled_at AND run.goal_after_step IS NOT NULL
);

-- name: note_left
-- Notes after which step runs ended early, each once.
WITH led AS MATERIALIZED (SELECT * FROM rows_of(:results, enrollment bigint, step bigint))
UPDATE enrollments SET left_after_step = led.step
FROM led
WHERE id = led.enrollment AND NOT EXISTS (
  SELECT 1 FROM enrollments AS run
  WHERE run.lead_id = enrollments.lead_id AND run.sequence_id = enrollments.sequence_id
    AND run.enrolled_at = enrollments.enrolled_at AND run.left_after_step IS NOT NULL
);
