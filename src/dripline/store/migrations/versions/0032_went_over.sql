-- went_over: it was cancelled since its enrollment went over to another version, whose records the lead has instead. In
-- the tallies it is moved, not cancelled: a lead counts once.
ALTER TABLE sequence_contacts ADD COLUMN went_over integer NOT NULL DEFAULT 0;

-- SQLite: the triggers are made anew.
DROP TRIGGER tally_new_record;

-- SQLite: the triggers are made anew.
DROP TRIGGER tally_gone_record;

-- SQLite: the triggers are made anew.
DROP TRIGGER tally_changed_record;

-- SQLite: triggers for each row, there are no others; they cost nothing where neither status nor hour changes.
CREATE TRIGGER tally_new_record AFTER INSERT ON sequence_contacts BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, NEW.current_step,
    CASE WHEN NEW.status = 'unknown' AND NEW.ended_at IS NULL THEN 'held'
      WHEN NEW.status = 'cancelled' AND NEW.went_over = 1 THEN 'moved'
      ELSE NEW.status END,
    hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: what is deleted counts no more.
CREATE TRIGGER tally_gone_record AFTER DELETE ON sequence_contacts BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, OLD.current_step,
    CASE WHEN OLD.status = 'unknown' AND OLD.ended_at IS NULL THEN 'held'
      WHEN OLD.status = 'cancelled' AND OLD.went_over = 1 THEN 'moved'
      ELSE OLD.status END,
    hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- SQLite: what changes counts there no more, and here instead.
CREATE TRIGGER tally_changed_record
AFTER UPDATE OF sequence_id, current_step, status, next_trigger_time, completed_at, ended_at, went_over ON sequence_contacts
WHEN OLD.status <> NEW.status OR (OLD.ended_at IS NULL) <> (NEW.ended_at IS NULL)
  OR hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time))
    <> hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time))
  OR OLD.sequence_id <> NEW.sequence_id OR OLD.current_step <> NEW.current_step
  OR OLD.went_over <> NEW.went_over
BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, OLD.current_step,
    CASE WHEN OLD.status = 'unknown' AND OLD.ended_at IS NULL THEN 'held'
      WHEN OLD.status = 'cancelled' AND OLD.went_over = 1 THEN 'moved'
      ELSE OLD.status END,
    hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1
  ; INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, NEW.current_step,
    CASE WHEN NEW.status = 'unknown' AND NEW.ended_at IS NULL THEN 'held'
      WHEN NEW.status = 'cancelled' AND NEW.went_over = 1 THEN 'moved'
      ELSE NEW.status END,
    hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- PostgreSQL: triggers for each statement, whatever the number of its rows. They take no column list and no condition:
-- a statement that changes neither status nor hour is summed up, and writes nothing.
CREATE OR REPLACE FUNCTION tally_new_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: what is deleted counts no more.
CREATE OR REPLACE FUNCTION tally_gone_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: what changes counts there no more, and here instead.
CREATE OR REPLACE FUNCTION tally_changed_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), sum(one)
  FROM (
    SELECT sequence_id, current_step, status, next_trigger_time, completed_at, ended_at, went_over, -1 AS one FROM gone
    UNION ALL
    SELECT sequence_id, current_step, status, next_trigger_time, completed_at, ended_at, went_over, 1 FROM come
  ) AS changed GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0
  ; RETURN NULL; END $$;

-- What is there already, with what the triggers make of it.
UPDATE sequence_contacts SET went_over = 1
WHERE status = 'cancelled' AND enrollment_id IN (
  SELECT e.id FROM enrollments AS e
  WHERE substr(e.end_reason, 1, 21) = 'went over to version '
) AND substr(reason, 1, 21) = 'went over to version ';
