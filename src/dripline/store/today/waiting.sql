-- What is due, by what may hold it. Each count has a limit, so that no report waits for a burst. Nothing here writes.

-- name: lanes_waiting
-- Returns the senders that have due messages: how many, counted up to `most`, since when the first of them is due, and
-- since when the sender is paused or fails: the first of the like events behind the last other one.
SELECT s.id, s.name, s.channel, s.pace, s.free_at, s.turn, s.first_sent_at, s.hour_counts, s.day_counts, s.failures,
  s.trips, s.is_trying, s.slow, s.wait_code, s.wait_facts, s.status, s.reason_code, s.reason_facts, s.lease_until, (
    SELECT count(*) FROM (
      SELECT r.id FROM sequence_contacts AS r
      WHERE r.sender_id = s.id AND r.status = 'active' AND r.next_trigger_time <= :now
      LIMIT :most
    ) AS counted
  ) AS many, (
    SELECT r.next_trigger_time FROM sequence_contacts AS r
    WHERE r.sender_id = s.id AND r.status = 'active' AND r.next_trigger_time <= :now
    ORDER BY r.next_trigger_time, r.id
    LIMIT 1
  ) AS due_since, (
    SELECT min(e.at) FROM sender_events AS e
    WHERE e.sender_id = s.id AND e.event IN ('broken', 'paused') AND e.id > coalesce((
      SELECT max(other.id) FROM sender_events AS other
      WHERE other.sender_id = s.id AND other.event NOT IN ('broken', 'paused')
    ), 0)
  ) AS since
FROM senders AS s
WHERE (
    SELECT r.id FROM sequence_contacts AS r
    WHERE r.sender_id = s.id AND r.status = 'active' AND r.next_trigger_time <= :now
    ORDER BY r.next_trigger_time, r.id
    LIMIT 1
  ) IS NOT NULL
ORDER BY s.id;

-- name: count_senders
-- Counts the senders.
SELECT count(*) AS many FROM senders;

-- name: held_places
-- Returns the sequences that are paused, as step 0, and the steps of all others that are stopped.
SELECT q.id AS sequence_id, q.name, 0 AS step, CAST(NULL AS bigint) AS step_id, q.paused_at AS since, q.pause_code,
  q.pause_facts
FROM sequences AS q
WHERE q.paused_at IS NOT NULL
UNION ALL
SELECT q.id, q.name, st.position, st.id, NULL, st.pause_code, st.pause_facts
FROM steps AS st
JOIN sequences AS q ON q.id = st.sequence_id
WHERE st.pause_code IS NOT NULL AND q.paused_at IS NULL
ORDER BY 1, 3, 4;

-- name: due_of_place
-- Counts the due messages of a step of a sequence by their senders, up to `most`; of one version where `step_id` says so.
SELECT counted.sender_id, count(*) AS many
FROM (
  SELECT r.sender_id FROM sequence_contacts AS r
  WHERE r.sequence_id = :sequence_id AND r.current_step = :step AND r.status = 'active' AND r.status <> 'sending'
    AND hour(r) <= :now AND (CAST(:step_id AS bigint) IS NULL OR r.sequence_stepid = :step_id)
  LIMIT :most
) AS counted
GROUP BY counted.sender_id;

-- name: channels_waiting
-- Counts what is due by no sender and is not paused, by channel: all, and what has been due since before `late`. Looks at
-- up to `most`, and says how many it has seen.
SELECT q.channel, count(*) AS seen, min(counted.next_trigger_time) AS due_since,
  sum(CASE WHEN q.paused_at IS NULL AND st.pause_code IS NULL THEN 1 ELSE 0 END) AS many,
  sum(CASE WHEN q.paused_at IS NULL AND st.pause_code IS NULL AND counted.next_trigger_time < :late THEN 1 ELSE 0 END)
    AS late,
  cr.rest_until, cr.reason_code, cr.reason_facts
FROM (
  SELECT r.sequence_id, r.sequence_stepid, r.next_trigger_time FROM sequence_contacts AS r
  WHERE r.status = 'active' AND r.sender_id IS NULL AND r.next_trigger_time <= :now
  ORDER BY r.next_trigger_time, r.id
  LIMIT :most
) AS counted
JOIN sequences AS q ON q.id = counted.sequence_id
JOIN steps AS st ON st.id = counted.sequence_stepid
LEFT JOIN channel_rests AS cr ON cr.channel = q.channel
GROUP BY q.channel, cr.rest_until, cr.reason_code, cr.reason_facts
ORDER BY q.channel;
