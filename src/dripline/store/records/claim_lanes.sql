-- Lanes: a sender's turn, from the moment a worker takes it until its last answer is written. One worker at a time has
-- a lane. What a lane did is written before anything is sent, so that its pace holds whatever becomes of the worker.

-- name: free_lanes
-- Takes the lanes of a channel that have rested and have due work, those free for longest first; no two workers ever
-- take the same one. A lane whose worker is gone rests from the end of its lease, until when it may have sent. The work
-- is looked up lane by lane in due_by_sender, and counted up to `few`, so that a huge lane costs no more than a small
-- one.
SELECT s.id, s.name, s.pace, s.free_at, s.turn, s.first_sent_at, s.hour_counts, s.day_counts, s.failures, s.trips,
  s.is_trying, s.slow, (
    SELECT count(*) FROM (
      SELECT r.id FROM sequence_contacts AS r
      WHERE r.sender_id = s.id AND r.status = 'active' AND r.next_trigger_time <= :now
      LIMIT :few
    ) AS counted
  ) AS due
FROM senders AS s
WHERE s.status = 'active' AND s.channel = :channel AND s.free_at <= :now
  AND NOT EXISTS (SELECT 1 FROM workspace AS w WHERE w.paused_at IS NOT NULL)
  AND (s.lease_until IS NULL OR add_seconds(s.lease_until, s.rest_seconds) <= :now)
  AND s.id NOT IN (SELECT CAST(passed.key AS bigint) FROM json_each(:passed_over) AS passed)
  AND (
    SELECT r.id FROM sequence_contacts AS r
    WHERE r.sender_id = s.id AND r.status = 'active' AND r.next_trigger_time <= :now
    ORDER BY r.next_trigger_time, r.id
    LIMIT 1
  ) IS NOT NULL
ORDER BY s.free_at, s.id
LIMIT :lanes
/* lock s, skip locked */;

-- name: close_lanes
-- Lets lanes that may not send now wait, keyed by id, `delay` seconds, and says what for.
UPDATE senders
SET free_at = add_seconds(:now, closed.delay), paced_at = :now, wait_code = closed.code,
  wait_facts = closed.facts, lease_until = NULL
FROM (
  SELECT CAST(key AS bigint) AS closed_lane, CAST(value ->> 'delay' AS bigint) AS delay, value ->> 'code' AS code,
    value ->> 'facts' AS facts
  FROM json_each(:lanes)
) AS closed
WHERE id = closed.closed_lane;

-- name: claim_turns
-- Takes the records of each lane's turn, keyed by lane with how many: those due for longest, and only what is active
-- and due. Goes from one record of a lane to its next by due_by_sender: to the next one of the same second, else to the
-- first of a later one, each by the whole index, so that its cost is what is taken however many share a second. (One
-- comparison of both columns would do in PostgreSQL; SQLite would then pass over every record of that second.) A record
-- that another transaction holds is passed over: nobody waits for a record while holding lanes.
-- moves: active -> sending
WITH RECURSIVE taken (lane, many, taken_id) AS (
  SELECT CAST(given.key AS bigint), CAST(CAST(given.value AS text) AS bigint), (
    SELECT r.id
    FROM sequence_contacts AS r
    JOIN steps AS st ON st.id = r.sequence_stepid
    JOIN sequences AS q ON q.id = r.sequence_id AND q.paused_at IS NULL
    WHERE r.sender_id = CAST(given.key AS bigint) AND r.status = 'active' AND r.next_trigger_time <= :now
      AND st.pause_code IS NULL AND r.id NOT IN (SELECT CAST(held.key AS bigint) FROM json_each(:held_back) AS held)
    ORDER BY r.next_trigger_time, r.id
    LIMIT 1
  )
  FROM json_each(:lanes) AS given
  UNION ALL
  SELECT taken.lane, taken.many - 1, coalesce((
    SELECT r.id
    FROM sequence_contacts AS r
    JOIN steps AS st ON st.id = r.sequence_stepid
    JOIN sequences AS q ON q.id = r.sequence_id AND q.paused_at IS NULL
    WHERE r.sender_id = taken.lane AND r.status = 'active'
      AND r.next_trigger_time = (SELECT b.next_trigger_time FROM sequence_contacts AS b WHERE b.id = taken.taken_id)
      AND r.id > taken.taken_id
      AND st.pause_code IS NULL AND r.id NOT IN (SELECT CAST(held.key AS bigint) FROM json_each(:held_back) AS held)
    ORDER BY r.id
    LIMIT 1
  ), (
    SELECT r.id
    FROM sequence_contacts AS r
    JOIN steps AS st ON st.id = r.sequence_stepid
    JOIN sequences AS q ON q.id = r.sequence_id AND q.paused_at IS NULL
    WHERE r.sender_id = taken.lane AND r.status = 'active' AND r.next_trigger_time <= :now
      AND r.next_trigger_time > (SELECT b.next_trigger_time FROM sequence_contacts AS b WHERE b.id = taken.taken_id)
      AND st.pause_code IS NULL AND r.id NOT IN (SELECT CAST(held.key AS bigint) FROM json_each(:held_back) AS held)
    ORDER BY r.next_trigger_time, r.id
    LIMIT 1
  ))
  FROM taken
  WHERE taken.many > 1 AND taken.taken_id IS NOT NULL
),
free AS MATERIALIZED (
  SELECT r.id AS free_id
  FROM sequence_contacts AS r
  JOIN taken ON taken.taken_id = r.id AND taken.lane = r.sender_id
  WHERE r.status = 'active' AND r.next_trigger_time <= :now /* id among taken.taken_id */
  ORDER BY r.id
  /* lock r, skip locked */
)
UPDATE sequence_contacts
SET status = 'sending', attempt = attempt + 1, worker = :worker, lease_until = :lease_until,
  begun_at = :begun_at
FROM free
WHERE id = free.free_id AND status = 'active' AND next_trigger_time <= :now /* id among free.free_id */
RETURNING id, sender_id;

-- name: lease_lanes
-- Gives lanes to a worker for one turn, keyed by id, with what the turn counts for, before anything of it is sent.
UPDATE senders
SET worker = :worker, lease_until = :lease_until, wait_code = 'turn', wait_facts = NULL, turn = leased.turn,
  first_sent_at = coalesce(first_sent_at, :now), hour_counts = leased.hour_counts, day_counts = leased.day_counts,
  free_at = add_seconds(:now, leased.rest), paced_at = :now, rest_seconds = leased.rest
FROM (
  SELECT CAST(key AS bigint) AS leased_lane, CAST(value ->> 'turn' AS bigint) AS turn,
    value ->> 'hour_counts' AS hour_counts, value ->> 'day_counts' AS day_counts,
    CAST(value ->> 'rest' AS bigint) AS rest
  FROM json_each(:lanes)
) AS leased
WHERE id = leased.leased_lane;

-- name: renew_lanes
-- Moves on the end of the leases that a worker still holds on the given lanes.
UPDATE senders
SET lease_until = :lease_until
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:lanes)) AND worker = :worker AND lease_until IS NOT NULL;

-- name: lock_lanes
-- Locks lanes in the order of their ids.
SELECT s.id FROM senders AS s
WHERE s.id IN (SELECT CAST(key AS bigint) FROM json_each(:lanes))
ORDER BY s.id
/* lock s */;

-- name: end_turns
-- Writes how lanes go on after their turns, keyed by id, if the turn is still this worker's.
UPDATE senders
SET lease_until = NULL, free_at = add_seconds(:now, ended.rest), paced_at = :now, wait_code = ended.wait_code,
  wait_facts = ended.wait_facts,
  hour_counts = ended.hour_counts, day_counts = ended.day_counts, failures = ended.failures, trips = ended.trips,
  is_trying = ended.is_trying, slow = ended.slow
FROM (
  SELECT CAST(key AS bigint) AS ended_lane, CAST(value ->> 'turn' AS bigint) AS turn,
    CAST(value ->> 'rest' AS bigint) AS rest, value ->> 'wait_code' AS wait_code, value ->> 'wait_facts' AS wait_facts,
    value ->> 'hour_counts' AS hour_counts, value ->> 'day_counts' AS day_counts,
    CAST(value ->> 'failures' AS integer) AS failures, CAST(value ->> 'trips' AS integer) AS trips,
    CAST(value ->> 'is_trying' AS integer) AS is_trying, CAST(value ->> 'slow' AS integer) AS slow
  FROM json_each(:lanes)
) AS ended
WHERE id = ended.ended_lane AND worker = :worker AND senders.turn = ended.turn AND lease_until IS NOT NULL;

-- name: rest_account
-- Lets every lane of the channels, keyed by name, rest for `rest` seconds: the provider asked the whole account to.
UPDATE senders
SET free_at = add_seconds(:now, told.rest), paced_at = :now, wait_code = told.code,
  wait_facts = told.facts
FROM (
  SELECT key AS told_channel, CAST(value ->> 'rest' AS bigint) AS rest, value ->> 'code' AS code,
    value ->> 'facts' AS facts
  FROM json_each(:channels)
) AS told
WHERE channel = told.told_channel AND free_at < add_seconds(:now, told.rest);

-- name: lock_lanes_of_channels
-- Locks every lane of the given channels in the order of their ids.
SELECT s.id FROM senders AS s WHERE s.channel IN (SELECT key FROM json_each(:channels)) ORDER BY s.id /* lock s */;

-- name: open_channels
-- Returns the channels that have a lane that has rested and has due work.
SELECT DISTINCT s.channel
FROM senders AS s
WHERE s.status = 'active' AND s.free_at <= :now
  AND (s.lease_until IS NULL OR add_seconds(s.lease_until, s.rest_seconds) <= :now)
  AND NOT EXISTS (SELECT 1 FROM workspace AS w WHERE w.paused_at IS NOT NULL)
  AND EXISTS (
    SELECT 1 FROM sequence_contacts AS r
    WHERE r.sender_id = s.id AND r.status = 'active' AND r.next_trigger_time <= :now
  );

-- name: next_wake
-- Returns when next a record that is not due yet will be, a lease or a hold ends, or a lane that has due work will have
-- rested, or its lease will have ended: whatever the processor can wake for.
SELECT min(soon.at) AS at
FROM (
  SELECT min(r.next_trigger_time) AS at FROM sequence_contacts AS r
  WHERE r.status = 'active' AND r.next_trigger_time > :now
  UNION ALL
  SELECT min(r.lease_until) FROM sequence_contacts AS r WHERE r.lease_until IS NOT NULL AND r.lease_until > :now
  UNION ALL
  SELECT min(c.rest_until) FROM channel_rests AS c WHERE c.rest_until > :now
  UNION ALL
  SELECT min(CASE WHEN add_seconds(s.lease_until, s.rest_seconds) > s.free_at
    THEN add_seconds(s.lease_until, s.rest_seconds) ELSE s.free_at END)
  FROM senders AS s
  WHERE s.status = 'active' AND (s.free_at > :now OR add_seconds(s.lease_until, s.rest_seconds) > :now)
    AND (
      SELECT r.id FROM sequence_contacts AS r
      WHERE r.sender_id = s.id AND r.status = 'active' AND r.next_trigger_time <= :now
      ORDER BY r.next_trigger_time, r.id
      LIMIT 1
    ) IS NOT NULL
) AS soon;
