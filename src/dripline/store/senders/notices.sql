-- What providers say of accounts of ours: the latest of each thing.

-- name: note_notice
-- Keeps what is told of a thing, unless something later is known; returns whether it is kept.
INSERT INTO provider_notices (channel, subject, told, weight, told_at, noted_at)
VALUES (:channel, :subject, :told, :weight, :told_at, :now)
ON CONFLICT (channel, subject) DO UPDATE
SET told = excluded.told, weight = excluded.weight, told_at = excluded.told_at, noted_at = excluded.noted_at
WHERE excluded.told_at >= provider_notices.told_at
RETURNING id;

-- name: settle_notice
-- Shows what is told of a thing no more.
UPDATE provider_notices SET weight = 0 WHERE channel = :channel AND subject = :subject;

-- name: notices
-- Returns what is still worth showing: news that is new, and what waits for a person.
SELECT n.id, n.channel, n.told, n.told_at
FROM provider_notices AS n
WHERE (n.weight = 1 AND n.noted_at > :news_since) OR (n.weight = 2 AND n.noted_at > :since)
ORDER BY n.noted_at, n.id;
