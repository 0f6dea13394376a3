-- How many stand where, by UTC hour. Of step 1 and later these are records by their status, where `held` is an unknown
-- one whose enrollment waits for it, in the hour of completed_at, ended_at, or next_trigger_time while they are open. Of
-- step 0 these are the enrollments of a sequence: live, finished, moved to another version or left, in the hour in which
-- they ended or else began. Of sequence 0 these are the leads, in the hour in which they came. What is long ago stands
-- together in the first hour of 1970. Triggers keep it, whoever writes.
CREATE TABLE tallies (
  sequence_id bigint NOT NULL,
  step integer NOT NULL,
  status text NOT NULL,
  hour INSTANT NOT NULL,
  many bigint NOT NULL,
  PRIMARY KEY (sequence_id, step, status, hour)
) IN_ORDER;

CREATE INDEX tallies_by_hour ON tallies (hour);

-- What is to be added to the tallies: PostgreSQL's triggers write here, so that no two workers ever want the same row of
-- those. Processors fold it into them; until then it counts as well.
CREATE TABLE tally_changes (
  id IDENTITY,
  sequence_id bigint NOT NULL,
  step integer NOT NULL,
  status text NOT NULL,
  hour INSTANT NOT NULL,
  many bigint NOT NULL
);

-- Whoever folds locks this one row until its transaction ends.
CREATE TABLE folding (
  id integer PRIMARY KEY CONSTRAINT there_is_one_folding CHECK (id = 1)
);

INSERT INTO folding (id) VALUES (1);

-- SQLite: triggers for each row, there are no others; they cost nothing where neither status nor hour changes.
CREATE TRIGGER tally_new_record AFTER INSERT ON sequence_contacts BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, NEW.current_step,
    CASE WHEN NEW.status = 'unknown' AND NEW.ended_at IS NULL THEN 'held' ELSE NEW.status END,
    hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: what is deleted counts no more.
CREATE TRIGGER tally_gone_record AFTER DELETE ON sequence_contacts BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, OLD.current_step,
    CASE WHEN OLD.status = 'unknown' AND OLD.ended_at IS NULL THEN 'held' ELSE OLD.status END,
    hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- SQLite: what changes counts there no more, and here instead.
CREATE TRIGGER tally_changed_record
AFTER UPDATE OF sequence_id, current_step, status, next_trigger_time, completed_at, ended_at ON sequence_contacts
WHEN OLD.status <> NEW.status OR (OLD.ended_at IS NULL) <> (NEW.ended_at IS NULL)
  OR hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time))
    <> hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time))
  OR OLD.sequence_id <> NEW.sequence_id OR OLD.current_step <> NEW.current_step
BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, OLD.current_step,
    CASE WHEN OLD.status = 'unknown' AND OLD.ended_at IS NULL THEN 'held' ELSE OLD.status END,
    hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1
  ; INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, NEW.current_step,
    CASE WHEN NEW.status = 'unknown' AND NEW.ended_at IS NULL THEN 'held' ELSE NEW.status END,
    hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: an enrollment is written live.
CREATE TRIGGER tally_new_enrollment AFTER INSERT ON enrollments BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, 0,
    CASE WHEN NEW.ended_at IS NULL THEN 'live' WHEN NEW.end_reason = 'completed' THEN 'finished'
      WHEN substr(NEW.end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(NEW.ended_at, NEW.enrolled_at)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: one of a lead that is forgotten is deleted.
CREATE TRIGGER tally_gone_enrollment AFTER DELETE ON enrollments BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, 0,
    CASE WHEN OLD.ended_at IS NULL THEN 'live' WHEN OLD.end_reason = 'completed' THEN 'finished'
      WHEN substr(OLD.end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(OLD.ended_at, OLD.enrolled_at)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- SQLite: it ends once.
CREATE TRIGGER tally_ended_enrollment
AFTER UPDATE OF sequence_id, enrolled_at, ended_at, end_reason ON enrollments
WHEN OLD.ended_at IS NOT NEW.ended_at OR OLD.end_reason IS NOT NEW.end_reason
  OR OLD.enrolled_at <> NEW.enrolled_at OR OLD.sequence_id <> NEW.sequence_id
BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, 0,
    CASE WHEN OLD.ended_at IS NULL THEN 'live' WHEN OLD.end_reason = 'completed' THEN 'finished'
      WHEN substr(OLD.end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(OLD.ended_at, OLD.enrolled_at)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1
  ; INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, 0,
    CASE WHEN NEW.ended_at IS NULL THEN 'live' WHEN NEW.end_reason = 'completed' THEN 'finished'
      WHEN substr(NEW.end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(NEW.ended_at, NEW.enrolled_at)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: leads come,
CREATE TRIGGER tally_new_lead AFTER INSERT ON leads BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many) VALUES (0, 0, 'leads', hour_of(NEW.created_at), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: and are forgotten.
CREATE TRIGGER tally_gone_lead AFTER DELETE ON leads BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many) VALUES (0, 0, 'leads', hour_of(OLD.created_at), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- PostgreSQL: triggers for each statement, whatever the number of its rows. They take no column list and no condition:
-- a statement that changes neither status nor hour is summed up, and writes nothing.
CREATE FUNCTION tally_new_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held' ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: what is deleted counts no more.
CREATE FUNCTION tally_gone_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held' ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: what changes counts there no more, and here instead.
CREATE FUNCTION tally_changed_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held' ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), sum(one)
  FROM (
    SELECT sequence_id, current_step, status, next_trigger_time, completed_at, ended_at, -1 AS one FROM gone
    UNION ALL
    SELECT sequence_id, current_step, status, next_trigger_time, completed_at, ended_at, 1 FROM come
  ) AS changed GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0
  ; RETURN NULL; END $$;

-- PostgreSQL: an enrollment is written live.
CREATE FUNCTION tally_new_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_reason = 'completed' THEN 'finished'
      WHEN substr(end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: one of a lead that is forgotten is deleted.
CREATE FUNCTION tally_gone_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_reason = 'completed' THEN 'finished'
      WHEN substr(end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: it ends once.
CREATE FUNCTION tally_ended_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_reason = 'completed' THEN 'finished'
      WHEN substr(end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), sum(one)
  FROM (
    SELECT sequence_id, enrolled_at, ended_at, end_reason, -1 AS one FROM gone
    UNION ALL
    SELECT sequence_id, enrolled_at, ended_at, end_reason, 1 FROM come
  ) AS changed GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0
  ; RETURN NULL; END $$;

-- PostgreSQL: leads come,
CREATE FUNCTION tally_new_leads() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT 0, 0, 'leads', hour_of(created_at), count(*) FROM come GROUP BY 4
  ; RETURN NULL; END $$;

-- PostgreSQL: and are forgotten.
CREATE FUNCTION tally_gone_leads() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT 0, 0, 'leads', hour_of(created_at), -count(*) FROM gone GROUP BY 4
  ; RETURN NULL; END $$;

-- PostgreSQL: records,
CREATE TRIGGER tally_new_records AFTER INSERT ON sequence_contacts
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_new_records();

-- PostgreSQL: records that are deleted,
CREATE TRIGGER tally_gone_records AFTER DELETE ON sequence_contacts
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_gone_records();

-- PostgreSQL: records that change,
CREATE TRIGGER tally_changed_records AFTER UPDATE ON sequence_contacts
  REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_changed_records();

-- PostgreSQL: enrollments,
CREATE TRIGGER tally_new_enrollments AFTER INSERT ON enrollments
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_new_enrollments();

-- PostgreSQL: enrollments that are deleted,
CREATE TRIGGER tally_gone_enrollments AFTER DELETE ON enrollments
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_gone_enrollments();

-- PostgreSQL: enrollments that end,
CREATE TRIGGER tally_ended_enrollments AFTER UPDATE ON enrollments
  REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_ended_enrollments();

-- PostgreSQL: leads,
CREATE TRIGGER tally_new_leads AFTER INSERT ON leads
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_new_leads();

-- PostgreSQL: leads that are deleted.
CREATE TRIGGER tally_gone_leads AFTER DELETE ON leads
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_gone_leads();

-- PostgreSQL: few rows that are written all day, and tidied up before they are many.
ALTER TABLE tallies SET (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000,
  autovacuum_analyze_scale_factor = 0.1
);

-- PostgreSQL: what is folded leaves room for what comes.
ALTER TABLE tally_changes SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- What is there already. Last: whoever writes has waited since the triggers were made.
INSERT INTO tallies (sequence_id, step, status, hour, many)
SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held' ELSE status END,
  hour_of(coalesce(completed_at, ended_at, next_trigger_time)), count(*)
FROM sequence_contacts GROUP BY 1, 2, 3, 4;

INSERT INTO tallies (sequence_id, step, status, hour, many)
SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_reason = 'completed' THEN 'finished'
    WHEN substr(end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
  hour_of(coalesce(ended_at, enrolled_at)), count(*)
FROM enrollments GROUP BY 1, 2, 3, 4;

INSERT INTO tallies (sequence_id, step, status, hour, many)
SELECT 0, 0, 'leads', hour_of(created_at), count(*) FROM leads GROUP BY 4;
