-- Leads that may have asked to stop, and wait for a person to decide.

-- name: doubts
-- Returns the leads that wait for a person, the one that wrote first at the top.
SELECT d.lead_id, l.phone, l.email, l.name, d.said, d.said_at
FROM stop_doubts AS d
JOIN leads AS l ON l.id = d.lead_id
ORDER BY d.said_at, d.id;

-- name: note_doubts
-- Notes what leads said that may ask to stop; who is barred already has been decided on.
INSERT INTO stop_doubts (lead_id, said, said_at)
SELECT l.id, :said, :now FROM leads AS l
WHERE l.id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
  AND NOT EXISTS (SELECT 1 FROM suppressions AS b WHERE b.address IN (l.phone, l.email) AND b.whole_person = 1)
ORDER BY l.id;

-- name: settle_doubts
-- Takes leads as decided on; found by the index stop_doubts_by_lead.
DELETE FROM stop_doubts WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: doubtful_newcomers
-- Returns the enrollments above an id whose leads wait for a person.
SELECT e.id, max(d.said) AS said
FROM stop_doubts AS d
JOIN enrollments AS e ON e.lead_id = d.lead_id AND is_newcomer(e) AND e.ended_at IS NULL
GROUP BY e.id;

-- name: forget_doubts
-- Deletes what leads said that are being forgotten.
DELETE FROM stop_doubts WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));
