-- Leads, their triggers, and the addresses that are barred.

-- name: find_leads
-- Returns every lead that one of the given addresses may mean: by phone, or by e-mail. Locks them against a racing import.
SELECT l.id, l.phone, l.email, l.name, l.attributes, l.zone
FROM leads AS l
WHERE l.phone IN (SELECT key FROM json_each(:phones)) OR l.email IN (SELECT key FROM json_each(:emails))
ORDER BY l.id
/* lock l */;

-- name: insert_leads
-- Writes new leads, keyed by position in the batch; one that a racing import wrote first is left to be found again.
INSERT INTO leads (phone, email, name, attributes, zone, created_at, updated_at)
SELECT value ->> 'phone', value ->> 'email', value ->> 'name', value ->> 'attributes', value ->> 'zone', :now, :now
FROM json_each(:leads)
WHERE true
ON CONFLICT DO NOTHING;

-- name: update_leads
-- Overwrites the fields of leads whose merged value differs from what is stored, keyed by id.
UPDATE leads
SET phone = changed.phone, email = changed.email, name = changed.name, attributes = changed.attributes,
  zone = changed.zone, updated_at = :now
FROM (
  SELECT CAST(key AS bigint) AS lead_id, value ->> 'phone' AS phone, value ->> 'email' AS email,
    value ->> 'name' AS name, value ->> 'attributes' AS attributes, value ->> 'zone' AS zone
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
INSERT INTO lead_triggers (lead_id, trigger, gained_at)
SELECT CAST(value ->> 'lead_id' AS bigint), value ->> 'trigger', :now
FROM json_each(:gains)
WHERE true
ON CONFLICT DO NOTHING;

-- name: suppress
-- Bars addresses from all later sends; one that is barred already keeps its instant and reason.
INSERT INTO suppressions (address, reason, suppressed_at)
SELECT key, value ->> 'reason', :now
FROM json_each(:addresses)
WHERE true
ON CONFLICT DO NOTHING;
