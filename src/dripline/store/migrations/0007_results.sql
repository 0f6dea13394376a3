-- what a step led to is counted by the step, whatever place it has in a version

-- After which step (steps.id) somebody answered, asked for no more, reached the goal, or left early: the last one of the
-- run that a provider had accepted, for the first three within 7 days. It stands with the enrollment that has the record
-- of that step. NULL: it did not happen, or nothing had gone before it.
ALTER TABLE enrollments ADD COLUMN replied_after_step bigint;

ALTER TABLE enrollments ADD COLUMN stopped_after_step bigint;

ALTER TABLE enrollments ADD COLUMN goal_after_step bigint;

ALTER TABLE enrollments ADD COLUMN left_after_step bigint;

-- From here on `step` of tallies, of what is to be added to them, and of what was removed is the id of a step (steps.id),
-- and no longer its place, which another version gives to another step. 0 stands for enrollments and leads, as before.
-- Beside the statuses there are results of a step, all in the first hour of 1970: how far its messages have come, as the
-- last of each record's tries of which a receipt tells says (receipt_sent, receipt_failed, receipt_delivered,
-- receipt_read), and how many runs have answered, stopped, reached the goal or left after it (replied, stopped, goal,
-- left_here). Nothing of that is written when a step settles.

-- What was removed before is told by its place: it counts for the newest step that has this place.
UPDATE archived_counts
SET step = coalesce((
  SELECT max(st.id) FROM steps AS st WHERE st.sequence_id = archived_counts.sequence_id AND st.position = archived_counts.step
), step)
WHERE step > 0;

DELETE FROM tallies WHERE step > 0;

DELETE FROM tally_changes WHERE step > 0;

INSERT INTO tallies (sequence_id, step, status, hour, many)
SELECT sequence_id, step, status, hour, sum(many)
FROM (
  SELECT sequence_id, sequence_stepid AS step,
    CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved' ELSE status END AS status,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)) AS hour, count(*) AS many
  FROM sequence_contacts
  GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT sequence_id, step, status, '1970-01-01 00:00:00', many FROM archived_counts WHERE step > 0
  UNION ALL
  SELECT r.sequence_id, r.sequence_stepid, 'receipt_' || a.delivery, '1970-01-01 00:00:00', count(*)
  FROM attempts AS a
  JOIN sequence_contacts AS r ON r.id = a.record_id
  WHERE a.delivery IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM attempts AS later
    WHERE later.record_id = a.record_id AND later.number > a.number AND later.delivery IS NOT NULL
  )
  GROUP BY 1, 2, 3
) AS counted
GROUP BY 1, 2, 3, 4;

-- SQLite: as before, by the step's id.
DROP TRIGGER tally_new_record;

-- SQLite: triggers for each row, there are no others; they cost nothing where neither status nor hour changes.
CREATE TRIGGER tally_new_record AFTER INSERT ON sequence_contacts BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, NEW.sequence_stepid,
    CASE WHEN NEW.status = 'unknown' AND NEW.ended_at IS NULL THEN 'held'
      WHEN NEW.status = 'cancelled' AND NEW.went_over = 1 THEN 'moved'
      ELSE NEW.status END,
    hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: as before, by the step's id.
DROP TRIGGER tally_gone_record;

-- SQLite: what is deleted counts no more.
CREATE TRIGGER tally_gone_record AFTER DELETE ON sequence_contacts BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, OLD.sequence_stepid,
    CASE WHEN OLD.status = 'unknown' AND OLD.ended_at IS NULL THEN 'held'
      WHEN OLD.status = 'cancelled' AND OLD.went_over = 1 THEN 'moved'
      ELSE OLD.status END,
    hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- SQLite: as before, by the step's id.
DROP TRIGGER tally_changed_record;

-- SQLite: what changes counts there no more, and here instead.
CREATE TRIGGER tally_changed_record
AFTER UPDATE OF sequence_id, sequence_stepid, status, next_trigger_time, completed_at, ended_at, went_over ON sequence_contacts
WHEN OLD.status <> NEW.status OR (OLD.ended_at IS NULL) <> (NEW.ended_at IS NULL)
  OR hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time))
    <> hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time))
  OR OLD.sequence_id <> NEW.sequence_id OR OLD.sequence_stepid <> NEW.sequence_stepid
  OR OLD.went_over <> NEW.went_over
BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, OLD.sequence_stepid,
    CASE WHEN OLD.status = 'unknown' AND OLD.ended_at IS NULL THEN 'held'
      WHEN OLD.status = 'cancelled' AND OLD.went_over = 1 THEN 'moved'
      ELSE OLD.status END,
    hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1
  ; INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, NEW.sequence_stepid,
    CASE WHEN NEW.status = 'unknown' AND NEW.ended_at IS NULL THEN 'held'
      WHEN NEW.status = 'cancelled' AND NEW.went_over = 1 THEN 'moved'
      ELSE NEW.status END,
    hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: a receipt says how far a message has come. A try is written without one, so that none of this is asked when a
-- step settles. Of a record that was accepted twice the last such try counts.
CREATE TRIGGER tally_receipt AFTER UPDATE OF delivery ON attempts WHEN OLD.delivery IS NOT NEW.delivery BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  SELECT r.sequence_id, r.sequence_stepid, 'receipt_' || told.delivery, '1970-01-01 00:00:00', told.many
  FROM sequence_contacts AS r
  CROSS JOIN (
    SELECT coalesce(OLD.delivery, (
      SELECT earlier.delivery FROM attempts AS earlier
      WHERE earlier.record_id = NEW.record_id AND earlier.number < NEW.number AND earlier.delivery IS NOT NULL
      ORDER BY earlier.number DESC LIMIT 1)) AS delivery, -1 AS many
    UNION ALL SELECT NEW.delivery, 1
  ) AS told
  WHERE r.id = NEW.record_id AND told.delivery IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM attempts AS later
    WHERE later.record_id = NEW.record_id AND later.number > NEW.number AND later.delivery IS NOT NULL
  )
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + excluded.many; END;

-- SQLite: what is deleted counts no more. Tries are deleted with their record, the first one first.
CREATE TRIGGER tally_gone_receipt AFTER DELETE ON attempts WHEN OLD.delivery IS NOT NULL BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  SELECT r.sequence_id, r.sequence_stepid, 'receipt_' || OLD.delivery, '1970-01-01 00:00:00', -1
  FROM sequence_contacts AS r
  WHERE r.id = OLD.record_id AND NOT EXISTS (
    SELECT 1 FROM attempts AS later
    WHERE later.record_id = OLD.record_id AND later.number > OLD.number AND later.delivery IS NOT NULL
  )
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + excluded.many; END;

-- SQLite: what a step led to.
CREATE TRIGGER tally_result
AFTER UPDATE OF replied_after_step, stopped_after_step, goal_after_step, left_after_step ON enrollments BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  SELECT NEW.sequence_id, changed.step, changed.result, '1970-01-01 00:00:00', sum(changed.many)
  FROM (
    SELECT OLD.replied_after_step AS step, 'replied' AS result, -1 AS many
    UNION ALL SELECT OLD.stopped_after_step, 'stopped', -1
    UNION ALL SELECT OLD.goal_after_step, 'goal', -1
    UNION ALL SELECT OLD.left_after_step, 'left_here', -1
    UNION ALL SELECT NEW.replied_after_step, 'replied', 1
    UNION ALL SELECT NEW.stopped_after_step, 'stopped', 1
    UNION ALL SELECT NEW.goal_after_step, 'goal', 1
    UNION ALL SELECT NEW.left_after_step, 'left_here', 1
  ) AS changed
  WHERE changed.step IS NOT NULL GROUP BY 1, 2, 3 HAVING sum(changed.many) <> 0
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + excluded.many; END;

-- SQLite: what is deleted counts no more.
CREATE TRIGGER tally_gone_result AFTER DELETE ON enrollments BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  SELECT OLD.sequence_id, changed.step, changed.result, '1970-01-01 00:00:00', sum(changed.many)
  FROM (
    SELECT OLD.replied_after_step AS step, 'replied' AS result, -1 AS many
    UNION ALL SELECT OLD.stopped_after_step, 'stopped', -1
    UNION ALL SELECT OLD.goal_after_step, 'goal', -1
    UNION ALL SELECT OLD.left_after_step, 'left_here', -1
  ) AS changed
  WHERE changed.step IS NOT NULL GROUP BY 1, 2, 3 HAVING sum(changed.many) <> 0
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + excluded.many; END;

-- PostgreSQL: as before, by the step's id.
CREATE OR REPLACE FUNCTION tally_new_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, sequence_stepid, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: as before, by the step's id.
CREATE OR REPLACE FUNCTION tally_gone_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, sequence_stepid, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: as before, by the step's id.
CREATE OR REPLACE FUNCTION tally_changed_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, sequence_stepid, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), sum(one)
  FROM (
    SELECT sequence_id, sequence_stepid, status, next_trigger_time, completed_at, ended_at, went_over, -1 AS one FROM gone
    UNION ALL
    SELECT sequence_id, sequence_stepid, status, next_trigger_time, completed_at, ended_at, went_over, 1 FROM come
  ) AS changed GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0
  ; RETURN NULL; END $$;

-- PostgreSQL: a receipt says how far a message has come. For each row, since a trigger for each statement would be asked
-- whenever a step settles.
CREATE FUNCTION tally_receipt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT r.sequence_id, r.sequence_stepid, 'receipt_' || told.delivery, CAST('1970-01-01 00:00:00+00' AS INSTANT), told.many
  FROM sequence_contacts AS r
  CROSS JOIN (
    SELECT coalesce(OLD.delivery, (
      SELECT earlier.delivery FROM attempts AS earlier
      WHERE earlier.record_id = NEW.record_id AND earlier.number < NEW.number AND earlier.delivery IS NOT NULL
      ORDER BY earlier.number DESC LIMIT 1)) AS delivery, -1 AS many
    UNION ALL SELECT NEW.delivery, 1
  ) AS told
  WHERE r.id = NEW.record_id AND told.delivery IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM attempts AS later
    WHERE later.record_id = NEW.record_id AND later.number > NEW.number AND later.delivery IS NOT NULL
  )
  ; RETURN NULL; END $$;

-- PostgreSQL: what is deleted counts no more.
CREATE FUNCTION tally_gone_receipts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT r.sequence_id, r.sequence_stepid, 'receipt_' || gone.delivery, CAST('1970-01-01 00:00:00+00' AS INSTANT), -count(*)
  FROM gone
  JOIN sequence_contacts AS r ON r.id = gone.record_id
  WHERE gone.delivery IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM gone AS later
    WHERE later.record_id = gone.record_id AND later.number > gone.number AND later.delivery IS NOT NULL
  )
  GROUP BY 1, 2, 3
  ; RETURN NULL; END $$;

-- PostgreSQL: what a step led to.
CREATE FUNCTION tally_result() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT NEW.sequence_id, changed.step, changed.result, CAST('1970-01-01 00:00:00+00' AS INSTANT), sum(changed.many)
  FROM (
    SELECT OLD.replied_after_step AS step, 'replied' AS result, -1 AS many
    UNION ALL SELECT OLD.stopped_after_step, 'stopped', -1
    UNION ALL SELECT OLD.goal_after_step, 'goal', -1
    UNION ALL SELECT OLD.left_after_step, 'left_here', -1
    UNION ALL SELECT NEW.replied_after_step, 'replied', 1
    UNION ALL SELECT NEW.stopped_after_step, 'stopped', 1
    UNION ALL SELECT NEW.goal_after_step, 'goal', 1
    UNION ALL SELECT NEW.left_after_step, 'left_here', 1
  ) AS changed
  WHERE changed.step IS NOT NULL GROUP BY 1, 2, 3 HAVING sum(changed.many) <> 0
  ; RETURN NULL; END $$;

-- PostgreSQL: what is deleted counts no more.
CREATE FUNCTION tally_gone_result() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT OLD.sequence_id, changed.step, changed.result, CAST('1970-01-01 00:00:00+00' AS INSTANT), sum(changed.many)
  FROM (
    SELECT OLD.replied_after_step AS step, 'replied' AS result, -1 AS many
    UNION ALL SELECT OLD.stopped_after_step, 'stopped', -1
    UNION ALL SELECT OLD.goal_after_step, 'goal', -1
    UNION ALL SELECT OLD.left_after_step, 'left_here', -1
  ) AS changed
  WHERE changed.step IS NOT NULL GROUP BY 1, 2, 3 HAVING sum(changed.many) <> 0
  ; RETURN NULL; END $$;

-- PostgreSQL: receipts,
CREATE TRIGGER tally_receipt AFTER UPDATE OF delivery ON attempts FOR EACH ROW
  WHEN (OLD.delivery IS DISTINCT FROM NEW.delivery) EXECUTE FUNCTION tally_receipt();

-- PostgreSQL: tries that are deleted,
CREATE TRIGGER tally_gone_receipts AFTER DELETE ON attempts
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_gone_receipts();

-- PostgreSQL: results,
CREATE TRIGGER tally_result
  AFTER UPDATE OF replied_after_step, stopped_after_step, goal_after_step, left_after_step ON enrollments FOR EACH ROW
  EXECUTE FUNCTION tally_result();

-- PostgreSQL: enrollments that are deleted.
CREATE TRIGGER tally_gone_result AFTER DELETE ON enrollments FOR EACH ROW
  WHEN (coalesce(OLD.replied_after_step, OLD.stopped_after_step, OLD.goal_after_step, OLD.left_after_step) IS NOT NULL)
  EXECUTE FUNCTION tally_gone_result();
