-- What waits for a person, and what operators were told of it.

-- name: troubles
-- Returns the senders and channels that are broken, the steps that are paused for everyone while somebody may come to them, the
-- subscriptions that are disabled, how many leads may have asked to stop, how many records wait for a person to say whether they went, and whether the database
-- was seen to be a copy and nobody has decided yet. Small tables, and an index that holds only such records.
SELECT 'sender' AS kind, CAST(s.id AS text) AS id, s.name AS name, 0 AS number, s.wait_code AS reason_code,
  s.wait_facts AS reason_facts
FROM senders AS s
WHERE s.status = 'active' AND s.is_trying = 1
UNION ALL
SELECT 'channel', c.channel, c.channel, 0, c.reason_code, c.reason_facts
FROM channel_rests AS c
WHERE c.rest_until IS NOT NULL
UNION ALL
SELECT 'step', CAST(st.id AS text), q.name, st.position, st.pause_code, st.pause_facts
FROM steps AS st
JOIN sequences AS q ON q.id = st.sequence_id
WHERE st.pause_code IS NOT NULL AND (st.version = q.version OR EXISTS (
  SELECT 1 FROM enrollments AS e WHERE e.sequence_id = q.id AND e.version = st.version AND e.ended_at IS NULL))
UNION ALL
SELECT 'subscription', CAST(s.id AS text), '', 0, NULL, NULL
FROM event_subscriptions AS s
WHERE s.status = 'disabled'
UNION ALL
SELECT 'unknown', CAST(q.id AS text), q.name, count(*), NULL, NULL
FROM sequence_contacts AS r
JOIN sequences AS q ON q.id = r.sequence_id
WHERE r.status = 'unknown' AND r.ended_at IS NULL AND q.on_unknown = 'hold'
GROUP BY q.id, q.name
UNION ALL
SELECT 'doubts', CAST(max(d.id) AS text), '', count(DISTINCT d.lead_id), NULL, NULL
FROM stop_doubts AS d
HAVING count(*) > 0
UNION ALL
SELECT 'copy', '', '', 0, NULL, NULL
FROM workspace AS w
WHERE w.copied_at IS NOT NULL AND w.paused_at IS NOT NULL
ORDER BY 1, 3, 4;

-- name: note_alerts
-- Notes what operators are about to be told of, keyed by the thing, and returns what they do not know yet: what is new,
-- has changed, or was told before an instant. Of several processors one gets it.
INSERT INTO alerts (thing, state, told_at)
SELECT key, value ->> 'state', :now FROM json_each(:troubles) WHERE true
ON CONFLICT (thing) DO UPDATE SET state = excluded.state, told_at = excluded.told_at
WHERE alerts.state <> excluded.state OR alerts.told_at <= :again
RETURNING thing;

-- name: settle_alerts
-- Forgets what is over, so that it is told at once if it comes again. A channel that this process has no trouble with may
-- still be missing in another: that is forgotten after a day.
DELETE FROM alerts
WHERE thing NOT IN (SELECT key FROM json_each(:things)) AND (thing NOT LIKE 'channel %' OR told_at <= :again);

-- name: take_back_alerts
-- Forgets that operators were told: they could not be reached.
DELETE FROM alerts WHERE thing IN (SELECT key FROM json_each(:things));
