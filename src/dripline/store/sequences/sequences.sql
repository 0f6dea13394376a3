-- Sequences and the steps of their versions.

-- name: find_sequence
-- Returns the sequence of that name, locked until the transaction ends.
SELECT s.*
FROM sequences AS s
WHERE s.name = :name
/* lock s */;

-- name: sequences
-- Returns every sequence, archived ones too, by name.
SELECT s.* FROM sequences AS s WHERE s.deleted_at IS NULL ORDER BY s.name;

-- name: find_sequence_of_trigger
-- Returns the sequence that a trigger starts.
SELECT s.id, s.name FROM sequences AS s WHERE s.trigger = :trigger;

-- name: insert_sequence
-- Writes a new sequence at version 1.
INSERT INTO sequences (
  name, trigger, channel, address_kind, variables, version, created_at, updated_at, on_failure, on_unknown,
  unknown_after_seconds, when_late, late_grace_seconds, min_gap_seconds, on_reply, on_trigger_lost, re_entry,
  re_entry_gap_seconds, time_window, zone, goal, then_trigger, may_loop, exclusive_group, cold, invited_only)
VALUES (
  :name, :trigger, :channel, :address_kind, :variables, 1, :now, :now, :on_failure, :on_unknown,
  :unknown_after_seconds, :when_late, :late_grace_seconds, :min_gap_seconds, :on_reply, :on_trigger_lost, :re_entry,
  :re_entry_gap_seconds, :time_window, :zone, :goal, :then_trigger, :may_loop, :exclusive_group, :cold, :invited_only)
RETURNING id;

-- name: update_sequence
-- Overwrites a sequence's settings and says which version newcomers get.
UPDATE sequences
SET
  trigger = :trigger, channel = :channel, address_kind = :address_kind, variables = :variables, version = :version,
  on_failure = :on_failure, on_unknown = :on_unknown, unknown_after_seconds = :unknown_after_seconds,
  when_late = :when_late, late_grace_seconds = :late_grace_seconds, min_gap_seconds = :min_gap_seconds,
  on_reply = :on_reply, on_trigger_lost = :on_trigger_lost, re_entry = :re_entry,
  re_entry_gap_seconds = :re_entry_gap_seconds, time_window = :time_window,
  zone = :zone, goal = :goal, then_trigger = :then_trigger, may_loop = :may_loop,
  exclusive_group = :exclusive_group, cold = :cold, invited_only = :invited_only, updated_at = :now,
  channel_since = CASE WHEN channel = :channel AND address_kind = :address_kind THEN channel_since ELSE :now END
WHERE id = :sequence_id;

-- name: insert_steps
-- Writes the steps of a version, keyed by position.
INSERT INTO steps (
  sequence_id, version, position, after_seconds, after_days, tells_days, offset_seconds, message, subject, time_window,
  content, step_key)
SELECT CAST(:sequence_id AS bigint), CAST(:version AS integer), CAST(key AS integer),
  CAST(value ->> 'after' AS bigint), CAST(value ->> 'days' AS integer), CAST(value ->> 'tells_days' AS integer),
  CAST(value ->> 'offset' AS bigint), value ->> 'message', value ->> 'subject',
  value ->> 'time_window', value ->> 'content', value ->> 'step_key'
FROM json_each(:steps);

-- name: tell_days
-- Notes of the steps of a version, keyed by position, whether their waits are days or hours, where nobody had said.
UPDATE steps
SET after_days = said.days, tells_days = 1
FROM (
  SELECT CAST(key AS integer) AS at_position, CAST(value ->> 'after' AS bigint) AS seconds,
    CAST(value ->> 'days' AS integer) AS days
  FROM json_each(:steps)
) AS said
WHERE sequence_id = :sequence_id AND version = :version AND position = said.at_position AND tells_days = 0
  AND after_seconds = said.seconds;

-- name: rename_steps
-- Gives steps another id in every version, keyed by the one that they have.
UPDATE steps
SET step_key = renamed.new_key
FROM (SELECT key AS old_key, value ->> 'step_key' AS new_key FROM json_each(:ids)) AS renamed
WHERE sequence_id = :sequence_id AND step_key = renamed.old_key;

-- name: correct_steps
-- Overwrites the texts, windows and content of steps in every version, each given with its id, keyed by
-- anything; a step whose text or content was corrected is no longer paused.
UPDATE steps
SET message = corrected.message, subject = corrected.subject, time_window = corrected.time_window,
  content = corrected.content,
  pause_code = CASE
    WHEN steps.message = corrected.message AND steps.content = corrected.content THEN pause_code END,
  pause_facts = CASE
    WHEN steps.message = corrected.message AND steps.content = corrected.content THEN pause_facts END
FROM (
  SELECT value ->> 'step_key' AS corrected_key, value ->> 'message' AS message, value ->> 'subject' AS subject,
    value ->> 'time_window' AS time_window, value ->> 'content' AS content
  FROM json_each(:steps)
) AS corrected
WHERE sequence_id = :sequence_id AND step_key = corrected.corrected_key;

-- name: pause_steps
-- Keeps every record of a step from being claimed, keyed by step id, until its text is corrected.
UPDATE steps
SET pause_code = paused.code, pause_facts = paused.facts
FROM (SELECT CAST(key AS bigint) AS step_id, value ->> 'code' AS code, value ->> 'facts' AS facts FROM json_each(:steps)) AS paused
WHERE id = paused.step_id AND pause_code IS NULL;
