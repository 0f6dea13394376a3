-- What people and programs look at. Nothing here writes.

-- name: due
-- The mission's query: active and due, and nothing else.
SELECT * FROM sequence_contacts
WHERE status = 'active'
AND next_trigger_time <= :now
ORDER BY next_trigger_time, id;

-- name: count_due
-- Counts what the mission's query finds.
SELECT count(*) AS many FROM sequence_contacts WHERE status = 'active' AND next_trigger_time <= :now;

-- name: count_waiting_for_channel
-- Counts due records by channel, leaving out the channels that this process has. Its cost is what is due.
SELECT s.channel, count(*) AS waiting
FROM sequence_contacts AS r
JOIN sequences AS s ON s.id = r.sequence_id
WHERE r.status = 'active' AND r.next_trigger_time <= :now
  AND s.channel NOT IN (SELECT key FROM json_each(:channels))
GROUP BY s.channel
ORDER BY s.channel;

-- name: other_channels
-- Returns the channels of sequences that are none of the given ones.
SELECT DISTINCT channel FROM sequences WHERE channel NOT IN (SELECT key FROM json_each(:channels));

-- name: leads_of_address
-- Returns the leads that have an address, and the merged one that is known by it.
-- plan: kept
SELECT id, lead_columns()
FROM leads
WHERE phone = :address OR email = :address
  OR id = (SELECT o.lead_id FROM other_addresses AS o WHERE o.address = :address)
ORDER BY id;

-- name: records_of_lead
-- Returns every record of a lead, enrollment by enrollment, in step order.
SELECT r.*
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
WHERE e.lead_id = :lead_id
ORDER BY e.id, r.current_step;

-- name: all_records
-- Returns a page of records in the order of their ids, after one of them.
SELECT * FROM sequence_contacts WHERE id > :after ORDER BY id LIMIT :page;

-- name: step_counts
-- Counts the records of each step of each sequence by status and reason.
SELECT s.name AS sequence, counted.current_step, counted.status, counted.reason_code, counted.reason_facts,
  counted.many
FROM (
  SELECT r.sequence_id, r.current_step, r.status, r.reason_code, r.reason_facts, count(*) AS many
  FROM sequence_contacts AS r
  GROUP BY r.sequence_id, r.current_step, r.status, r.reason_code, r.reason_facts
) AS counted
JOIN sequences AS s ON s.id = counted.sequence_id
ORDER BY s.name, counted.current_step, counted.status, counted.reason_code, counted.reason_facts;

-- name: completed
-- Returns a page of completed records in the order of their ids, after one of them: when they were planned and went.
SELECT id, planned_time, completed_at FROM sequence_contacts
WHERE id > :after AND status = 'completed'
ORDER BY id
LIMIT :page;

-- name: enrollments_of_lead
-- Returns a lead's enrollments with the names of their sequences.
SELECT e.id, s.name AS sequence, coalesce(s.archived_trigger, s.trigger) AS trigger, e.version, e.enrolled_at,
  e.moved_seconds, e.ended_at, e.end_code, e.end_facts
FROM enrollments AS e
JOIN sequences AS s ON s.id = e.sequence_id
WHERE e.lead_id = :lead_id
ORDER BY e.id;

-- name: attempts_of_lead
-- Returns every attempt at a lead's records, oldest first; that of a record which is being sent is not written yet.
SELECT a.record_id, a.number, a.worker, a.started_at, a.finished_at, a.outcome, a.provider_id, a.error, a.text,
  a.delivery, a.delivery_at, a.delivery_error
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
JOIN attempts AS a ON a.record_id = r.id
WHERE e.lead_id = :lead_id
UNION ALL
SELECT r.id, r.attempt, r.worker, r.begun_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
WHERE e.lead_id = :lead_id AND r.status = 'sending' AND r.begun_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM attempts AS a WHERE a.record_id = r.id AND a.number = r.attempt)
ORDER BY record_id, number;

-- name: triggers_of_lead
-- Returns a lead's triggers, oldest first.
SELECT trigger, gained_at FROM lead_triggers WHERE lead_id = :lead_id ORDER BY gained_at, trigger;

-- name: idle_triggers
-- Returns the triggers that leads have and no sequence starts on.
SELECT t.trigger FROM lead_triggers AS t
EXCEPT
SELECT s.trigger FROM sequences AS s
ORDER BY 1;

-- name: candidacies
-- Returns, for every sequence that is not archived, what enrollment asks of a lead.
SELECT s.name AS sequence, s.trigger, s.address_kind, s.re_entry, s.exclusive_group,
  address_of(s, l) IS NOT NULL AS has_address, is_invited(s, l) AS is_invited,
  (SELECT t.gained_at FROM lead_triggers AS t WHERE t.lead_id = l.id AND t.trigger = s.trigger) AS gained_at,
  CASE WHEN address_is_free(s, l, :now) THEN NULL ELSE (SELECT min(shares.id) FROM leads AS shares
    JOIN enrollments AS had ON had.lead_id = shares.id AND had.sequence_id = s.id
    WHERE shares.email = l.email AND shares.id <> l.id) END AS twin,
  suppression_of(s, l) AS barred,
  (SELECT t.trigger FROM lead_triggers AS t WHERE t.lead_id = l.id AND t.trigger = s.goal) AS goal,
  (SELECT count(*) FROM enrollments AS e WHERE e.lead_id = l.id AND e.sequence_id = s.id) AS runs,
  (SELECT max(e.enrolled_at) FROM enrollments AS e WHERE e.lead_id = l.id AND e.sequence_id = s.id) AS began_at,
  s.re_entry_gap_seconds,
  EXISTS (SELECT 1 FROM enrollments AS e
    WHERE e.lead_id = l.id AND e.sequence_id = s.id AND e.ended_at IS NULL) AS is_live,
  (SELECT min(other.name) FROM enrollments AS e JOIN sequences AS other ON other.id = e.sequence_id
    WHERE e.lead_id = l.id AND e.ended_at IS NULL AND other.exclusive_group = s.exclusive_group
      AND e.sequence_id <> s.id) AS rival
FROM leads AS l
CROSS JOIN sequences AS s
WHERE l.id = :lead_id AND s.archived_at IS NULL
ORDER BY s.name;

-- name: moves_of_lead
-- Returns every move of the times of a lead's records, oldest first, but for those by rules that were changed since.
SELECT m.record_id, m.moved_to, m.reason_code, m.reason_facts
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
JOIN record_moves AS m ON m.record_id = r.id
WHERE e.lead_id = :lead_id AND NOT (was_by_rule(m) AND EXISTS (
  SELECT 1 FROM record_moves AS c WHERE c.record_id = m.record_id AND c.id > m.id AND was_by_correction(c)
))
ORDER BY m.id;

-- name: circumstances_of_lead
-- Returns what is told around each of a lead's records: its sender, what became of its accepted message, and the zone of
-- its sequence.
SELECT r.id, r.enrollment_id, r.completed_at IS NULL AND r.ended_at IS NULL AS is_open, sd.name AS sender,
  a.delivery, a.delivery_at, a.delivery_error, s.zone AS sequence_zone
FROM enrollments AS e
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
JOIN sequences AS s ON s.id = r.sequence_id
LEFT JOIN senders AS sd ON sd.id = r.sender_id
LEFT JOIN attempts AS a ON a.record_id = r.id AND a.number = r.attempt
WHERE e.lead_id = :lead_id
ORDER BY e.id, r.current_step;

-- name: unknown_records
-- Returns the records of which nobody knows whether they went, the latest first; those that wait for a person first.
SELECT r.id, r.current_step, r.reason_code, r.reason_facts, r.attempt, r.lease_until, r.ended_at, s.name AS sequence,
  s.on_unknown,
  coalesce(l.phone, l.email) AS address, l.name,
  coalesce((SELECT a.started_at FROM attempts AS a WHERE a.record_id = r.id AND a.number = r.attempt),
    r.next_trigger_time) AS tried_at
FROM sequence_contacts AS r
JOIN sequences AS s ON s.id = r.sequence_id
JOIN leads AS l ON l.id = r.lead_id
WHERE r.status = 'unknown'
ORDER BY r.ended_at IS NOT NULL, r.id DESC
LIMIT :most;

-- name: lacking_field
-- Counts the leads that have a trigger, and those of them that lack one of their own fields; found by the index
-- leads_by_trigger.
SELECT count(*) AS leads,
  coalesce(sum(CASE WHEN coalesce(trim(CASE CAST(:field AS text)
    WHEN 'name' THEN l.name WHEN 'email' THEN l.email ELSE l.phone END), '') = '' THEN 1 ELSE 0 END), 0) AS lacking
FROM lead_triggers AS t
JOIN leads AS l ON l.id = t.lead_id
WHERE t.trigger = :trigger;

-- name: lacking
-- Counts the leads that have a trigger, and those of them whose attributes lack a key as it is written there; found by
-- the index leads_by_trigger.
SELECT count(*) AS leads,
  coalesce(sum(CASE WHEN replace(l.attributes, :written, '') = l.attributes THEN 1 ELSE 0 END), 0) AS lacking
FROM lead_triggers AS t
JOIN leads AS l ON l.id = t.lead_id
WHERE t.trigger = :trigger;
