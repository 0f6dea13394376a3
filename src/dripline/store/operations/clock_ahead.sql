-- Instants that were written while a clock was ahead. `soon` is a little after now: nobody writes a later one as now.

-- name: is_ahead
-- Returns whether anything stands further ahead than it can, by small tables and the ends of two indexes.
SELECT 1 FROM senders AS s
WHERE s.paced_at > :soon OR s.first_sent_at > :soon OR s.checked_at > :soon OR s.history_tried_at > :soon
  OR s.history_until > :soon OR s.lease_until > :longest_lease OR s.cold_until > :longest_cold
UNION ALL
SELECT 1 FROM (SELECT max(s.unknown_after_seconds) AS seconds FROM sequences AS s) AS longest
JOIN sequence_contacts AS r ON r.lease_until IS NOT NULL AND r.lease_until > add_seconds(:longest_lease, longest.seconds)
UNION ALL
SELECT 1 FROM (SELECT m.moved_at FROM record_moves AS m ORDER BY m.id DESC LIMIT 1) AS latest
WHERE latest.moved_at > :soon
UNION ALL
SELECT 1 FROM event_subscriptions AS b WHERE b.rest_until > :longest_rest
LIMIT 1;

-- name: free_lanes_ahead
-- Lets lanes that rest by a clock that was ahead be asked now what they may: window, caps and what is on trial stand.
UPDATE senders
SET free_at = :now, paced_at = :now, wait_code = NULL, wait_facts = NULL
WHERE paced_at > :soon
RETURNING id, name;

-- name: shorten_lane_leases
-- Gives turns that are held for longer than any lease a lease from now.
UPDATE senders SET lease_until = :lease_until WHERE lease_until > :longest_lease;

-- name: bring_senders_back
-- Lets what was asked of accounts in a time that has not come be asked again, and a sender's first day be today.
UPDATE senders
SET first_sent_at = CASE WHEN first_sent_at > :soon THEN :now ELSE first_sent_at END,
  checked_at = CASE WHEN checked_at > :soon THEN NULL ELSE checked_at END,
  history_tried_at = CASE WHEN history_tried_at > :soon THEN NULL ELSE history_tried_at END,
  history_until = CASE WHEN history_until > :soon THEN :now ELSE history_until END,
  cold_until = CASE WHEN cold_until > :longest_cold THEN :now ELSE cold_until END
WHERE first_sent_at > :soon OR checked_at > :soon OR history_tried_at > :soon OR history_until > :soon
  OR cold_until > :longest_cold;

-- name: bring_refusals_back
-- Takes refusals of a time that has not come as of now: who writes from now on is warm.
UPDATE refused_contacts SET refused_at = :now WHERE refused_at > :soon;

-- name: shorten_leases
-- Gives claims and holds that would last for longer than any a lease, or their sequence's hold, from now.
UPDATE sequence_contacts
SET lease_until = CASE WHEN status = 'sending' THEN :lease_until ELSE add_seconds(:now, held.seconds) END
FROM (SELECT s.id AS of_sequence, s.unknown_after_seconds AS seconds FROM sequences AS s) AS held
WHERE sequence_id = held.of_sequence AND lease_until IS NOT NULL
  AND lease_until > add_seconds(:longest_lease, CASE WHEN status = 'sending' THEN 0 ELSE held.seconds END);

-- name: ask_rules_again
-- Gives active records that rules, or a failed try, moved by a clock that was ahead their place in the calendar back, or
-- lets them be due now: rules are asked anew. What a person moved has no reason to wait, and stays.
UPDATE sequence_contacts
SET reason_code = NULL, reason_facts = NULL, next_trigger_time = CASE WHEN add_seconds(planned_time, own.moved_seconds) > :now
  THEN add_seconds(planned_time, own.moved_seconds) ELSE :now END
FROM (
  SELECT DISTINCT r.id AS record_id, e.moved_seconds
  FROM record_moves AS m
  JOIN sequence_contacts AS r ON r.id = m.record_id AND r.next_trigger_time = m.moved_to
  JOIN enrollments AS e ON e.id = r.enrollment_id
  WHERE m.moved_at > :soon AND r.status = 'active' AND r.next_trigger_time > :now AND r.reason_code IS NOT NULL
) AS own
WHERE id = own.record_id AND status = 'active'
RETURNING id;

-- name: note_clock_moves
-- Notes that records got their place in the calendar back, and why.
INSERT INTO record_moves (record_id, moved_at, moved_to, reason_code)
SELECT r.id, :now, r.next_trigger_time, 'clock_was_ahead'
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint);

-- name: bring_moves_back
-- Takes moves that were noted in a time that has not come as noted now.
UPDATE record_moves SET moved_at = :now WHERE moved_at > :soon;

-- name: look_for_traces_now
-- Lets tries of unknown records be looked for again whose next look was put further off than any is.
UPDATE attempts SET trace_at = :now
WHERE trace_at > :longest_lease AND record_id IN (
  SELECT r.id FROM sequence_contacts AS r WHERE r.status = 'unknown' AND r.ended_at IS NULL
);

-- name: end_rests_of_receivers
-- Lets subscribers be told again that would rest for longer than any does.
UPDATE event_subscriptions SET rest_until = NULL WHERE rest_until > :longest_rest;

-- name: bring_deliveries_back
-- Lets events be told now whose next try was put further off than any is.
UPDATE event_deliveries SET next_at = :now WHERE state = 'waiting' AND next_at > :longest_wait;
