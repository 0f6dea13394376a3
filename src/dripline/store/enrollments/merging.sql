-- Two leads that are one person, and where live enrollments send. `:pairs` is keyed by the lead that goes, and names the
-- one that stays.

-- name: runs_of_pairs
-- Returns the live enrollments of both leads of each pair, with the step at which each stands, and its goal where one of
-- the two has reached it.
SELECT e.id, e.lead_id, e.sequence_id, e.exclusive_group, s.name AS sequence, pair.kept,
  CASE WHEN EXISTS (SELECT 1 FROM lead_triggers AS t
    WHERE t.lead_id IN (pair.gone, pair.kept) AND t.trigger = s.goal) THEN s.goal END AS goal,
  (SELECT min(r.current_step) FROM sequence_contacts AS r
   WHERE r.enrollment_id = e.id AND r.ended_at IS NULL AND r.completed_at IS NULL) AS step,
  CASE WHEN EXISTS (SELECT 1 FROM sequence_contacts AS r
    WHERE r.enrollment_id = e.id AND r.status IN ('sending', 'unknown') AND r.ended_at IS NULL)
    THEN 1 ELSE 0 END AS is_in_flight
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
JOIN enrollments AS e ON e.lead_id IN (pair.gone, pair.kept) AND e.ended_at IS NULL
JOIN sequences AS s ON s.id = e.sequence_id
ORDER BY e.id;

-- name: move_triggers
-- Gives the leads that stay the triggers of those that go; one that both have keeps its instant.
INSERT INTO lead_triggers (lead_id, trigger, gained_at, decided_at, import_id)
SELECT pair.kept, t.trigger, t.gained_at, t.decided_at, t.import_id
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
JOIN lead_triggers AS t ON t.lead_id = pair.gone
WHERE true
ON CONFLICT DO NOTHING;

-- name: move_merged_records
-- Gives the leads that stay the records of those that go.
UPDATE sequence_contacts
SET lead_id = own.kept
FROM (
  SELECT e.id AS of_enrollment, CAST(pair.value ->> 'kept' AS bigint) AS kept
  FROM json_each(:pairs) AS pair
  JOIN enrollments AS e ON e.lead_id = CAST(pair.key AS bigint)
) AS own
WHERE enrollment_id = own.of_enrollment;

-- name: move_merged_enrollments
-- Gives the leads that stay the enrollments of those that go.
UPDATE enrollments
SET lead_id = pair.kept
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
WHERE lead_id = pair.gone;

-- name: move_names
-- Gives the leads that stay the names by which providers know those that go.
UPDATE identities
SET lead_id = pair.kept
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
WHERE lead_id = pair.gone;

-- name: move_notes
-- Gives the leads that stay what was written about those that go.
UPDATE lead_notes
SET lead_id = pair.kept
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
WHERE lead_id = pair.gone;

-- name: move_doubts
-- Lets the leads that stay wait for a person where those that go did.
UPDATE stop_doubts
SET lead_id = pair.kept
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
WHERE lead_id = pair.gone;

-- name: move_other_addresses
-- Gives the leads that stay the other addresses of those that go.
UPDATE other_addresses
SET lead_id = pair.kept
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
WHERE lead_id = pair.gone;

-- name: move_merged_ids
-- Lets ids of leads that became part of those that go name the leads that stay.
UPDATE merged_leads
SET lead_id = pair.kept
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
WHERE lead_id = pair.gone;

-- name: keep_ids
-- Lets the ids of the leads that go name the leads that stay, with what they were called.
INSERT INTO merged_leads (id, lead_id, name)
SELECT l.id, CAST(given.value ->> 'kept' AS bigint), l.name
FROM json_each(:pairs) AS given
JOIN leads AS l ON l.id = CAST(given.key AS bigint)
WHERE true
ON CONFLICT (id) DO UPDATE SET lead_id = excluded.lead_id;

-- name: keep_addresses
-- Keeps addresses by which merged leads are known, keyed by themselves.
INSERT INTO other_addresses (address, lead_id)
SELECT key, CAST(value ->> 'lead' AS bigint) FROM json_each(:addresses)
WHERE true
ON CONFLICT (address) DO UPDATE SET lead_id = excluded.lead_id;

-- name: known_by
-- Returns which leads are known by some addresses beside those that they are sent to, and where these are sent to; found
-- by the table's own key.
-- plan: kept
SELECT o.address, l.id, l.phone, l.email
FROM other_addresses AS o
JOIN leads AS l ON l.id = o.lead_id
WHERE o.address IN /* each */ (SELECT key FROM json_each(:addresses)) /* each */;

-- name: other_addresses_of
-- Returns the other addresses of leads.
SELECT o.lead_id, o.address
FROM json_each(:leads) AS given
JOIN other_addresses AS o ON o.lead_id = CAST(given.key AS bigint)
ORDER BY o.address;

-- name: forget_other_addresses
-- Deletes the other addresses of leads that are being forgotten.
DELETE FROM other_addresses WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: forget_merged_ids
-- Deletes which leads became part of leads that are being forgotten.
DELETE FROM merged_leads WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: move_deliveries
-- Lets the events of the leads that go be those of the leads that stay.
UPDATE event_deliveries
SET lead_id = pair.kept
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
WHERE lead_id = pair.gone;

-- name: move_deeds
-- Lets what people did to the leads that go be told of the leads that stay.
UPDATE audit_log
SET lead_id = pair.kept
FROM (SELECT CAST(key AS bigint) AS gone, CAST(value ->> 'kept' AS bigint) AS kept FROM json_each(:pairs)) AS pair
WHERE lead_id = pair.gone;

-- name: note_merges
-- Writes down about the leads that stay which lead each was merged with.
INSERT INTO lead_notes (lead_id, text, author, at)
SELECT CAST(value ->> 'kept' AS bigint), value ->> 'told', :author, :now FROM json_each(:pairs);

-- name: untouched_of_import
-- Returns which of the given leads an import added, and nothing changed since.
SELECT l.id
FROM json_each(:leads) AS given
JOIN leads AS l ON l.id = CAST(given.key AS bigint)
WHERE l.import_id = :import_id AND l.is_changed = 0;

-- name: mark_merged
-- Notes that the leads that stay are no longer as an import left them.
UPDATE leads SET is_changed = 1, updated_at = :now WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: runs_of_barred
-- Returns the live enrollments of leads of which one of the given addresses is barred as a whole person, and why.
WITH own AS MATERIALIZED (SELECT * FROM rows_of(:addresses, lead bigint, address text))
SELECT e.id, barred.reason_code, barred.reason_facts
FROM own
JOIN suppressions AS barred ON barred.address = own.address AND barred.whole_person = 1
JOIN enrollments AS e ON e.lead_id = own.lead AND e.ended_at IS NULL
ORDER BY e.id, barred.address;

-- name: stale_addresses
-- Returns the live enrollments of leads that send elsewhere than is written down, with the step at which each stands, and
-- whether another lead of the new address has been through the sequence, and none of that address is to be again.
SELECT e.id, e.sequence_id, address_of(s, l) AS address,
  (SELECT min(r.current_step) FROM sequence_contacts AS r
   WHERE r.enrollment_id = e.id AND r.ended_at IS NULL AND r.completed_at IS NULL) AS step,
  CASE WHEN EXISTS (SELECT 1 FROM sequence_contacts AS r
    WHERE r.enrollment_id = e.id AND r.status IN ('sending', 'unknown') AND r.ended_at IS NULL)
    THEN 1 ELSE 0 END AS is_in_flight,
  CASE WHEN s.address_kind = 'email' AND EXISTS (SELECT 1 FROM leads AS twin
    JOIN enrollments AS had ON had.lead_id = twin.id AND had.sequence_id = s.id AND had.ended_at IS NOT NULL
    WHERE twin.email = l.email AND twin.id <> l.id
      AND (s.re_entry = 'once' OR add_seconds(had.enrolled_at, s.re_entry_gap_seconds) > :now))
    THEN 1 ELSE 0 END AS was_there
FROM json_each(:leads) AS given
JOIN leads AS l ON l.id = CAST(given.key AS bigint)
JOIN enrollments AS e ON e.lead_id = l.id AND e.ended_at IS NULL
JOIN sequences AS s ON s.id = e.sequence_id
WHERE coalesce(e.address, '') <> coalesce(address_of(s, l), '')
ORDER BY e.id;

-- name: stale_addresses_of_sequence
-- Returns the same of the live enrollments of a sequence as it will be: by its kind of address, and by whether anybody is
-- to be in it again.
SELECT e.id, e.lead_id, coalesce(l.phone, l.email) AS lead_address, e.sequence_id, address_of(s, l) AS address,
  (SELECT min(r.current_step) FROM sequence_contacts AS r
   WHERE r.enrollment_id = e.id AND r.ended_at IS NULL AND r.completed_at IS NULL) AS step,
  CASE WHEN EXISTS (SELECT 1 FROM sequence_contacts AS r
    WHERE r.enrollment_id = e.id AND r.status IN ('sending', 'unknown') AND r.ended_at IS NULL)
    THEN 1 ELSE 0 END AS is_in_flight,
  CASE WHEN s.address_kind = 'email' AND EXISTS (SELECT 1 FROM leads AS twin
    JOIN enrollments AS had ON had.lead_id = twin.id AND had.sequence_id = s.id AND had.ended_at IS NOT NULL
    WHERE twin.email = l.email AND twin.id <> l.id
      AND (s.re_entry = 'once' OR add_seconds(had.enrolled_at, s.re_entry_gap_seconds) > :now))
    THEN 1 ELSE 0 END AS was_there
FROM (
  SELECT CAST(:sequence_id AS bigint) AS id, CAST(:address_kind AS text) AS address_kind,
    CAST(:re_entry AS text) AS re_entry, CAST(:re_entry_gap_seconds AS bigint) AS re_entry_gap_seconds
) AS s
JOIN enrollments AS e ON e.sequence_id = s.id AND e.ended_at IS NULL
JOIN leads AS l ON l.id = e.lead_id
WHERE coalesce(e.address, '') <> coalesce(address_of(s, l), '')
ORDER BY e.id;

-- name: unaddressed_leads
-- Returns the leads of live enrollments of which it is not written down where they send: one look by the index
-- unaddressed_enrollments, where there are none.
SELECT DISTINCT e.lead_id
FROM enrollments AS e
JOIN sequences AS s ON s.id = e.sequence_id
JOIN leads AS l ON l.id = e.lead_id
WHERE e.ended_at IS NULL AND e.address IS NULL AND e.leaving_code IS NULL AND address_of(s, l) IS NOT NULL
ORDER BY e.lead_id
LIMIT :most;

-- name: address_holders
-- Returns the live enrollments that send to some addresses in some sequences; found by one_live_enrollment_per_address.
WITH wanted AS MATERIALIZED (SELECT * FROM rows_of(:wanted, sequence bigint, address text))
SELECT e.id, e.lead_id, coalesce(l.phone, l.email) AS lead_address, e.sequence_id, e.address,
  (SELECT min(r.current_step) FROM sequence_contacts AS r
   WHERE r.enrollment_id = e.id AND r.ended_at IS NULL AND r.completed_at IS NULL) AS step,
  CASE WHEN EXISTS (SELECT 1 FROM sequence_contacts AS r
    WHERE r.enrollment_id = e.id AND r.status IN ('sending', 'unknown') AND r.ended_at IS NULL)
    THEN 1 ELSE 0 END AS is_in_flight
FROM wanted
JOIN enrollments AS e ON e.sequence_id = wanted.sequence AND e.address = wanted.address AND e.ended_at IS NULL
JOIN leads AS l ON l.id = e.lead_id
ORDER BY e.id;

-- name: free_addresses
-- Lets the addresses of enrollments be written anew, or be another one's.
UPDATE enrollments SET address = NULL WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments));

-- name: write_addresses
-- Writes down where live enrollments send, keyed by id.
UPDATE enrollments
SET address = new.address
FROM (
  SELECT CAST(key AS bigint) AS of_enrollment, value ->> 'address' AS address FROM json_each(:enrollments)
) AS new
WHERE id = new.of_enrollment AND ended_at IS NULL;
