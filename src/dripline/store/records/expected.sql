-- What a forecast is made of: the records that have not ended, and the lanes that they go by. Nothing here writes.

-- name: records_to_come
-- Returns the records of the given enrollments that have not ended, in step order, and every pause that holds them.
SELECT r.id, r.enrollment_id, r.current_step, r.status, r.next_trigger_time, r.lease_until, r.sender_id, s.on_unknown,
  s.pause_code AS sequence_code, s.pause_facts AS sequence_facts, st.pause_code AS step_code,
  st.pause_facts AS step_facts, w.pause_code AS workspace_code, w.pause_facts AS workspace_facts,
  cr.rest_until AS channel_rest_until, cr.reason_code AS channel_code, cr.reason_facts AS channel_facts, s.channel
FROM json_each(:enrollments) AS given
JOIN sequence_contacts AS r ON r.enrollment_id = CAST(given.key AS bigint)
JOIN sequences AS s ON s.id = r.sequence_id
JOIN steps AS st ON st.id = r.sequence_stepid
JOIN workspace AS w ON w.id = 1
LEFT JOIN channel_rests AS cr ON cr.channel = s.channel AND r.sender_id IS NULL
WHERE r.completed_at IS NULL AND r.ended_at IS NULL
ORDER BY r.enrollment_id, r.current_step;

-- name: lanes_ahead
-- Returns the lanes of the given senders, and how many messages are due on each, counted up to `most`.
SELECT s.id, s.name, s.pace, s.free_at, s.turn, s.first_sent_at, s.hour_counts, s.day_counts, s.failures, s.trips,
  s.is_trying, s.slow, s.wait_code, s.wait_facts, s.status, s.reason_code, s.reason_facts, (
    SELECT count(*) FROM (
      SELECT r.id FROM sequence_contacts AS r
      WHERE r.sender_id = s.id AND r.status = 'active' AND r.next_trigger_time <= :now
      LIMIT :most
    ) AS counted
  ) AS due
FROM json_each(:senders) AS given
JOIN senders AS s ON s.id = CAST(given.key AS bigint);

-- name: ahead_of_records
-- Returns how many messages are due before each of the given records on its lane, counted up to `most`.
SELECT mine.id, (
    SELECT count(*) FROM (
      SELECT r.id FROM sequence_contacts AS r
      WHERE r.sender_id = mine.sender_id AND r.status = 'active' AND r.next_trigger_time <= mine.next_trigger_time
        AND (r.next_trigger_time < mine.next_trigger_time OR r.id < mine.id)
      LIMIT :most
    ) AS earlier
  ) AS ahead
FROM json_each(:records) AS given
JOIN sequence_contacts AS mine ON mine.id = CAST(given.key AS bigint);
