-- What holds for every sequence, and pauses of everything and of one sequence.

-- name: workspace
-- Returns the workspace.
SELECT w.zone, w.min_gap_seconds, w.daily_cap, w.stop_words, w.keep_seconds, w.keep_messages_seconds, w.paused_at, w.pause_code,
  w.pause_facts FROM workspace AS w;

-- name: update_workspace
-- Overwrites what holds for every sequence.
UPDATE workspace
SET zone = :zone, min_gap_seconds = :min_gap_seconds, daily_cap = :daily_cap, stop_words = :stop_words,
  keep_seconds = :keep_seconds, keep_messages_seconds = :keep_messages_seconds;

-- name: pause_everything
-- Keeps everything from being claimed, from the next claim on.
UPDATE workspace SET paused_at = :now, pause_code = :code, pause_facts = :facts WHERE paused_at IS NULL RETURNING id;

-- name: resume_everything
-- Lets everything go on that is not paused for itself.
UPDATE workspace SET paused_at = NULL, pause_code = NULL, pause_facts = NULL WHERE paused_at IS NOT NULL RETURNING id;

-- name: pause_sequence
-- Keeps the records of a sequence from being claimed, from the next claim on.
UPDATE sequences SET paused_at = :now, pause_code = :code,
  pause_facts = :facts WHERE id = :sequence_id AND paused_at IS NULL RETURNING id;

-- name: resume_sequence
-- Lets a sequence go on.
UPDATE sequences
SET paused_at = NULL, pause_code = NULL, pause_facts = NULL
WHERE id = :sequence_id AND paused_at IS NOT NULL
RETURNING id;

-- name: chains
-- Returns, for every sequence but one and the archived ones, what starts it and what its end fires.
SELECT s.name, s.trigger, s.then_trigger, s.may_loop FROM sequences AS s
WHERE s.name <> :name AND s.archived_at IS NULL;
