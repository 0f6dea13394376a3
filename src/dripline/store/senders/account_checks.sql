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
SET status = 'paused', reason_code = found.code, reason_facts = found.facts, is_unwell = 1, updated_at = :now
FROM (SELECT CAST(key AS bigint) AS unwell, value ->> 'code' AS code, value ->> 'facts' AS facts
  FROM json_each(:senders)) AS found
WHERE id = found.unwell AND (status = 'active' OR (status = 'paused' AND is_unwell = 1
  AND (reason_code <> found.code OR coalesce(reason_facts, '') <> coalesce(found.facts, ''))))
RETURNING id;

-- name: let_well
-- Lets senders go on whose accounts can send again, slowly at first, and only those that were held for that.
UPDATE senders
SET status = 'active', reason_code = NULL, reason_facts = NULL, is_unwell = 0, slow = :slow, updated_at = :now
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:senders)) AND status = 'paused' AND is_unwell = 1
RETURNING id;

-- name: keep_for_trace
-- Lets unknown records of channels that keep a history wait on whose hold is over and whose try nobody has looked for
-- yet, by leased_records: what is done about them is decided after that.
UPDATE sequence_contacts
SET lease_until = :lease_until
WHERE status = 'unknown' AND ended_at IS NULL AND lease_until <= :now
  AND sequence_id IN (SELECT s.id FROM sequences AS s WHERE s.channel IN (SELECT key FROM json_each(:channels)))
  AND EXISTS (
    SELECT 1 FROM attempts AS a
    JOIN senders AS sd ON sd.id = a.sender_id AND sd.account IS NOT NULL
    WHERE a.record_id = sequence_contacts.id AND a.number = sequence_contacts.attempt AND a.trace_at IS NULL
  );

-- name: untraced
-- Returns records of which nobody knows whether they went, and whose last try is to be looked for now, by unknown_waiting;
-- the tries are locked, and those that another worker is at are passed over.
SELECT r.id, r.attempt, s.channel, sd.name AS sender, sd.account, address_of(s, l) AS address, a.text, coalesce((
    SELECT min(open.started_at) FROM attempts AS open
    WHERE open.record_id = r.id AND (open.outcome IS NULL OR open.outcome = 'unknown')
  ), a.started_at) AS since
FROM sequence_contacts AS r
JOIN sequences AS s ON s.id = r.sequence_id
JOIN leads AS l ON l.id = r.lead_id
JOIN attempts AS a ON a.record_id = r.id AND a.number = r.attempt
JOIN senders AS sd ON sd.id = a.sender_id
WHERE r.status = 'unknown' AND r.ended_at IS NULL AND (a.trace_at IS NULL OR a.trace_at <= :now)
  AND s.channel IN (SELECT key FROM json_each(:channels)) AND sd.account IS NOT NULL AND address_of(s, l) IS NOT NULL
ORDER BY r.id
LIMIT :most
/* lock a, skip locked */;

-- name: trace_later
-- Says when the last tries of records, keyed by id, are looked for again: `delay` seconds from now.
UPDATE attempts
SET trace_at = add_seconds(:now, traced.delay)
FROM (
  SELECT CAST(key AS bigint) AS record, CAST(value ->> 'attempt' AS integer) AS its_try,
    CAST(value ->> 'delay' AS bigint) AS delay
  FROM json_each(:records)
) AS traced
WHERE record_id = traced.record AND number = traced.its_try;

-- name: known_to_leads
-- Returns the provider's ids of every other message to the leads of records.
SELECT r.id, a.provider_id
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN enrollments AS e ON e.lead_id = r.lead_id
JOIN sequence_contacts AS other ON other.enrollment_id = e.id
JOIN attempts AS a ON a.record_id = other.id AND a.provider_id IS NOT NULL;

-- name: note_absent
-- Notes that the last try of unknown records, keyed by id, was looked for and not found; they wait on.
UPDATE sequence_contacts
SET reason_facts = absent.facts
FROM (
  SELECT CAST(key AS bigint) AS record, CAST(value ->> 'attempt' AS integer) AS number, value ->> 'facts' AS facts
  FROM json_each(:records)
) AS absent
WHERE id = absent.record AND status = 'unknown' AND attempt = absent.number;

-- name: why_unknown
-- Returns why nobody knows whether unknown records went.
SELECT r.id, r.attempt, r.reason_code, r.reason_facts
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint) AND r.status = 'unknown' /* lock r */;

-- name: take_histories
-- Takes the senders of channels whose chats nobody has read since an instant. Where they were never read, only what is
-- written from now on counts.
WITH unread AS MATERIALIZED (
  SELECT s.id AS sender
  FROM senders AS s
  WHERE s.channel IN (SELECT key FROM json_each(:channels)) AND s.status <> 'archived' AND s.account IS NOT NULL
    AND (s.history_tried_at IS NULL OR s.history_tried_at <= :before)
  ORDER BY s.id
  /* lock s, skip locked */
)
UPDATE senders SET history_tried_at = :now, history_until = coalesce(history_until, :now)
FROM unread WHERE id = unread.sender
RETURNING id, name, channel, account, history_until;

-- name: note_history
-- Notes until when a sender's chats were read.
UPDATE senders SET history_until = :until WHERE id = :sender_id AND history_until < :until;

-- name: seen_events
-- Returns those of some keys of a channel's events that were taken in before, under themselves or their hashes.
SELECT given.key
FROM json_each(:events) AS given
WHERE EXISTS (
  SELECT 1 FROM inbound_events AS e WHERE e.channel = :channel AND e.key IN (given.key, given.value ->> 'hash'));
