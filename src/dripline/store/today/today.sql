-- What a person looks at first. Nothing here writes.

-- name: unwell_senders
-- Returns the senders that are held since their accounts cannot send.
SELECT s.name, s.reason_code, s.reason_facts FROM senders AS s WHERE s.status = 'paused' AND s.is_unwell = 1 ORDER BY s.name;

-- name: unfinished_imports
-- Returns the lists that came in only in part since an instant, unless one of the same name came in whole afterwards.
SELECT i.id, i.name, i.rows_done
FROM imports AS i
WHERE i.started_at >= :since AND (i.state = 'ended early' OR (i.state = 'running' AND i.seen_at < :silent))
  AND NOT EXISTS (SELECT 1 FROM imports AS later WHERE later.name = i.name AND later.id > i.id)
ORDER BY i.id;

-- name: receipts_since
-- Counts how far the messages have come that providers accepted since an instant: of the latest, up to a number.
SELECT counted.delivery, count(*) AS many
FROM (
  SELECT a.delivery FROM attempts AS a
  WHERE a.started_at >= :since AND a.outcome = 'accepted'
  ORDER BY a.started_at DESC, a.record_id DESC, a.number DESC
  LIMIT :most
) AS counted
GROUP BY counted.delivery;

-- name: soonest
-- Returns the records that are due next, found by the index active_records.
SELECT r.id, r.enrollment_id, r.sequence_id, r.current_step, r.next_trigger_time, q.name
FROM sequence_contacts AS r
JOIN sequences AS q ON q.id = r.sequence_id
WHERE r.status = 'active' AND r.next_trigger_time > :now
ORDER BY r.next_trigger_time, r.id
LIMIT :most;
