-- One lead's thread, beside what its timeline reads.

-- name: messages_of_lead
-- Returns a page of what a lead wrote, the latest first, before a message of the same instant or before an instant; found
-- by the index messages_of_leads.
SELECT m.id, m.channel, m.account, m.writer, m.at, m.kind, m.text, m.class, m.reason_code, m.reason_facts, m.handled_at,
  m.handled_by
FROM messages_in AS m
WHERE m.lead_id = :lead_id AND m.at <= :before AND (m.at < :before OR m.id < :below)
ORDER BY m.at DESC, m.id DESC
LIMIT :page;

-- name: pauses_of_lead
-- Returns the live enrollments of a lead that are paused, since when and why.
SELECT e.id, s.name AS sequence, e.paused_at, e.pause_code, e.pause_facts
FROM enrollments AS e
JOIN sequences AS s ON s.id = e.sequence_id
WHERE e.lead_id = :lead_id AND e.ended_at IS NULL AND e.paused_at IS NOT NULL
ORDER BY e.id;

-- name: deeds_of_thread
-- Returns when people let a lead go on, or be sent to again; found by the index audit_log_by_lead.
SELECT a.id, a.at, a.actor, a.deed
FROM audit_log AS a
WHERE a.lead_id = :lead_id AND a.deed IN ('resume', 'opt_in')
ORDER BY a.id;

-- name: suppressions_of_lead
-- Returns why and since when a lead's addresses are barred, the earliest first.
SELECT s.suppressed_at, s.reason_code, s.reason_facts
FROM leads AS l
JOIN suppressions AS s ON s.address IN (l.phone, l.email)
WHERE l.id = :lead_id
ORDER BY s.suppressed_at, s.address;

-- name: runs_of_thread
-- Returns of which sequence and version, and through which channel, the enrollments of a lead are.
SELECT e.id, e.sequence_id, e.version, s.name AS sequence, s.channel
FROM enrollments AS e
JOIN sequences AS s ON s.id = e.sequence_id
WHERE e.lead_id = :lead_id
ORDER BY e.id;
