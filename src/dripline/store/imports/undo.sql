-- Taking back what an import did, lead by lead in pages. An enrollment is the import's if it wrote it, or if it starts on
-- a trigger that the import gave its lead.

-- name: leads_of_import
-- Returns a page of the leads that an import added, changed, gave a trigger or enrolled, in order, after one of them.
SELECT touched.lead_id
FROM (
  SELECT added.lead_id
  FROM (SELECT id AS lead_id FROM leads WHERE import_id = :import_id AND id > :after ORDER BY id LIMIT :page) AS added
  UNION
  SELECT triggered.lead_id
  FROM (SELECT DISTINCT lead_id FROM lead_triggers WHERE import_id = :import_id AND lead_id > :after
    ORDER BY lead_id LIMIT :page) AS triggered
  UNION
  SELECT enrolled.lead_id
  FROM (SELECT DISTINCT lead_id FROM enrollments WHERE import_id = :import_id AND lead_id > :after
    ORDER BY lead_id LIMIT :page) AS enrolled
  UNION
  SELECT changed.lead_id
  FROM (SELECT lead_id FROM import_changes WHERE import_id = :import_id AND lead_id > :after
    ORDER BY lead_id LIMIT :page) AS changed
) AS touched
ORDER BY touched.lead_id
LIMIT :page;

-- name: what_happened_since
-- Returns what speaks against deleting each lead: it was there before, something was tried for it, somebody or another
-- import changed it, wrote about it, gave it a trigger or enrolled it, or it wrote to us.
SELECT l.id,
  CASE WHEN l.import_id = :import_id THEN 1 ELSE 0 END AS was_added,
  EXISTS (SELECT 1 FROM enrollments AS e JOIN sequence_contacts AS r ON r.enrollment_id = e.id
    LEFT JOIN attempts AS a ON a.record_id = r.id
    WHERE e.lead_id = l.id AND (a.record_id IS NOT NULL OR r.begun_at IS NOT NULL))
    OR EXISTS (SELECT 1 FROM enrollments AS e WHERE e.lead_id = l.id AND e.archived_at IS NOT NULL) AS was_tried,
  l.is_changed = 1
    OR EXISTS (SELECT 1 FROM lead_notes AS n WHERE n.lead_id = l.id)
    OR EXISTS (SELECT 1 FROM import_changes AS c WHERE c.lead_id = l.id AND c.import_id <> :import_id)
    OR EXISTS (SELECT 1 FROM lead_triggers AS t WHERE t.lead_id = l.id AND coalesce(t.import_id, 0) <> :import_id)
    OR EXISTS (SELECT 1 FROM enrollments AS e JOIN sequences AS s ON s.id = e.sequence_id
      WHERE e.lead_id = l.id AND e.ended_at IS NULL AND coalesce(e.import_id, 0) <> :import_id AND NOT EXISTS (
        SELECT 1 FROM lead_triggers AS t
        WHERE t.lead_id = l.id AND t.trigger = coalesce(s.archived_trigger, s.trigger) AND t.import_id = :import_id)) AS was_changed,
  EXISTS (SELECT 1 FROM messages_in AS m WHERE m.lead_id = l.id)
    OR EXISTS (SELECT 1 FROM conversations AS heard WHERE heard.address = l.phone)
    OR EXISTS (SELECT 1 FROM conversations AS heard WHERE heard.address = l.email) AS wrote
FROM json_each(:leads) AS given
JOIN leads AS l ON l.id = CAST(given.key AS bigint)
ORDER BY l.id;

-- name: enrollments_of_import
-- Returns the live enrollments of leads that are the import's.
SELECT e.id
FROM json_each(:leads) AS given
JOIN enrollments AS e ON e.lead_id = CAST(given.key AS bigint) AND e.ended_at IS NULL
JOIN sequences AS s ON s.id = e.sequence_id
WHERE e.import_id = :import_id OR EXISTS (
  SELECT 1 FROM lead_triggers AS t
  WHERE t.lead_id = e.lead_id AND t.trigger = coalesce(s.archived_trigger, s.trigger) AND t.import_id = :import_id)
ORDER BY e.id;

-- name: merged_runs_of_import
-- Returns what ended since two leads became one and is the import's: a row of it joined the lead of an earlier row.
SELECT e.id
FROM json_each(:leads) AS given
JOIN enrollments AS e ON e.lead_id = CAST(given.key AS bigint)
WHERE e.import_id = :import_id AND e.end_code = 'leads_merged'
ORDER BY e.id;

-- name: untried_of
-- Returns those of some enrollments that have ended without a single try; of those whose records were removed nobody knows.
SELECT e.id
FROM json_each(:enrollments) AS given
JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
WHERE e.ended_at IS NOT NULL AND e.archived_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM sequence_contacts AS r JOIN attempts AS a ON a.record_id = r.id WHERE r.enrollment_id = e.id);

-- name: drop_moves
-- Deletes the moves of the records of enrollments of which nothing was ever tried.
DELETE FROM record_moves WHERE record_id IN (
  SELECT r.id FROM sequence_contacts AS r
  WHERE r.enrollment_id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments)));

-- name: drop_settlements
-- Deletes as what those records were settled.
DELETE FROM settlements WHERE record_id IN (
  SELECT r.id FROM sequence_contacts AS r
  WHERE r.enrollment_id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments)));

-- name: drop_records
-- Deletes the records of those enrollments.
DELETE FROM sequence_contacts WHERE enrollment_id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments));

-- name: drop_enrollments
-- Deletes those enrollments.
DELETE FROM enrollments WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments));

-- name: take_triggers_back
-- Takes from leads the triggers that an import gave them.
DELETE FROM lead_triggers
WHERE import_id = :import_id AND lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: changes_of_import
-- Returns what an import changed of leads, and what they are now.
SELECT c.lead_id, c.before, c.after, lead_columns(l)
FROM json_each(:leads) AS given
JOIN import_changes AS c ON c.lead_id = CAST(given.key AS bigint) AND c.import_id = :import_id
JOIN leads AS l ON l.id = c.lead_id
ORDER BY c.lead_id;

-- name: restore_leads
-- Gives leads what they were before an import changed them, keyed by id; not where somebody else has become the lead of
-- that e-mail address since.
UPDATE leads
SET (lead_columns()) = (lead_columns(was)), updated_at = :now
FROM (
  SELECT CAST(key AS bigint) AS lead_id, lead_values(value)
  FROM json_each(:leads)
) AS was
WHERE id = was.lead_id AND (was.phone IS NOT NULL OR NOT EXISTS (
  SELECT 1 FROM leads AS other WHERE other.phone IS NULL AND other.email = was.email AND other.id <> was.lead_id))
RETURNING id;

-- name: changes_taken_back
-- Deletes what is kept of the changes of an import to leads.
DELETE FROM import_changes
WHERE import_id = :import_id AND lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));
