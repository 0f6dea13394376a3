-- A changed sequence and who is in it: senders, channel, group. One statement each, whatever the number of leads.

-- name: lock_live_of_sequence
-- Locks what the live enrollments of a sequence have left to send, in the order of its ids, so that none of them ends or
-- goes on meanwhile.
SELECT r.id
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id AND r.ended_at IS NULL AND r.completed_at IS NULL
WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL
ORDER BY r.id
/* lock r */;

-- name: misplaced
-- Counts the live enrollments of a sequence that go by another sender than the given names and pools, or by none where
-- some are given.
SELECT count(*) AS many
FROM enrollments AS e
LEFT JOIN senders AS s ON s.id = e.sender_id
WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL
  AND (s.id IS NOT NULL OR EXISTS (SELECT 1 FROM json_each(:names)))
  AND (s.id IS NULL OR s.status = 'archived' OR NOT EXISTS (
    SELECT 1 FROM json_each(:names) AS named WHERE named.key = s.name OR named.key = s.pool
  ));

-- name: leave_senders
-- Takes the live enrollments of a sequence off senders that it does not name.
UPDATE enrollments
SET sender_id = NULL
WHERE sequence_id = :sequence_id AND ended_at IS NULL AND sender_id IS NOT NULL
  AND NOT EXISTS (
    SELECT 1
    FROM senders AS s
    JOIN sequence_senders AS named ON named.name = s.name OR named.name = s.pool
    WHERE s.id = enrollments.sender_id AND s.status <> 'archived' AND named.sequence_id = :sequence_id
  );

-- name: live_by_sender
-- Counts the live enrollments of a sequence by sender; those that go by none are left out.
SELECT e.sender_id, count(*) AS many
FROM enrollments AS e
WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL AND e.sender_id IS NOT NULL
GROUP BY e.sender_id;

-- name: follow_senders
-- Lets what is left to send of a sequence's live enrollments go by their senders; a record that is being sent settles
-- where it is.
UPDATE sequence_contacts
SET sender_id = own.sender
FROM (
  SELECT r.id AS following, e.sender_id AS sender
  FROM enrollments AS e
  JOIN sequence_contacts AS r ON r.enrollment_id = e.id
  WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL AND r.ended_at IS NULL
    AND r.status IN ('pending', 'active', 'paused', 'unknown') AND coalesce(r.sender_id, 0) <> coalesce(e.sender_id, 0)
) AS own
WHERE id = own.following AND status IN ('pending', 'active', 'paused', 'unknown');

-- name: sequences_of_sender
-- Returns the sequences with live enrollments that go by a sender which they do not name.
SELECT DISTINCT e.sequence_id
FROM enrollments AS e
JOIN senders AS s ON s.id = e.sender_id
WHERE e.sender_id = :sender_id AND e.ended_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM sequence_senders AS named
  WHERE named.sequence_id = e.sequence_id AND (named.name = s.name OR named.name = s.pool)
)
ORDER BY e.sequence_id;

-- name: leaving_with_pool
-- Counts the live enrollments that a sender would lose by being in the given pool, or in none.
SELECT count(*) AS many
FROM enrollments AS e
JOIN senders AS s ON s.id = e.sender_id
WHERE e.sender_id = :sender_id AND e.ended_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM sequence_senders AS named
  WHERE named.sequence_id = e.sequence_id AND (named.name = s.name OR named.name = CAST(:pool AS text))
);

-- name: unreachable
-- Returns the live enrollments of a sequence that a channel with the given kind of address cannot reach, and why: no
-- address, a barred one (with the reason), or a lead who never wrote where that is asked for.
SELECT of_lead.id, of_lead.address IS NULL AS no_address, barred.reason_code, barred.reason_facts,
  barred.address IS NOT NULL AS is_barred
FROM (
  SELECT e.id, CASE CAST(:address_kind AS text) WHEN 'phone' THEN l.phone WHEN 'email' THEN l.email
    ELSE coalesce(l.phone, l.email) END AS address
  FROM enrollments AS e
  JOIN leads AS l ON l.id = e.lead_id
  WHERE e.sequence_id = :sequence_id AND e.ended_at IS NULL
) AS of_lead
LEFT JOIN suppressions AS barred ON barred.address = of_lead.address
WHERE of_lead.address IS NULL OR barred.address IS NOT NULL OR (
  CAST(:invited_only AS integer) = 1 AND NOT EXISTS (
    SELECT 1 FROM conversations AS heard
    WHERE heard.channel = CAST(:channel AS text) AND heard.address = of_lead.address
  )
)
ORDER BY of_lead.id;
