-- Stops of people whom nobody knows yet.

-- name: keep_early_stop
-- Keeps what somebody asked.
INSERT INTO early_stops (channel, user_id, code, said, said_at) VALUES (:channel, :user_id, :code, :said, :now);

-- name: drop_early_stop
-- Deletes what somebody asked; found by the table's own key.
DELETE FROM early_stops WHERE channel = :channel AND user_id = :user_id;

-- name: known_early_stops
-- Returns what was asked by people who are known by now. Hardly anybody waits here.
SELECT s.user_id, s.code, s.said, l.id AS lead_id, l.phone, l.email
FROM early_stops AS s
JOIN identities AS i ON i.channel = s.channel AND i.value = s.user_id
JOIN leads AS l ON l.id = i.lead_id
WHERE s.channel = :channel
ORDER BY s.user_id;

-- name: let_go_early_stops
-- Deletes what was asked before an instant by people who stayed unknown.
DELETE FROM early_stops WHERE said_at < :before;
