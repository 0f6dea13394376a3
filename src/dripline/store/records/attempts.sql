-- Attempts: every try, written before any byte of it may leave and finished in the transaction that settles. A claimed
-- record without an attempt of its number has not begun to be sent, whatever became of its worker.

-- name: begin_attempts
-- Writes one attempt for each given record, committed before any byte leaves. It begins no sooner than the step before
-- it ended, which a machine whose clock is ahead of this one's may have written. A try of that number that a person
-- wrote stays as it is.
INSERT INTO attempts (record_id, number, worker, started_at, sender_id)
SELECT r.id, r.attempt, r.worker,
  CASE WHEN coalesce(before.completed_at, before.ended_at) > :now
    THEN coalesce(before.completed_at, before.ended_at) ELSE :now END,
  r.sender_id
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
LEFT JOIN sequence_contacts AS before
  ON before.enrollment_id = r.enrollment_id AND before.current_step = r.current_step - 1
WHERE true
ON CONFLICT DO NOTHING;

-- name: may_begin
-- Returns which claimed records, keyed by id with their attempt, are still this worker's, with what keeps one from being
-- sent after all: its lead has left or was barred since the claim. One of which an earlier try was accepted meanwhile, by a
-- late answer, is not among them: handed back, it is completed.
SELECT r.id, coalesce(e.leaving_code || coalesce(e.leaving_facts, ''), e.end_code || coalesce(e.end_facts, ''),
  suppression_of(s, l)) AS kept_by
FROM (
  SELECT CAST(key AS bigint) AS record_id, CAST(value ->> 'attempt' AS integer) AS number FROM json_each(:records)
) AS given
JOIN sequence_contacts AS r ON r.id = given.record_id
JOIN enrollments AS e ON e.id = r.enrollment_id
JOIN sequences AS s ON s.id = r.sequence_id
JOIN leads AS l ON l.id = r.lead_id
WHERE r.status = 'sending' AND r.worker = :worker AND r.attempt = given.number
  AND NOT EXISTS (SELECT 1 FROM attempts AS a WHERE a.record_id = r.id AND a.outcome = 'accepted');

-- name: finish_attempts
-- Writes what each attempt came to, a row for each. What a provider answered is kept even when the record is no longer
-- this worker's. A receipt that was faster has said already that it was accepted, and only the text is still missing.
WITH answers AS MATERIALIZED (
  SELECT * FROM rows_of(:answers, record bigint, attempt integer, outcome text, provider_id text, error text, text text)
)
UPDATE attempts
SET finished_at = :now, text = answers.text,
  outcome = coalesce(attempts.outcome, answers.outcome), provider_id = coalesce(attempts.provider_id, answers.provider_id),
  error = CASE WHEN attempts.outcome IS NULL THEN answers.error END
FROM answers
WHERE record_id = answers.record AND number = answers.attempt
  AND (attempts.finished_at IS NULL OR (attempts.outcome = 'accepted' AND attempts.text IS NULL))
  /* record_id among answers.record */;
