-- Hours of leads and of senders: who is where, so that hours which never meet are found.

-- name: paces
-- Returns the senders that are not archived, with their pools and paces.
SELECT s.id, s.name, s.pool, s.pace FROM senders AS s WHERE s.status <> 'archived' ORDER BY s.name;

-- name: places_of_trigger
-- Counts the leads that have a trigger by where they are: their zone, and one phone of each that begins alike, which
-- tells country and area.
SELECT l.zone, min(l.phone) AS phone, count(*) AS many
FROM lead_triggers AS t
JOIN leads AS l ON l.id = t.lead_id
WHERE t.trigger = :trigger
GROUP BY l.zone, substr(l.phone, 1, 7)
ORDER BY 1, 2;

-- name: overdue_places
-- Counts the messages of a sender that wait for longer than a day by sequence, window and where their leads are. Of
-- those that are due next, so many at most, by the index due_by_sender: a message whose hours never meet its sender's is
-- due every day.
SELECT q.id AS sequence_id, q.name AS sequence, st.time_window AS step_window, q.time_window, q.zone AS sequence_zone,
  l.zone, min(l.phone) AS phone, count(*) AS many
FROM (
  SELECT r.sequence_id, r.sequence_stepid, r.lead_id, r.planned_time
  FROM sequence_contacts AS r
  WHERE r.sender_id = :sender_id AND r.status = 'active'
  ORDER BY r.next_trigger_time, r.id
  LIMIT :most
) AS soon
JOIN sequences AS q ON q.id = soon.sequence_id
JOIN steps AS st ON st.id = soon.sequence_stepid
JOIN leads AS l ON l.id = soon.lead_id
WHERE soon.planned_time < :before AND coalesce(st.time_window, q.time_window) IS NOT NULL
GROUP BY q.id, q.name, st.time_window, q.time_window, q.zone, l.zone, substr(l.phone, 1, 7)
ORDER BY 1, 3, 6, 7;
