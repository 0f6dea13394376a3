-- Exclusive groups of sequences that leads are in already: a lead is live in at most one sequence of a group.

-- name: rivals
-- Returns the live enrollments of a sequence whose leads are live in another sequence of the given group as well, and
-- which of the two goes on: the one further on, else the older one. `beside` are sequences that are in the group, or in
-- another one, as soon as they are applied too.
SELECT own, rival, name, CASE
    WHEN own_step <> rival_step THEN own_step > rival_step
    WHEN own_since <> rival_since THEN own_since < rival_since
    ELSE own < rival END AS goes_on
FROM (
  SELECT e.id AS own, o.id AS rival, other.name, e.enrolled_at AS own_since, o.enrolled_at AS rival_since,
    (SELECT coalesce(max(r.current_step), 0) FROM sequence_contacts AS r
     WHERE r.enrollment_id = e.id AND r.status <> 'pending') AS own_step,
    (SELECT coalesce(max(r.current_step), 0) FROM sequence_contacts AS r
     WHERE r.enrollment_id = o.id AND r.status <> 'pending') AS rival_step
  FROM enrollments AS e
  JOIN enrollments AS o ON o.lead_id = e.lead_id AND o.sequence_id <> e.sequence_id
    AND o.ended_at IS NULL AND o.leaving_code IS NULL
  JOIN sequences AS other ON other.id = o.sequence_id
  LEFT JOIN json_each(:beside) AS coming ON coming.key = other.name
  WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL AND e.leaving_code IS NULL
    AND CASE WHEN coming.key IS NULL THEN other.exclusive_group ELSE coming.value ->> 'group' END = CAST(:named AS text)
) AS pairs
ORDER BY own, rival;

-- name: give_group
-- Gives the live enrollments of a sequence its group, or takes it from them; where another one of the lead still has the
-- group, since a message of it is being sent, this one goes without until it is applied again.
UPDATE enrollments
SET exclusive_group = CAST(:named AS text)
WHERE sequence_id = :sequence_id AND ended_at IS NULL
  AND coalesce(exclusive_group, '') <> coalesce(CAST(:named AS text), '')
  AND (CAST(:named AS text) IS NULL OR leaving_code IS NULL)
  AND NOT EXISTS (
    SELECT 1 FROM enrollments AS o
    WHERE o.lead_id = enrollments.lead_id AND o.exclusive_group = CAST(:named AS text) AND o.ended_at IS NULL
      AND o.id <> enrollments.id
  );

-- name: sequences_in_group
-- Returns the sequences of a group.
SELECT s.id FROM sequences AS s WHERE s.exclusive_group = CAST(:named AS text) ORDER BY s.id;

-- name: count_let_in
-- Counts, by sequence, the leads that wait for a group since they are in the given sequence of it, and are in no other.
SELECT s.name, count(*) AS many
FROM sequences AS s
JOIN lead_triggers AS t ON t.trigger = s.trigger
JOIN leads AS l ON l.id = t.lead_id
WHERE s.exclusive_group = CAST(:named AS text) AND s.id <> :sequence_id
  AND EXISTS (
    SELECT 1 FROM enrollments AS here
    WHERE here.lead_id = l.id AND here.sequence_id = :sequence_id AND here.ended_at IS NULL AND here.leaving_code IS NULL
  )
  AND NOT EXISTS (SELECT 1 FROM enrollments AS had WHERE had.lead_id = l.id AND had.sequence_id = s.id)
  AND NOT EXISTS (
    SELECT 1 FROM enrollments AS o JOIN sequences AS other ON other.id = o.sequence_id
    WHERE o.lead_id = l.id AND o.sequence_id <> :sequence_id AND o.ended_at IS NULL
      AND other.exclusive_group = CAST(:named AS text)
  )
  AND address_of(s, l) IS NOT NULL AND suppression_of(s, l) IS NULL AND goal_is_ahead(s, l) AND is_invited(s, l)
  AND address_is_free(s, l, :now)
GROUP BY s.id, s.name
ORDER BY s.id;
