-- SQLite: an enrollment is written live.
CREATE TRIGGER tally_new_enrollment AFTER INSERT ON enrollments BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, 0,
    CASE WHEN NEW.ended_at IS NULL THEN 'live' WHEN NEW.end_code = 'completed' THEN 'finished'
      WHEN NEW.end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(NEW.ended_at, NEW.enrolled_at)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: one of a lead that is forgotten is deleted.
CREATE TRIGGER tally_gone_enrollment AFTER DELETE ON enrollments BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, 0,
    CASE WHEN OLD.ended_at IS NULL THEN 'live' WHEN OLD.end_code = 'completed' THEN 'finished'
      WHEN OLD.end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(OLD.ended_at, OLD.enrolled_at)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- SQLite: it ends once.
CREATE TRIGGER tally_ended_enrollment
AFTER UPDATE OF sequence_id, enrolled_at, ended_at, end_code ON enrollments
WHEN OLD.ended_at IS NOT NEW.ended_at OR OLD.end_code IS NOT NEW.end_code
  OR OLD.enrolled_at <> NEW.enrolled_at OR OLD.sequence_id <> NEW.sequence_id
BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, 0,
    CASE WHEN OLD.ended_at IS NULL THEN 'live' WHEN OLD.end_code = 'completed' THEN 'finished'
      WHEN OLD.end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(OLD.ended_at, OLD.enrolled_at)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1
  ; INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, 0,
    CASE WHEN NEW.ended_at IS NULL THEN 'live' WHEN NEW.end_code = 'completed' THEN 'finished'
      WHEN NEW.end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(NEW.ended_at, NEW.enrolled_at)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- PostgreSQL: an enrollment is written live.
CREATE OR REPLACE FUNCTION tally_new_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_code = 'completed' THEN 'finished'
      WHEN end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: one of a lead that is forgotten is deleted.
CREATE OR REPLACE FUNCTION tally_gone_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_code = 'completed' THEN 'finished'
      WHEN end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: it ends once.
CREATE OR REPLACE FUNCTION tally_ended_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_code = 'completed' THEN 'finished'
      WHEN end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), sum(one)
  FROM (
    SELECT sequence_id, enrolled_at, ended_at, end_code, -1 AS one FROM gone
    UNION ALL
    SELECT sequence_id, enrolled_at, ended_at, end_code, 1 FROM come
  ) AS changed GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0
  ; RETURN NULL; END $$;
