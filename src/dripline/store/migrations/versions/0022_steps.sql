-- A step's records by their hours, whatever became of them: who looks at a step looks through no other. Only what is
-- being sent is left out: it is few, and found by its lease. (On SQLite a step takes 155 µs with what is added here and
-- 148 without, best of eight; such a list among 4 million records, and its count, 16 ms instead of 350.)
CREATE INDEX records_of_steps ON sequence_contacts
  (sequence_id, current_step, status, coalesce(completed_at, ended_at, next_trigger_time), id)
  WHERE status <> 'sending';

-- As before, both with what a list asks of a sender's records behind it: what is of another step is not read.
DROP INDEX at_rest_by_sender;

CREATE INDEX at_rest_by_sender ON sequence_contacts
  (sender_id, status, coalesce(completed_at, ended_at, next_trigger_time), id, sequence_id, current_step)
  WHERE sender_id IS NOT NULL AND status NOT IN ('active', 'sending');

DROP INDEX due_by_sender;

CREATE INDEX due_by_sender ON sequence_contacts (sender_id, next_trigger_time, id, sequence_id, current_step)
  WHERE status = 'active' AND sender_id IS NOT NULL;
