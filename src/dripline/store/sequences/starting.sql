-- Who starts when a sequence is applied: asked of its settings as they will be, under the conditions of enrollment.

-- name: count_starting
-- Counts the leads that have a trigger and were never in the given sequence, by what keeps each from starting; of those
-- that nothing keeps, also the addresses that they have together.
SELECT asked.cause, count(*) AS many, count(DISTINCT asked.address) AS addresses
FROM (
  SELECT CASE
    WHEN address_of(s, l) IS NULL THEN 'no_address'
    WHEN barred.address IS NOT NULL THEN 'barred'
    WHEN NOT goal_is_ahead(s, l) THEN 'at_goal'
    WHEN NOT is_invited(s, l) THEN 'uninvited'
    WHEN NOT group_is_free(s, l) THEN 'in_group'
    WHEN NOT address_is_free(s, l, :now) THEN 'same_address'
    ELSE 'leads' END AS cause, address_of(s, l) AS address
  FROM (
    SELECT CAST(:channel AS text) AS channel, CAST(:address_kind AS text) AS address_kind,
      CAST(:invited_only AS integer) AS invited_only, CAST(:goal AS text) AS goal,
      CAST(:exclusive_group AS text) AS exclusive_group, CAST(:sequence_id AS bigint) AS id,
      CAST(:re_entry AS text) AS re_entry, CAST(:re_entry_gap_seconds AS bigint) AS re_entry_gap_seconds
  ) AS s
  CROSS JOIN (
    SELECT t.lead_id FROM lead_triggers AS t WHERE t.trigger = :trigger
    EXCEPT
    SELECT e.lead_id FROM enrollments AS e WHERE e.sequence_id = :sequence_id
  ) AS newcomer
  JOIN leads AS l ON l.id = newcomer.lead_id
  LEFT JOIN suppressions AS barred ON barred.address = address_of(s, l)
) AS asked
GROUP BY asked.cause;

-- name: texts_elsewhere
-- Returns the given messages, each keyed by anything, that steps of other sequences have word for word.
SELECT own.key AS place
FROM json_each(:texts) AS own
WHERE EXISTS (
  SELECT 1 FROM steps AS st WHERE st.sequence_id <> :sequence_id AND st.message = own.value ->> 'message'
);

-- name: count_starting_again
-- Counts the leads that would start and were sent one of the given messages by another sequence; of one address, one.
SELECT count(DISTINCT address_of(s, l)) AS many
FROM (
  SELECT CAST(:channel AS text) AS channel, CAST(:address_kind AS text) AS address_kind,
    CAST(:invited_only AS integer) AS invited_only, CAST(:goal AS text) AS goal,
    CAST(:exclusive_group AS text) AS exclusive_group, CAST(:sequence_id AS bigint) AS id,
    CAST(:re_entry AS text) AS re_entry, CAST(:re_entry_gap_seconds AS bigint) AS re_entry_gap_seconds
) AS s
CROSS JOIN (
  SELECT t.lead_id FROM lead_triggers AS t WHERE t.trigger = :trigger
  EXCEPT
  SELECT e.lead_id FROM enrollments AS e WHERE e.sequence_id = :sequence_id
) AS newcomer
JOIN leads AS l ON l.id = newcomer.lead_id
LEFT JOIN suppressions AS barred ON barred.address = address_of(s, l)
WHERE barred.address IS NULL AND address_of(s, l) IS NOT NULL AND goal_is_ahead(s, l) AND group_is_free(s, l)
  AND is_invited(s, l) AND address_is_free(s, l, :now)
  AND EXISTS (
    SELECT 1
    FROM enrollments AS e
    JOIN sequence_contacts AS r ON r.enrollment_id = e.id AND r.status IN ('completed', 'unknown')
    JOIN steps AS st ON st.id = r.sequence_stepid
    JOIN json_each(:texts) AS own ON own.value ->> 'message' = st.message
    WHERE e.lead_id = l.id AND e.sequence_id <> :sequence_id
  );
