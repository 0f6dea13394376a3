-- A sequence beside what it sends: renamed, archived, deleted; and a trigger renamed wherever it is named.

-- name: rename_sequence
-- Gives a sequence another name; nothing else of it changes.
UPDATE sequences SET name = :name, updated_at = :now WHERE id = :sequence_id;

-- name: rename_draft
-- Gives a draft another name, where no other has that.
UPDATE drafts SET name = :name
WHERE name = :old_name AND NOT EXISTS (SELECT 1 FROM drafts AS other WHERE other.name = :name);

-- name: live_of_sequence
-- Returns the live enrollments of a sequence.
SELECT e.id FROM enrollments AS e WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL ORDER BY e.id;

-- name: fired_by
-- Returns the sequences whose end fires a trigger, but for one.
SELECT s.name FROM sequences AS s
WHERE s.then_trigger = :trigger AND s.id <> :sequence_id AND s.archived_at IS NULL
ORDER BY s.name;

-- name: archive_sequence
-- Archives a sequence: what no lead's trigger can be stands for its trigger, so that nobody starts and the trigger is
-- free.
UPDATE sequences
SET archived_at = :now, updated_at = :now, archived_trigger = trigger, trigger = trigger || ' (archived ' || id || ')'
WHERE id = :sequence_id AND archived_at IS NULL;

-- name: unarchive_sequence
-- Gives an archived sequence its trigger back.
UPDATE sequences
SET archived_at = NULL, updated_at = :now, trigger = archived_trigger, archived_trigger = NULL
WHERE id = :sequence_id AND archived_at IS NOT NULL AND deleted_at IS NULL;

-- name: has_enrollments
-- Returns a row if anybody was ever in a sequence: in one whose people were all forgotten, what was removed before is
-- still counted.
SELECT 1 AS found FROM enrollments AS e WHERE e.sequence_id = :sequence_id
UNION ALL
SELECT 1 FROM archived_counts AS c WHERE c.sequence_id = :sequence_id
LIMIT 1;

-- name: delete_steps
-- Deletes the steps of a sequence that nobody was ever in.
DELETE FROM steps WHERE sequence_id = :sequence_id;

-- name: delete_sequence
-- Deletes a sequence that nobody was ever in.
DELETE FROM sequences WHERE id = :sequence_id;

-- name: bury_sequence
-- Deletes a sequence for everybody who looks at sequences; what it sent is read under the name that it gets.
UPDATE sequences SET deleted_at = :now, updated_at = :now, name = :name WHERE id = :sequence_id;

-- name: rename_trigger_of_sequences
-- Renames a trigger wherever a sequence starts on it, ends on it or fires it.
UPDATE sequences
SET trigger = CASE WHEN trigger = :old THEN :new ELSE trigger END,
  archived_trigger = CASE WHEN archived_trigger = :old THEN :new ELSE archived_trigger END,
  goal = CASE WHEN goal = :old THEN :new ELSE goal END,
  then_trigger = CASE WHEN then_trigger = :old THEN :new ELSE then_trigger END,
  updated_at = :now
WHERE trigger = :old OR archived_trigger = :old OR goal = :old OR then_trigger = :old;

-- name: give_renamed_trigger
-- Gives every lead that has a trigger the one that takes its place; one that has both keeps its own.
INSERT INTO lead_triggers (lead_id, trigger, gained_at, decided_at, import_id)
SELECT t.lead_id, CAST(:new AS text), t.gained_at, t.decided_at, t.import_id
FROM lead_triggers AS t
WHERE t.trigger = :old
ON CONFLICT DO NOTHING;

-- name: drop_renamed_trigger
-- Takes a trigger from every lead that has the one in its place; who gains it at this moment keeps it.
DELETE FROM lead_triggers
WHERE trigger = :old AND EXISTS (
  SELECT 1 FROM lead_triggers AS other WHERE other.lead_id = lead_triggers.lead_id AND other.trigger = :new
);

-- name: started_by
-- Returns the sequence that a trigger starts, locked until the transaction ends.
SELECT s.id FROM sequences AS s WHERE s.trigger = :trigger
/* lock s */;

-- name: ended_by
-- Returns the sequences of which a trigger is the goal.
SELECT s.id FROM sequences AS s WHERE s.goal = :trigger ORDER BY s.id;

-- name: rename_triggers_of_source
-- Says anew which triggers a source of leads may give.
UPDATE lead_sources SET triggers = :triggers WHERE id = :source_id;
