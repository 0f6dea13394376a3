-- What lists are found by. Each index on a table that every step writes to costs every step: there are as few as there
-- can be, and what is being claimed or sent is in none of the new ones.

-- As before, with what a list asks of active records behind it: a list of one sequence reads no record of another.
DROP INDEX due_records;

CREATE INDEX due_records ON sequence_contacts (next_trigger_time, id, sequence_id, current_step) WHERE status = 'active';

-- What waits for its turn or has ended, by its hour: written when it is enrolled and when it ends.
CREATE INDEX records_at_rest ON sequence_contacts
  (sequence_id, status, coalesce(completed_at, ended_at, next_trigger_time), id, current_step)
  WHERE status NOT IN ('active', 'sending');

CREATE INDEX at_rest_by_sender ON sequence_contacts
  (sender_id, status, coalesce(completed_at, ended_at, next_trigger_time), id)
  WHERE sender_id IS NOT NULL AND status NOT IN ('active', 'sending');

CREATE INDEX attempts_by_start ON attempts (started_at, record_id, number);

-- The others are on tables that are written when somebody comes or leaves, not with every step.
CREATE INDEX live_enrollments ON enrollments (sequence_id, id) WHERE ended_at IS NULL;

CREATE INDEX ended_enrollments ON enrollments (sequence_id, id) WHERE ended_at IS NOT NULL;

CREATE INDEX enrollments_by_reason ON enrollments (end_reason, id) WHERE ended_at IS NOT NULL;

CREATE INDEX leads_by_creation ON leads (created_at, id);

CREATE INDEX leads_by_name ON leads (lower(name BY_BYTE) BY_BYTE, id);

-- For PostgreSQL alone: SQLite keeps texts in the order of their bytes anyway, and finds beginnings by what is there.
CREATE INDEX leads_by_phone_prefix ON leads (phone BY_BYTE, id) WHERE phone IS NOT NULL;

-- For PostgreSQL alone.
CREATE INDEX leads_by_email_prefix ON leads (email BY_BYTE, id) WHERE email IS NOT NULL;

CREATE INDEX suppressions_by_age ON suppressions (suppressed_at, address);

-- For PostgreSQL alone.
CREATE INDEX suppressions_by_prefix ON suppressions (address BY_BYTE);
