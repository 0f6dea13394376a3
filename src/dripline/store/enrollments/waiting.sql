-- Records that wait for a rule: a window, a gap, a cap, or what their sender may not do. When rules change they are asked
-- again, so that nothing waits for a rule that is gone.

-- name: waiting_for_rules
-- Counts the records of a sequence that wait for a rule.
SELECT count(*) AS many
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL
  AND r.status IN ('active', 'paused') AND waits_for_rule(r);

-- name: ask_again_of_sequence
-- Gives the records of a sequence that wait for a rule the time that they had before any rule moved them, or lets them be
-- due now, not late for having waited: the claim asks the rules as they are then. A time that a person or a retry gave
-- stands, and so does that of enrollments that are asked about in another way, keyed by id.
UPDATE sequence_contacts
SET reason_code = CASE WHEN status = 'paused' THEN reason_code END,
  reason_facts = CASE WHEN status = 'paused' THEN reason_facts END,
  next_trigger_time = CASE WHEN own.before > :now THEN own.before ELSE :now END
FROM (
  SELECT r.id AS record_id, time_before_rules(r, e) AS before
  FROM enrollments AS e
  JOIN sequence_contacts AS r ON r.enrollment_id = e.id
  WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL
    AND e.id NOT IN (SELECT CAST(key AS bigint) FROM json_each(:without))
    AND r.status IN ('active', 'paused') AND waits_for_rule(r)
) AS own
WHERE id = own.record_id AND status IN ('active', 'paused') AND next_trigger_time > :now
RETURNING id;

-- name: ask_again_of_leads
-- Does the same for the records of leads.
UPDATE sequence_contacts
SET reason_code = CASE WHEN status = 'paused' THEN reason_code END,
  reason_facts = CASE WHEN status = 'paused' THEN reason_facts END,
  next_trigger_time = CASE WHEN own.before > :now THEN own.before ELSE :now END
FROM (
  SELECT r.id AS record_id, time_before_rules(r, e) AS before
  FROM json_each(:leads) AS given
  JOIN enrollments AS e ON e.lead_id = CAST(given.key AS bigint) AND e.ended_at IS NULL
  JOIN sequence_contacts AS r ON r.enrollment_id = e.id
  WHERE r.status IN ('active', 'paused') AND waits_for_rule(r)
) AS own
WHERE id = own.record_id AND status IN ('active', 'paused') AND next_trigger_time > :now
RETURNING id;

-- name: note_asked_again
-- Notes that rules are asked again about records, and why.
INSERT INTO record_moves (record_id, moved_at, moved_to, reason_code)
SELECT r.id, :now, r.next_trigger_time, CAST(:code AS text)
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint);

-- name: hold_as_said_now
-- Lets the unknown records of a sequence be held for as long as it says now: `seconds` longer or shorter, and not for a
-- person any more where it no longer says so.
UPDATE sequence_contacts
SET lease_until = CASE WHEN lease_until IS NULL THEN :now ELSE add_seconds(lease_until, :seconds) END
WHERE sequence_id = :sequence_id AND status = 'unknown' AND ended_at IS NULL
  AND (lease_until IS NOT NULL OR CAST(:is_freed AS integer) = 1);

-- name: every_sequence
-- Returns every sequence.
SELECT s.id FROM sequences AS s ORDER BY s.id;
