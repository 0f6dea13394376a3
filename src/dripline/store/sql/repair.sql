-- What `dripline doctor --repair` may mend by itself: only what can be put right without guessing whether a message went.

-- name: enrollments_to_repair
-- Returns the enrollments of which something may be mended: lease over, ended with something left, or standing nowhere.
SELECT r.enrollment_id AS id FROM sequence_contacts AS r WHERE r.status = 'sending' AND r.lease_until <= :now
UNION
SELECT e.id
FROM sequence_contacts AS r
JOIN enrollments AS e ON e.id = r.enrollment_id AND e.ended_at IS NOT NULL
WHERE r.status IN ('pending', 'active', 'paused')
UNION
SELECT e.id FROM enrollments AS e
WHERE e.ended_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM sequence_contacts AS r
  WHERE r.enrollment_id = e.id AND (r.status IN ('active', 'sending', 'paused')
    OR (r.status = 'unknown' AND r.ended_at IS NULL)))
ORDER BY 1;

-- name: repair_stranded
-- Activates the first pending record of every live enrollment that stands nowhere.
-- moves: pending -> active
UPDATE sequence_contacts
SET status = 'active', reason = 'activated by doctor --repair: its enrollment stood nowhere'
WHERE status = 'pending'
  AND current_step = (
    SELECT min(waiting.current_step) FROM sequence_contacts AS waiting
    WHERE waiting.enrollment_id = sequence_contacts.enrollment_id AND waiting.status = 'pending'
  )
  AND EXISTS (SELECT 1 FROM enrollments AS e WHERE e.id = enrollment_id AND e.ended_at IS NULL)
  AND NOT EXISTS (
    SELECT 1 FROM sequence_contacts AS standing
    WHERE standing.enrollment_id = sequence_contacts.enrollment_id
      AND (standing.status IN ('active', 'sending', 'paused')
        OR (standing.status = 'unknown' AND standing.ended_at IS NULL))
  )
RETURNING id;

-- name: repair_leftovers
-- Cancels what ended enrollments left to send; a record that is being sent settles first.
-- moves: pending -> cancelled
-- moves: active -> cancelled
-- moves: paused -> cancelled
UPDATE sequence_contacts
SET status = 'cancelled', ended_at = :now, reason = 'cancelled by doctor --repair: its enrollment had ended'
WHERE status IN ('pending', 'active', 'paused')
  AND EXISTS (SELECT 1 FROM enrollments AS e WHERE e.id = enrollment_id AND e.ended_at IS NOT NULL)
RETURNING id;

-- name: repair_finished
-- Ends live enrollments all of whose records have ended.
UPDATE enrollments
SET ended_at = :now, end_reason = 'ended by doctor --repair: nothing was left to send'
WHERE ended_at IS NULL
  AND EXISTS (SELECT 1 FROM sequence_contacts AS r WHERE r.enrollment_id = enrollments.id)
  AND NOT EXISTS (
    SELECT 1 FROM sequence_contacts AS r
    WHERE r.enrollment_id = enrollments.id AND r.ended_at IS NULL AND r.completed_at IS NULL
  )
RETURNING id, sender_id;

-- name: sequences_out_of_place
-- Returns the sequences with live enrollments that go by a sender which they do not name, or by none where they name some.
SELECT q.id
FROM sequences AS q
WHERE EXISTS (
  SELECT 1
  FROM enrollments AS e
  LEFT JOIN senders AS s ON s.id = e.sender_id
  WHERE e.sequence_id = q.id AND e.ended_at IS NULL
    AND (s.id IS NOT NULL OR EXISTS (SELECT 1 FROM sequence_senders AS any_named WHERE any_named.sequence_id = q.id))
    AND (s.id IS NULL OR s.status = 'archived' OR NOT EXISTS (
      SELECT 1 FROM sequence_senders AS named
      WHERE named.sequence_id = q.id AND (named.name = s.name OR named.name = s.pool)
    ))
)
ORDER BY q.id;
