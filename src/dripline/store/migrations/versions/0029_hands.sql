-- The name is that of the view from now on. As before, the index has behind it what a list asks of active records.
DROP INDEX due_records;

CREATE INDEX active_records ON sequence_contacts (next_trigger_time, id, sequence_id, current_step)
  WHERE status = 'active';

-- Of two indexes that serve a query alike, SQLite takes the younger: the claim's has to be that.
DROP INDEX due_unpaced;

CREATE INDEX due_unpaced ON sequence_contacts (next_trigger_time, id) WHERE status = 'active' AND sender_id IS NULL;

-- SQLite: decided_at is when it was decided what a trigger starts; NULL where a person wrote it by SQL, until a pass
-- finds it.
ALTER TABLE lead_triggers ADD COLUMN decided_at INSTANT;

-- SQLite: whatever is there has been decided.
UPDATE lead_triggers SET decided_at = gained_at;

-- PostgreSQL: the same, without writing a row.
ALTER TABLE lead_triggers ADD COLUMN decided_at INSTANT DEFAULT '1970-01-01 00:00:00+00';

-- PostgreSQL: what comes has no such time, unless it is given.
ALTER TABLE lead_triggers ALTER COLUMN decided_at DROP DEFAULT;

CREATE INDEX undecided_triggers ON lead_triggers (lead_id, trigger) WHERE decided_at IS NULL;

-- Enrollments whose current record was ended, deleted or made to wait otherwise than by its settlement, as by a person at a
-- SQL prompt: the next pass sees to it that they go on. Triggers write it (store/sql_prompt/hands.py).
CREATE TABLE halted (
  enrollment_id bigint PRIMARY KEY
);

-- SQLite: attributes that are no JSON object become one that holds them.
UPDATE leads SET attributes = json_object('unreadable', attributes)
WHERE NOT CASE WHEN json_valid(attributes) THEN json_type(attributes) = 'object' ELSE 0 END;
