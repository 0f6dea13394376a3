-- Where leads are, as far as their phones tell: by the first digits, which tell it for most countries, set-based.

-- name: leads_by_country
-- Counts the leads that have a trigger and no zone of their own, by the first digits of their phones, and all of them.
SELECT substr(l.phone, 1, 3) AS digits, count(*) AS many, sum(CASE WHEN l.zone IS NULL THEN 1 ELSE 0 END) AS unplaced
FROM lead_triggers AS t
JOIN leads AS l ON l.id = t.lead_id
WHERE t.trigger = :trigger
GROUP BY substr(l.phone, 1, 3);

-- name: phones_of_countries
-- Returns phones of leads that have a trigger and no zone of their own, of those that begin with some digits.
SELECT l.phone
FROM lead_triggers AS t
JOIN leads AS l ON l.id = t.lead_id
WHERE t.trigger = :trigger AND l.zone IS NULL AND substr(l.phone, 1, 3) IN (SELECT key FROM json_each(:digits))
LIMIT :most;
