-- Imports: how far each list came and what it did, the rows it refused, and what it changed of leads that were there.

-- name: begin_import
-- Writes an import that is about to read its first row, and returns its id.
INSERT INTO imports (name, who, columns, meanings, state, started_at, seen_at)
VALUES (:name, :who, :columns, CAST(:meanings AS text), 'running', :now, :now)
RETURNING id;

-- name: kept_meanings
-- Returns what a person said last of the columns of a list with the same columns.
SELECT meanings FROM imports WHERE columns = :columns AND meanings IS NOT NULL ORDER BY id DESC LIMIT 1;

-- name: count_batch
-- Adds what one batch did to its import, in the batch's own transaction; touches no row once the import has ended.
UPDATE imports
SET seen_at = :now, percent = CAST(:percent AS integer), rows_done = rows_done + CAST(:rows AS bigint),
  without_trigger = without_trigger + CAST(:without_trigger AS bigint), added = added + CAST(:added AS bigint),
  updated = updated + CAST(:updated AS bigint), enrolled = enrolled + CAST(:enrolled AS bigint),
  refused = refused + CAST(:refused AS bigint), noted = noted + CAST(:noted AS bigint),
  opted_out = opted_out + CAST(:opted_out AS bigint)
WHERE id = :import_id AND state = 'running';

-- name: end_import
-- Ends a running import: finished, or early with what went wrong.
UPDATE imports
SET state = :state, problem = CAST(:problem AS text), seen_at = :now, finished_at = :now
WHERE id = :import_id AND state = 'running'
RETURNING id;

-- name: begin_undoing
-- Notes that what an import did is being taken back; one whose process died is ended by that.
UPDATE imports
SET state = 'undoing', seen_at = :now, finished_at = coalesce(finished_at, :now)
WHERE id = :import_id;

-- name: count_undone
-- Adds how many leads one transaction of an undoing deleted.
UPDATE imports SET seen_at = :now, removed = removed + CAST(:removed AS bigint) WHERE id = :import_id;

-- name: end_undoing
-- Notes that all that an import did was taken back.
UPDATE imports SET state = 'undone', seen_at = :now, undone_at = :now WHERE id = :import_id AND state = 'undoing';

-- name: list_imports
-- Returns a page of imports, the latest first, before one of them.
SELECT * FROM imports WHERE id < CAST(:before AS bigint) ORDER BY id DESC LIMIT :page;

-- name: find_import
-- Returns an import by its id.
SELECT * FROM imports WHERE id = :import_id;

-- name: keep_refused
-- Keeps refused rows of an import as they came.
INSERT INTO import_refused (import_id, number, cells, culprit, value, reason)
SELECT CAST(:import_id AS bigint), number, cells, culprit, value, reason
FROM rows_of(:refused, number bigint, cells text, culprit text, value text, reason text)
WHERE true
ON CONFLICT DO NOTHING;

-- name: refused_rows
-- Returns a page of the rows that an import refused, in their order, after one of them.
SELECT number, cells, culprit, value, reason FROM import_refused
WHERE import_id = :import_id AND number > :after
ORDER BY number
LIMIT :page;

-- name: let_refused_go
-- Deletes the refused rows of imports that began before an instant: they are people's, and corrected by then.
DELETE FROM import_refused WHERE import_id IN (SELECT i.id FROM imports AS i WHERE i.started_at < :oldest);

-- name: note_changes
-- Keeps what leads that the import did not add were before it changed them, keyed by id, and what they are after. One
-- that it changes a second time keeps what it was before the first.
INSERT INTO import_changes (import_id, lead_id, before, after)
SELECT CAST(:import_id AS bigint), l.id, CAST(was.value AS text), CAST(became.value AS text)
FROM json_each(:before) AS was
JOIN json_each(:after) AS became ON became.key = was.key
JOIN leads AS l ON l.id = CAST(was.key AS bigint) AND coalesce(l.import_id, 0) <> CAST(:import_id AS bigint)
WHERE true
ON CONFLICT (import_id, lead_id) DO UPDATE SET after = excluded.after;

-- name: forget_changes
-- Deletes what imports changed of leads that are being forgotten.
DELETE FROM import_changes WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: look_up_leads
-- Returns every lead that one of the given addresses may mean, and locks none: for who only wants to know.
SELECT l.id, lead_columns(l), EXISTS (
  SELECT 1 FROM json_each(:addresses) AS named JOIN other_addresses AS o ON o.address = named.key) AS are_others_named
FROM leads AS l
WHERE l.phone IN /* each */ (SELECT key FROM json_each(:phones)) /* each */
  OR l.email IN /* each */ (SELECT key FROM json_each(:emails)) /* each */
  OR l.id IN /* each */ (
    SELECT o.lead_id FROM json_each(:addresses) AS named JOIN other_addresses AS o ON o.address = named.key) /* each */
ORDER BY l.id;

-- name: would_enroll
-- Returns what people would be enrolled in if they came in now, by the conditions of enroll_leads and enroll_again;
-- `people` are those that would be written or gain a trigger, by their place in the batch, with the ids of those that
-- are there already; `gains` their triggers. Of a group, whoever reads takes the first for each person.
WITH person AS MATERIALIZED (
  SELECT place, id, phone, email FROM rows_of(:people, place bigint, id bigint, phone text, email text)
),
gained AS MATERIALIZED (SELECT place, trigger FROM rows_of(:gains, place bigint, trigger text)),
held AS (
  SELECT place, trigger FROM gained
  UNION
  SELECT p.place, t.trigger FROM person AS p JOIN lead_triggers AS t ON t.lead_id = p.id
)
SELECT p.place, s.id AS sequence_id, s.name AS sequence, s.exclusive_group, address_of(s, p) AS address,
  CASE WHEN first.offset_seconds = 0 THEN 1 ELSE 0 END AS is_due
FROM held AS h
JOIN person AS p ON p.place = h.place
JOIN sequences AS s ON s.trigger = h.trigger
JOIN steps AS first ON first.sequence_id = s.id AND first.version = s.version AND first.position = 1
LEFT JOIN suppressions AS barred ON barred.address = address_of(s, p)
WHERE barred.address IS NULL AND address_of(s, p) IS NOT NULL AND goal_is_ahead(s, p) AND is_invited(s, p)
  AND address_is_free(s, p, :now)
  AND NOT EXISTS (SELECT 1 FROM suppressions AS wholly
    WHERE wholly.whole_person = 1 AND (wholly.address = p.phone OR wholly.address = p.email))
  AND NOT EXISTS (SELECT 1 FROM gained AS g WHERE g.place = p.place AND g.trigger = s.goal)
  AND (s.exclusive_group IS NULL OR NOT EXISTS (
    SELECT 1 FROM enrollments AS o JOIN sequences AS other ON other.id = o.sequence_id
    WHERE o.lead_id = p.id AND o.ended_at IS NULL AND o.sequence_id <> s.id AND other.exclusive_group = s.exclusive_group))
  AND (NOT EXISTS (SELECT 1 FROM enrollments AS e WHERE e.lead_id = p.id AND e.sequence_id = s.id)
    OR (s.re_entry <> 'once'
      AND EXISTS (SELECT 1 FROM gained AS g WHERE g.place = p.place AND g.trigger = s.trigger)
      AND gap_is_over(s, p, :now)
      AND (s.re_entry = 'restart' OR NOT EXISTS (SELECT 1 FROM enrollments AS e
        WHERE e.lead_id = p.id AND e.sequence_id = s.id AND e.ended_at IS NULL))))
ORDER BY p.place, s.id;

-- name: sequence_triggers
-- Returns the triggers that sequences start on.
SELECT trigger FROM sequences;

-- name: all_leads
-- Returns a page of leads in the order of their ids, after one of them; of those that have a trigger, if one is named.
SELECT l.id, lead_columns(l)
FROM leads AS l
WHERE l.id > :after AND (CAST(:trigger AS text) IS NULL OR EXISTS (
  SELECT 1 FROM lead_triggers AS t WHERE t.lead_id = l.id AND t.trigger = CAST(:trigger AS text)))
ORDER BY l.id
LIMIT :page;
