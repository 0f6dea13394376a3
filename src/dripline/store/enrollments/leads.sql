-- Leads, their triggers, and the addresses that are barred.

-- name: find_leads
-- Returns every lead that one of the given addresses may mean: by phone, by e-mail, or by an address that it has beside
-- these, and says whether any of them is such a one. Locks them against a racing import.
-- plan: kept
SELECT l.id, lead_columns(l), EXISTS (
  SELECT 1 FROM json_each(:addresses) AS named JOIN other_addresses AS o ON o.address = named.key) AS are_others_named
FROM leads AS l
WHERE l.phone IN /* each */ (SELECT key FROM json_each(:phones)) /* each */
  OR l.email IN /* each */ (SELECT key FROM json_each(:emails)) /* each */
  OR l.id IN /* each */ (
    SELECT o.lead_id FROM json_each(:addresses) AS named JOIN other_addresses AS o ON o.address = named.key) /* each */
ORDER BY l.id
/* lock l */;

-- name: insert_leads
-- Writes new leads, keyed by position in the batch; one that a racing import wrote first is left to be found again, and
-- so is one that has just become part of another. Returns those that it wrote.
-- plan: kept
INSERT INTO leads (lead_columns(), created_at, updated_at, import_id)
SELECT lead_values(value), :now, :now, CAST(:import_id AS bigint)
FROM json_each(:leads)
WHERE NOT EXISTS (
  SELECT 1 FROM other_addresses AS o WHERE o.address = coalesce(value ->> 'phone', value ->> 'email'))
ON CONFLICT DO NOTHING
RETURNING id, phone, email;

-- name: hold_leads
-- Locks leads, in the order of their ids, once nobody else has them any more.
SELECT l.id FROM leads AS l
WHERE l.id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
ORDER BY l.id
/* lock l */;

-- name: update_leads
-- Overwrites the fields of leads whose merged value differs from what is stored, keyed by id; what no import changes is
-- no longer as an import left it.
UPDATE leads
SET (lead_columns()) = (lead_columns(changed)), updated_at = :now, is_changed = CASE WHEN CAST(:import_id AS bigint) IS NULL THEN 1 ELSE is_changed END
FROM (
  SELECT CAST(key AS bigint) AS lead_id, lead_values(value)
  FROM json_each(:leads)
) AS changed
WHERE id = changed.lead_id;

-- name: remember_attribute_names
-- Notes which attributes leads are known to have.
INSERT INTO attribute_names (name) SELECT key FROM json_each(:names) WHERE true ON CONFLICT DO NOTHING;

-- name: attribute_names
-- Returns the attributes that leads are known to have.
SELECT name FROM attribute_names ORDER BY name;

-- name: gain_triggers
-- Gives leads their triggers, each once, keyed by "lead id:trigger"; a trigger the lead has already keeps its instant.
-- plan: kept
INSERT INTO lead_triggers (lead_id, trigger, gained_at, decided_at, import_id)
SELECT CAST(value ->> 'lead_id' AS bigint), value ->> 'trigger', :now, :now, CAST(:import_id AS bigint)
FROM json_each(:gains)
WHERE true
ON CONFLICT DO NOTHING;

-- name: undecided_triggers
-- Returns triggers that a person gave to leads by SQL, and about which nothing was decided yet: one look by the index
-- undecided_triggers, where there are none.
SELECT t.lead_id, t.trigger FROM lead_triggers AS t WHERE t.decided_at IS NULL ORDER BY t.lead_id, t.trigger LIMIT :most;

-- name: decide_triggers
-- Notes that it was decided what triggers start, keyed by "lead id:trigger".
UPDATE lead_triggers
SET decided_at = :now
FROM (
  SELECT CAST(value ->> 'lead_id' AS bigint) AS of_lead, value ->> 'trigger' AS token FROM json_each(:gains)
) AS given
WHERE lead_id = given.of_lead AND trigger = given.token;

-- name: drop_misspelt
-- Deletes triggers that a person wrote in another form than theirs, keyed by "lead id:trigger".
DELETE FROM lead_triggers
WHERE decided_at IS NULL AND EXISTS (
  SELECT 1 FROM json_each(:gains) AS given
  WHERE CAST(given.value ->> 'lead_id' AS bigint) = lead_triggers.lead_id
    AND given.value ->> 'trigger' = lead_triggers.trigger
);

-- name: suppress
-- Bars addresses from all later sends; one that is barred already keeps its instant and reason. But what bars a whole
-- person counts before what bars an address alone: a refusal may be undone, a stop may not.
INSERT INTO suppressions (address, reason_code, reason_facts, suppressed_at, whole_person)
SELECT key, value ->> 'code', value ->> 'facts', :now, CAST(:whole_person AS integer)
FROM json_each(:addresses)
WHERE true
ON CONFLICT (address) DO UPDATE SET whole_person = 1, reason_code = excluded.reason_code,
  reason_facts = excluded.reason_facts, suppressed_at = excluded.suppressed_at
WHERE suppressions.whole_person = 0 AND excluded.whole_person = 1;

-- name: spread_suppressions
-- Bars the other address of people who are barred as a whole, given as e-mail addresses by phone. As above, that counts
-- before what bars the other address alone.
INSERT INTO suppressions (address, reason_code, reason_facts, suppressed_at, whole_person)
SELECT address, reason_code, reason_facts, :now, 1
FROM (
  SELECT pair.other AS address, barred.reason_code, barred.reason_facts,
    row_number() OVER (PARTITION BY pair.other ORDER BY barred.suppressed_at, barred.address) AS place
  FROM (
    SELECT key AS one, value ->> 'email' AS other FROM json_each(:pairs)
    UNION ALL SELECT value ->> 'email', key FROM json_each(:pairs)
  ) AS pair
  JOIN suppressions AS barred ON barred.address = pair.one AND barred.whole_person = 1
) AS spread
WHERE place = 1
ORDER BY address
ON CONFLICT (address) DO UPDATE SET whole_person = 1, reason_code = excluded.reason_code,
  reason_facts = excluded.reason_facts, suppressed_at = excluded.suppressed_at
WHERE suppressions.whole_person = 0;

-- name: lift_suppression
-- Lets addresses be sent to again: their people asked for it. Where a reason is named, only what that one bars.
DELETE FROM suppressions
WHERE address IN (SELECT key FROM json_each(:addresses)) AND (CAST(:code AS text) IS NULL OR reason_code = :code)
RETURNING address;

-- name: barred
-- Returns why nothing is sent to an address; found by the table's own key.
SELECT reason_code, reason_facts FROM suppressions WHERE address = :address;

-- name: suppressions
-- Returns a page of the addresses that are barred, in their order, after one of them.
SELECT address, reason_code, reason_facts, suppressed_at FROM suppressions
WHERE address > :after ORDER BY address LIMIT :page;

-- name: lose_trigger
-- Takes a trigger from leads.
DELETE FROM lead_triggers
WHERE trigger = :trigger AND lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
RETURNING lead_id;

-- name: forget_attempts
-- Deletes every try at the records of leads that are being forgotten.
DELETE FROM attempts WHERE record_id IN (
  SELECT r.id FROM enrollments AS e JOIN sequence_contacts AS r ON r.enrollment_id = e.id
  WHERE e.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)));

-- name: forget_moves
-- Deletes the moves of their records.
DELETE FROM record_moves WHERE record_id IN (
  SELECT r.id FROM enrollments AS e JOIN sequence_contacts AS r ON r.enrollment_id = e.id
  WHERE e.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)));

-- name: forget_settlements
-- Deletes as what their records were settled.
DELETE FROM settlements WHERE record_id IN (
  SELECT r.id FROM enrollments AS e JOIN sequence_contacts AS r ON r.enrollment_id = e.id
  WHERE e.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)));

-- name: forget_records
-- Deletes their records.
DELETE FROM sequence_contacts WHERE enrollment_id IN (
  SELECT e.id FROM enrollments AS e WHERE e.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)));

-- name: forget_enrollments
-- Deletes their enrollments.
DELETE FROM enrollments WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: forget_triggers
-- Deletes their triggers.
DELETE FROM lead_triggers WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: forget_leads
-- Deletes the leads themselves; what bars their addresses stays.
DELETE FROM leads WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)) RETURNING id;
