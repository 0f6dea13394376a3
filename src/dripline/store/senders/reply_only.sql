-- Senders that may only answer, and whom they were refused.

-- name: last_refused
-- Returns when a sender was last refused those of some addresses that it was refused, by the table's own key.
SELECT f.address, f.refused_at
FROM json_each(:addresses) AS given
JOIN refused_contacts AS f ON f.sender_id = :sender_id AND f.address = given.key;

-- name: note_refused_contacts
-- Notes that senders were refused people, keyed by both, and whether these had written to them before.
INSERT INTO refused_contacts (sender_id, address, refused_at, had_written)
SELECT CAST(value ->> 'sender' AS bigint), value ->> 'address', :now, CAST(value ->> 'had_written' AS integer)
FROM json_each(:refused) WHERE true
ON CONFLICT (sender_id, address) DO UPDATE SET refused_at = excluded.refused_at, had_written = excluded.had_written;

-- name: cold_senders
-- Returns until when senders write to nobody cold, and how often in a row they were refused.
SELECT s.id, s.cold_until, s.cold_trips
FROM senders AS s
WHERE s.id IN (SELECT CAST(key AS bigint) FROM json_each(:senders));

-- name: freeze_senders
-- Lets senders, keyed by id, write to nobody cold for `rest` seconds; one that does not already is left as it is, so that
-- all refusals of one turn count as one.
UPDATE senders
SET cold_until = add_seconds(:now, frozen.rest), cold_trips = cold_trips + 1
FROM (
  SELECT CAST(key AS bigint) AS frozen_sender, CAST(value ->> 'rest' AS bigint) AS rest FROM json_each(:senders)
) AS frozen
WHERE id = frozen.frozen_sender AND (cold_until IS NULL OR cold_until <= :now)
RETURNING id;

-- name: thaw_senders
-- Lets senders write to strangers again: one of theirs was taken.
UPDATE senders SET cold_until = NULL, cold_trips = 0
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:senders)) AND cold_trips > 0
RETURNING id;

-- name: refused_warmly
-- Returns the active senders among some that were refused so many people since an instant who had written to them.
SELECT s.id, s.name
FROM senders AS s
WHERE s.id IN (SELECT CAST(key AS bigint) FROM json_each(:senders)) AND s.status = 'active' AND (
  SELECT count(*) FROM refused_contacts AS f
  WHERE f.sender_id = s.id AND f.had_written = 1 AND f.refused_at > :since
) >= :many;

-- name: answer_waiting
-- Gives records of leads that wait for them to write to an account their place in the calendar back, or lets them be due
-- now: windows, gaps and caps are asked anew.
UPDATE sequence_contacts
SET reason_code = NULL, reason_facts = NULL,
  next_trigger_time = CASE WHEN add_seconds(planned_time, own.moved_seconds) > :now
  THEN add_seconds(planned_time, own.moved_seconds) ELSE :now END
FROM (
  SELECT r.id AS record_id, e.moved_seconds
  FROM json_each(:leads) AS given
  JOIN enrollments AS e ON e.lead_id = CAST(given.key AS bigint) AND e.ended_at IS NULL
  JOIN sequence_contacts AS r ON r.enrollment_id = e.id
  JOIN senders AS s ON s.id = r.sender_id AND s.channel = :channel AND s.account = :account
  WHERE r.status = 'active' AND r.next_trigger_time > :now AND waits_for(r, cold)
) AS own
WHERE id = own.record_id AND status = 'active'
RETURNING id, next_trigger_time;

-- name: forget_refusals
-- Deletes by whom leads that are being forgotten could not be written to.
DELETE FROM refused_contacts WHERE address IN (
  SELECT l.phone FROM leads AS l WHERE l.id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
  UNION ALL
  SELECT o.address FROM other_addresses AS o WHERE o.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)));
