-- What ended long ago as it is written to files before it is removed: names in place of ids, where there are any.

-- name: archived_enrollments
-- Returns enrollments with whom and what they are of.
SELECT e.id AS enrollment, s.name AS sequence, e.version, e.lead_id AS lead, l.phone, l.email, l.name, e.address,
  sd.name AS sender, e.enrolled_at, e.ended_at, e.end_code, e.end_facts
FROM json_each(:enrollments) AS given
JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
JOIN sequences AS s ON s.id = e.sequence_id
JOIN leads AS l ON l.id = e.lead_id
LEFT JOIN senders AS sd ON sd.id = e.sender_id
ORDER BY e.id;

-- name: archived_records
-- Returns their records.
SELECT r.id AS record, r.enrollment_id AS enrollment, r.current_step AS step, r.status, sd.name AS sender, r.planned_time,
  r.next_trigger_time, r.completed_at, r.ended_at, r.reason_code, r.reason_facts
FROM sequence_contacts AS r
LEFT JOIN senders AS sd ON sd.id = r.sender_id
WHERE r.enrollment_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:enrollments)) /* each */
ORDER BY r.id;

-- name: archived_attempts
-- Returns every try at records.
SELECT a.record_id AS record, a.number, sd.name AS sender, a.started_at, a.finished_at, a.outcome, a.provider_id, a.error,
  a.text, a.delivery, a.delivery_at, a.delivery_error
FROM attempts AS a
LEFT JOIN senders AS sd ON sd.id = a.sender_id
WHERE a.record_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:records)) /* each */
ORDER BY a.record_id, a.number;

-- name: archived_moves
-- Returns every move of records.
SELECT m.record_id AS record, m.moved_at, m.moved_to, m.reason_code, m.reason_facts
FROM record_moves AS m
WHERE m.record_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:records)) /* each */
ORDER BY m.id;

-- name: archived_settlements
-- Returns as what records were settled.
SELECT t.record_id AS record, t.attempt, t.settled_at, t.settled_by, t.resolution, t.proof
FROM settlements AS t
WHERE t.record_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:records)) /* each */
ORDER BY t.id;

-- name: archived_deeds
-- Returns a page of the log's entries of before an instant, after one of them.
SELECT a.id AS entry, a.at, a.actor, a.deed, a.lead_id AS lead, a.details
FROM audit_log AS a
WHERE a.id > :after AND a.at < :before
ORDER BY a.id
LIMIT :page;

-- name: archived_sender_events
-- Returns a page of what happened to senders before an instant, after one of them.
SELECT v.id AS entry, sd.name AS sender, v.at, v.event, v.reason_code, v.reason_facts
FROM sender_events AS v
JOIN senders AS sd ON sd.id = v.sender_id
WHERE v.id > :after AND v.at < :before
ORDER BY v.id
LIMIT :page;

-- name: archived_messages_in
-- Returns a page of what people wrote before an instant, after one of them.
SELECT m.id AS entry, m.lead_id AS lead, m.channel, m.account, m.writer, m.provider_id, m.at, m.kind, m.text, m.class,
  m.reason_code, m.reason_facts, m.handled_at, m.handled_by
FROM messages_in AS m
WHERE m.id > :after AND m.at < :before
ORDER BY m.id
LIMIT :page;
