-- Accounts that live at a gateway: who is asked after, what became of messages, and what people wrote meanwhile. Each
-- question is one worker's: whoever takes it notes that, and who comes later finds it taken.

-- name: take_checks
-- Takes the senders of channels whose accounts nobody has asked after since an instant, by a walk over the senders.
WITH unasked AS MATERIALIZED (
  SELECT s.id AS sender
  FROM senders AS s
  WHERE s.channel IN (SELECT key FROM json_each(:channels)) AND s.status <> 'archived' AND s.account IS NOT NULL
    AND (s.checked_at IS NULL OR s.checked_at <= :before)
  ORDER BY s.id
  /* lock s, skip locked */
)
UPDATE senders SET checked_at = :now FROM unasked WHERE id = unasked.sender
RETURNING id, name, channel, account;

-- name: hold_unwell
-- Pauses senders whose accounts cannot send, keyed by id, with the reason; whom a person paused stays that person's.
UPDATE senders
SET status = 'paused', reason = found.told, is_unwell = 1, updated_at = :now
FROM (SELECT CAST(key AS bigint) AS unwell, value ->> 'reason' AS told FROM json_each(:senders)) AS found
WHERE id = found.unwell AND (status = 'active' OR (status = 'paused' AND is_unwell = 1 AND reason <> found.told))
RETURNING id;

-- name: let_well
-- Lets senders go on whose accounts can send again, slowly at first, and only those that were held for that.
UPDATE senders
SET status = 'active', reason = NULL, is_unwell = 0, slow = :slow, updated_at = :now
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:senders)) AND status = 'paused' AND is_unwell = 1
RETURNING id;
