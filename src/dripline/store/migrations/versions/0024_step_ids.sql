-- step_key: what a step is known by in every version of its sequence, however its text and its place change. The id that
-- somebody wrote, else one that it was given. A row that a person writes may lack it.
ALTER TABLE steps ADD COLUMN step_key text;

-- Until now a step was known by its text: the first of each text in a version is one step, the second another one.
UPDATE steps
SET step_key = 's' || same.first_id
FROM (
  SELECT each_one.id AS step_id,
    min(each_one.id) OVER (PARTITION BY each_one.sequence_id, each_one.message, each_one.subject, each_one.nth) AS first_id
  FROM (
    SELECT st.id, st.sequence_id, st.message, st.subject,
      row_number() OVER (PARTITION BY st.sequence_id, st.version, st.message, st.subject ORDER BY st.position) AS nth
    FROM steps AS st
  ) AS each_one
) AS same
WHERE id = same.step_id;

CREATE UNIQUE INDEX one_step_per_id ON steps (sequence_id, version, step_key);
