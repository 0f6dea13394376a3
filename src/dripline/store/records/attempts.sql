-- Attempts: every try is written once, when it is answered. Until then its record says that it began (begun_at), which is
-- committed before any byte of it may leave: a claimed record that has not begun was not sent, whatever became of its
-- worker. Whoever needs the row of a try that is still under way writes it first: a rescue, a receipt that was faster than
-- the answer. A try begins no sooner than the step before it ended, which a machine whose clock is ahead of this one's may
-- have written.

-- name: begin
-- Writes that claimed records begin to be sent, committed before any byte leaves.
UPDATE sequence_contacts
SET begun_at = :now
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:records)) AND status = 'sending' AND worker = :worker
  /* id among :records */;

-- name: write_begun
-- Writes the tries of the given records that are under way.
INSERT INTO attempts (record_id, number, worker, started_at, sender_id)
SELECT r.id, r.attempt, r.worker, start_of(r, before), r.sender_id
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
LEFT JOIN sequence_contacts AS before
  ON before.enrollment_id = r.enrollment_id AND before.current_step = r.current_step - 1
WHERE r.status = 'sending' AND r.begun_at IS NOT NULL
ON CONFLICT DO NOTHING;

-- name: write_begun_of_sender
-- Writes the tries of a sender that are under way, before what it has to send goes by another one.
INSERT INTO attempts (record_id, number, worker, started_at, sender_id)
SELECT r.id, r.attempt, r.worker, start_of(r, before), r.sender_id
FROM sequence_contacts AS r
LEFT JOIN sequence_contacts AS before
  ON before.enrollment_id = r.enrollment_id AND before.current_step = r.current_step - 1
WHERE r.lease_until IS NOT NULL AND r.status = 'sending' AND r.begun_at IS NOT NULL AND r.sender_id = :sender_id
ON CONFLICT DO NOTHING;

-- name: write_all_begun
-- Writes every try that was under way when a backup was made.
INSERT INTO attempts (record_id, number, worker, started_at, sender_id)
SELECT r.id, r.attempt, r.worker, start_of(r, before), r.sender_id
FROM sequence_contacts AS r
LEFT JOIN sequence_contacts AS before
  ON before.enrollment_id = r.enrollment_id AND before.current_step = r.current_step - 1
WHERE r.lease_until IS NOT NULL AND r.status = 'sending' AND r.begun_at IS NOT NULL
ON CONFLICT DO NOTHING;

-- name: write_begun_and_lost
-- Writes the tries that were under way when their worker went; found by the index leased_records.
INSERT INTO attempts (record_id, number, worker, started_at, sender_id)
SELECT r.id, r.attempt, r.worker, start_of(r, before), r.sender_id
FROM sequence_contacts AS r
LEFT JOIN sequence_contacts AS before
  ON before.enrollment_id = r.enrollment_id AND before.current_step = r.current_step - 1
WHERE r.lease_until IS NOT NULL AND r.lease_until <= :now AND r.status = 'sending' AND r.begun_at IS NOT NULL
ON CONFLICT DO NOTHING;

-- name: write_suspected
-- Writes a try for each given record that may have been sent since its database was backed up. A try of that number
-- stays as it is.
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
-- Writes what each try came to, a row for each. What a provider answered is kept even when the record is no longer this
-- worker's. The try of one that a rescue or a receipt has written already is finished; where a receipt has said that it
-- was accepted, only the text is still missing. A record that never began has no try.
WITH answers AS MATERIALIZED (
  SELECT * FROM rows_of(:answers, record bigint, attempt integer, sender bigint, outcome text, provider_id text,
    error text, text text)
)
INSERT INTO attempts
  (record_id, number, worker, sender_id, started_at, finished_at, outcome, provider_id, error, text)
SELECT r.id, answers.attempt,
  CASE WHEN r.attempt = answers.attempt THEN coalesce(r.worker, :worker) ELSE :worker END,
  CASE WHEN r.attempt = answers.attempt THEN coalesce(answers.sender, r.sender_id) ELSE answers.sender END,
  CASE WHEN r.attempt = answers.attempt AND r.begun_at IS NOT NULL THEN start_of(r, before) ELSE :now END,
  :now, answers.outcome, answers.provider_id, answers.error, answers.text
FROM answers
JOIN sequence_contacts AS r ON r.id = answers.record
LEFT JOIN sequence_contacts AS before
  ON before.enrollment_id = r.enrollment_id AND before.current_step = r.current_step - 1
WHERE answers.outcome <> 'not_sent' OR (r.attempt = answers.attempt AND r.begun_at IS NOT NULL)
  OR EXISTS (SELECT 1 FROM attempts AS a WHERE a.record_id = r.id AND a.number = answers.attempt)
ON CONFLICT (record_id, number) DO UPDATE
SET finished_at = :now, text = excluded.text, outcome = coalesce(attempts.outcome, excluded.outcome),
  provider_id = coalesce(attempts.provider_id, excluded.provider_id),
  error = CASE WHEN attempts.outcome IS NULL THEN excluded.error END
WHERE attempts.finished_at IS NULL OR (attempts.outcome = 'accepted' AND attempts.text IS NULL);
