-- The invariants of the semantics as queries: each returns the breaches, at most :most of them, and none when all is
-- well. `id` names a record or an enrollment, `detail` what is wrong with it.

-- name: breach_live_without_current
-- Invariant 1: a live enrollment has exactly one record that is active, sending, paused, or unknown and held.
SELECT e.id, count(r.id) AS detail
FROM enrollments AS e
LEFT JOIN sequence_contacts AS r ON r.enrollment_id = e.id
  AND (r.status IN ('active', 'sending', 'paused') OR (r.status = 'unknown' AND r.ended_at IS NULL))
WHERE e.ended_at IS NULL
GROUP BY e.id
HAVING count(r.id) <> 1
ORDER BY e.id
LIMIT :most;

-- name: breach_ended_with_current
-- Invariant 1: an ended enrollment has no record left to send.
SELECT r.id, r.status AS detail
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
WHERE e.ended_at IS NOT NULL
  AND (r.status IN ('pending', 'active', 'sending', 'paused') OR (r.status = 'unknown' AND r.ended_at IS NULL))
ORDER BY r.id
LIMIT :most;

-- name: breach_early
-- Invariant 2: no attempt begins before its record's planned time, or the time that a person moved it to, and no record
-- completes before its time came.
SELECT r.id, 'a try before ' || CAST(r.planned_time AS text) AS detail
FROM attempts AS a
JOIN sequence_contacts AS r ON r.id = a.record_id
WHERE (a.started_at < r.planned_time AND NOT EXISTS (
    SELECT 1 FROM record_moves AS m WHERE m.record_id = r.id AND m.moved_to <= a.started_at))
  OR (a.number = r.attempt AND a.started_at < r.next_trigger_time
    AND r.status IN ('sending', 'completed', 'failed', 'unknown'))
UNION
SELECT r.id, 'completed before ' || CAST(r.next_trigger_time AS text)
FROM sequence_contacts AS r
WHERE r.completed_at < r.next_trigger_time
ORDER BY 1
LIMIT :most;

-- name: breach_order
-- Invariant 3: a record is tried only after the one before it has ended.
SELECT later.id, 'step ' || CAST(later.current_step AS text) || ' was tried while step '
  || CAST(earlier.current_step AS text) || ' was ' || earlier.status AS detail
FROM sequence_contacts AS later
JOIN attempts AS a ON a.record_id = later.id
JOIN sequence_contacts AS earlier
  ON earlier.enrollment_id = later.enrollment_id AND earlier.current_step = later.current_step - 1
WHERE coalesce(earlier.completed_at, earlier.ended_at) IS NULL
  OR coalesce(earlier.completed_at, earlier.ended_at) > a.started_at
ORDER BY later.id
LIMIT :most;

-- name: breach_activated_early
-- Invariant 3: a record leaves pending only after the one before it has ended.
SELECT later.id, 'step ' || CAST(later.current_step AS text) || ' is ' || later.status || ' while step '
  || CAST(earlier.current_step AS text) || ' is ' || earlier.status AS detail
FROM sequence_contacts AS later
JOIN sequence_contacts AS earlier
  ON earlier.enrollment_id = later.enrollment_id AND earlier.current_step = later.current_step - 1
WHERE later.status NOT IN ('pending', 'cancelled', 'skipped')
  AND coalesce(earlier.completed_at, earlier.ended_at) IS NULL
ORDER BY later.id
LIMIT :most;

-- name: breach_completed_unsent
-- Invariant 4: completed means that a provider accepted it: an attempt says so, with its time and the provider's id.
SELECT r.id, 'completed without an accepted attempt' AS detail
FROM sequence_contacts AS r
WHERE r.status = 'completed'
  AND NOT EXISTS (
    SELECT 1 FROM attempts AS a
    WHERE a.record_id = r.id AND a.outcome = 'accepted' AND a.finished_at IS NOT NULL AND a.provider_id IS NOT NULL
  )
ORDER BY r.id
LIMIT :most;

-- name: breach_ended_without_reason
-- Invariant 5: every record that ended has its time, and a reason unless it was completed.
SELECT r.id, r.status || ' without its time or reason' AS detail
FROM sequence_contacts AS r
WHERE (r.status = 'completed' AND r.completed_at IS NULL)
  OR (r.status IN ('failed', 'skipped', 'cancelled') AND (r.ended_at IS NULL OR r.reason_code IS NULL))
  OR (r.status = 'unknown' AND (r.reason_code IS NULL OR (r.ended_at IS NULL AND r.lease_until IS NULL
    AND r.suspected_at IS NULL AND r.sequence_id NOT IN (SELECT s.id FROM sequences AS s WHERE s.on_unknown = 'hold'))))
ORDER BY r.id
LIMIT :most;

-- name: breach_missing_record
-- Invariant 5: an enrollment has one record for each step of its version, from its first step on; unless they were
-- removed after its end.
SELECT e.id, CAST(steps.many - e.first_step + 1 AS text) || ' steps, ' || CAST(count(r.id) AS text) || ' records' AS detail
FROM enrollments AS e
JOIN (SELECT sequence_id, version, count(*) AS many FROM steps GROUP BY sequence_id, version) AS steps
  ON steps.sequence_id = e.sequence_id AND steps.version = e.version
LEFT JOIN sequence_contacts AS r ON r.enrollment_id = e.id
WHERE e.archived_at IS NULL
GROUP BY e.id, e.first_step, steps.many
HAVING count(r.id) <> steps.many - e.first_step + 1 OR min(r.current_step) < e.first_step
ORDER BY e.id
LIMIT :most;

-- name: breach_lease_forgotten
-- Invariant 5: a claim whose lease ended an hour ago has been rescued; else no processor is running.
SELECT r.id, r.status || ' since its lease ended at ' || CAST(r.lease_until AS text) AS detail
FROM sequence_contacts AS r
WHERE r.lease_until IS NOT NULL AND r.lease_until < add_seconds(:now, -3600)
ORDER BY r.id
LIMIT :most;

-- name: breach_accepted_twice
-- Invariant 6: a provider accepts a record at most once; where the policy is to resend what is unknown, no try begins
-- once one is known to be accepted. A try whose answer came after the next one had begun was unknown at the time.
SELECT later.record_id AS id, 'try ' || CAST(later.number AS text) || ' began when try '
  || CAST(earlier.number AS text) || ' was accepted' AS detail
FROM attempts AS earlier
JOIN attempts AS later ON later.record_id = earlier.record_id AND later.number > earlier.number
JOIN sequence_contacts AS r ON r.id = earlier.record_id
JOIN sequences AS s ON s.id = r.sequence_id
WHERE earlier.outcome = 'accepted' AND later.outcome = 'accepted'
  AND (earlier.finished_at < later.started_at
    OR (earlier.finished_at = later.started_at AND s.on_unknown <> 'resend'))
ORDER BY later.record_id
LIMIT :most;

-- name: breach_sent_after_opt_out
-- Invariant 7: nothing is tried after the address was barred. What a sequence sent through another channel than its
-- present one went to another address.
SELECT r.id, 'tried after ' || barred.address || ' was barred' AS detail
FROM suppressions AS barred
JOIN leads AS l ON l.phone = barred.address OR l.email = barred.address
JOIN enrollments AS e ON e.lead_id = l.id
JOIN sequences AS s ON s.id = e.sequence_id
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
JOIN attempts AS a ON a.record_id = r.id
WHERE a.started_at > barred.suppressed_at AND a.outcome <> 'not_sent' AND barred.address = coalesce(e.address, address_of(s, l))
  AND (s.channel_since IS NULL OR a.started_at > s.channel_since)
ORDER BY r.id
LIMIT :most;

-- name: breach_dangling
-- A record's lead and enrollment are there, and its lead is that of its enrollment: somebody may have deleted them where
-- no foreign key kept them from it.
SELECT r.id, CASE WHEN l.id IS NULL THEN 'its lead was deleted' WHEN e.id IS NULL THEN 'its enrollment was deleted'
  ELSE 'its lead is not that of its enrollment' END AS detail
FROM sequence_contacts AS r
LEFT JOIN enrollments AS e ON e.id = r.enrollment_id
LEFT JOIN leads AS l ON l.id = r.lead_id
WHERE e.id IS NULL OR l.id IS NULL OR r.lead_id <> e.lead_id
ORDER BY r.id
LIMIT :most;

-- name: breach_wrong_step
-- A record's step number and step id are those that its enrollment's version gave it, for ever.
SELECT r.id, 'step ' || CAST(r.current_step AS text) || ' names another step' AS detail
FROM sequence_contacts AS r
JOIN enrollments AS e ON e.id = r.enrollment_id
LEFT JOIN steps AS st ON st.id = r.sequence_stepid
WHERE st.id IS NULL OR st.position <> r.current_step OR st.sequence_id <> r.sequence_id
  OR st.version <> e.version OR e.sequence_id <> r.sequence_id OR e.lead_id <> r.lead_id
ORDER BY r.id
LIMIT :most;

-- name: breach_calendar
-- A record's planned time is the instant that its enrollment's calendar counts from, and the waits up to its step; it
-- goes before it only if it was moved there. Where a wait was in days, clocks may have changed by some hours on the way.
SELECT r.id, 'planned for ' || CAST(r.planned_time AS text) || ', due ' || CAST(r.next_trigger_time AS text)
  || ': changed by hand?' AS detail
FROM sequence_contacts AS r
JOIN (SELECT id, coalesce(anchored_at, enrolled_at) AS anchor FROM enrollments) AS e ON e.id = r.enrollment_id
JOIN steps AS st ON st.id = r.sequence_stepid
WHERE (r.planned_time <> add_seconds(e.anchor, st.offset_seconds) AND NOT (
    r.planned_time BETWEEN add_seconds(e.anchor, st.offset_seconds - 10800) AND add_seconds(e.anchor, st.offset_seconds + 10800)
    AND EXISTS (SELECT 1 FROM steps AS before WHERE before.sequence_id = st.sequence_id AND before.version = st.version
      AND before.position <= st.position AND before.after_days > 0)))
  OR (r.next_trigger_time < r.planned_time AND NOT EXISTS (
    SELECT 1 FROM record_moves AS m WHERE m.record_id = r.id AND m.moved_to <= r.next_trigger_time))
ORDER BY r.id
LIMIT :most;

-- name: breach_load
-- A sender's load is the number of its live enrollments.
SELECT l.sender_id AS id, CAST(l.live AS text) || ' counted, ' || CAST(count(e.id) AS text) || ' live' AS detail
FROM sender_loads AS l
LEFT JOIN enrollments AS e ON e.sender_id = l.sender_id AND e.ended_at IS NULL
GROUP BY l.sender_id, l.live
HAVING count(e.id) <> l.live
ORDER BY l.sender_id
LIMIT :most;

-- name: breach_orphaned
-- A live enrollment goes by a sender that still sends, and so does what it has left to send.
SELECT r.id, 'goes by ' || s.name || ', which is ' || s.status AS detail
FROM sequence_contacts AS r
JOIN enrollments AS e ON e.id = r.enrollment_id
JOIN senders AS s ON s.id = r.sender_id OR s.id = e.sender_id
WHERE s.status = 'archived' AND e.ended_at IS NULL AND r.status IN ('pending', 'active', 'paused')
ORDER BY r.id
LIMIT :most;

-- name: breach_wrong_channel
-- What a live enrollment has left to send goes by a sender of its sequence's channel, if by any.
SELECT r.id, 'goes through ' || q.channel || ' by ' || s.name || ', which speaks through ' || s.channel AS detail
FROM senders AS s
JOIN enrollments AS e ON e.sender_id = s.id AND e.ended_at IS NULL
JOIN sequences AS q ON q.id = e.sequence_id AND q.channel <> s.channel
JOIN sequence_contacts AS r ON r.enrollment_id = e.id AND r.status IN ('active', 'paused')
ORDER BY r.id
LIMIT :most;

-- name: breach_paused_forever
-- A record is paused only while its enrollment is: else nobody ever resumes it.
SELECT r.id, 'is paused, and its enrollment is not' AS detail
FROM sequence_contacts AS r
JOIN enrollments AS e ON e.id = r.enrollment_id
WHERE r.status = 'paused' AND e.paused_at IS NULL
ORDER BY r.id
LIMIT :most;

-- name: breach_sent_after_leaving
-- Nothing is tried after its enrollment ended, whatever ended it.
SELECT r.id, 'tried after its enrollment ended: ' || e.end_code AS detail
FROM attempts AS a
JOIN sequence_contacts AS r ON r.id = a.record_id
JOIN enrollments AS e ON e.id = r.enrollment_id
WHERE a.started_at > e.ended_at AND a.outcome <> 'not_sent'
ORDER BY r.id
LIMIT :most;

-- name: breach_group
-- A lead is live in at most one sequence of a group; one that leaves as soon as a message of it is settled is let be.
SELECT min(live.id) AS id, 'is one of ' || CAST(count(*) AS text) || ' in the group ' || live.in_group AS detail
FROM (
  SELECT e.id, e.lead_id, coalesce(s.exclusive_group, e.exclusive_group) AS in_group
  FROM enrollments AS e
  JOIN sequences AS s ON s.id = e.sequence_id
  WHERE e.ended_at IS NULL AND e.leaving_code IS NULL AND coalesce(s.exclusive_group, e.exclusive_group) IS NOT NULL
) AS live
GROUP BY live.lead_id, live.in_group
HAVING count(*) > 1
ORDER BY 1
LIMIT :most;

-- name: breach_address
-- What is written down of a live enrollment is where it sends; one that leaves, or is yet to be written down, is let be.
SELECT e.id, 'sends to another address than is written down' AS detail
FROM enrollments AS e
JOIN sequences AS s ON s.id = e.sequence_id
JOIN leads AS l ON l.id = e.lead_id
WHERE e.ended_at IS NULL AND e.leaving_code IS NULL AND e.address <> address_of(s, l)
ORDER BY e.id
LIMIT :most;

-- name: breach_tally
-- The tallies are what a count of the tables says, hour by hour; what is older than they are kept by hour, all together,
-- with what was removed since; and what steps led to. `missing` is what would have to be added to them.
SELECT sequence_id AS id, sequence_id, step, status, hour, there - told AS missing,
  CASE WHEN step > 0 THEN 'step id ' || CAST(step AS text) || ', ' ELSE '' END || 'the hour of ' || CAST(hour AS text) || ': '
    || CAST(told AS text) || ' ' || status || ' tallied, ' || CAST(there AS text) || ' there' AS detail
FROM (
  SELECT sequence_id, step, status, CASE WHEN hour < add_seconds(:now, -691200) THEN '1970-01-01 00:00:00' ELSE hour END AS hour,
    CAST(sum(there) AS bigint) AS there, CAST(sum(told) AS bigint) AS told
  FROM (
    SELECT sequence_id, sequence_stepid AS step,
      CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
        WHEN status = 'cancelled' AND went_over = 1 THEN 'moved' ELSE status END AS status,
      hour_of(coalesce(completed_at, ended_at, next_trigger_time)) AS hour, count(*) AS there, 0 AS told
    FROM sequence_contacts
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT sequence_id, 0,
      CASE WHEN ended_at IS NULL THEN 'live' WHEN end_code = 'completed' THEN 'finished'
        WHEN end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
      hour_of(coalesce(ended_at, enrolled_at)), count(*), 0
    FROM enrollments
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT r.sequence_id, r.sequence_stepid, 'receipt_' || a.delivery, '1970-01-01 00:00:00', count(*), 0
    FROM attempts AS a
    JOIN sequence_contacts AS r ON r.id = a.record_id
    WHERE a.delivery IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM attempts AS later
      WHERE later.record_id = a.record_id AND later.number > a.number AND later.delivery IS NOT NULL
    )
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT sequence_id, replied_after_step, 'replied', '1970-01-01 00:00:00', count(*), 0
    FROM enrollments WHERE replied_after_step IS NOT NULL GROUP BY 1, 2
    UNION ALL
    SELECT sequence_id, stopped_after_step, 'stopped', '1970-01-01 00:00:00', count(*), 0
    FROM enrollments WHERE stopped_after_step IS NOT NULL GROUP BY 1, 2
    UNION ALL
    SELECT sequence_id, goal_after_step, 'goal', '1970-01-01 00:00:00', count(*), 0
    FROM enrollments WHERE goal_after_step IS NOT NULL GROUP BY 1, 2
    UNION ALL
    SELECT sequence_id, left_after_step, 'left_here', '1970-01-01 00:00:00', count(*), 0
    FROM enrollments WHERE left_after_step IS NOT NULL GROUP BY 1, 2
    UNION ALL SELECT 0, 0, 'leads', hour_of(created_at), count(*), 0 FROM leads GROUP BY 4
    UNION ALL SELECT sequence_id, step, status, '1970-01-01 00:00:00', many, 0 FROM archived_counts
    UNION ALL SELECT sequence_id, step, status, hour, 0, many FROM tallies
    UNION ALL SELECT sequence_id, step, status, hour, 0, many FROM tally_changes
  ) AS counted
  GROUP BY 1, 2, 3, 4
) AS compared
WHERE there <> told
ORDER BY sequence_id, step, status, hour
LIMIT :most;
