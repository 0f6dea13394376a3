-- The inbox: what providers posted, the events in it, and what receipts say of messages.

-- name: take_mailbox
-- Takes a mailbox whose time has come, so that nobody else reads it meanwhile; returns how far it was read.
INSERT INTO mailboxes (channel, name, look_at)
VALUES (:channel, :name, :look_at)
ON CONFLICT (channel, name) DO UPDATE SET look_at = excluded.look_at WHERE mailboxes.look_at <= :now
RETURNING uid_validity, last_uid;

-- name: note_mailbox
-- Notes how far a mailbox was read, and when it is to be read again.
UPDATE mailboxes SET uid_validity = :validity, last_uid = :last, look_at = :look_at, problem = NULL
WHERE channel = :channel AND name = :name;

-- name: put_off_mailbox
-- Notes why a mailbox could not be read, and when it is to be read again.
UPDATE mailboxes SET look_at = :look_at, problem = :problem WHERE channel = :channel AND name = :name;

-- name: closed_mailboxes
-- Returns the mailboxes that cannot be read; none that nobody has looked into since an instant.
SELECT channel, name, problem FROM mailboxes WHERE problem IS NOT NULL AND look_at > :since ORDER BY channel, name;

-- name: last_sent_to
-- Returns the last message that a channel took for those of an address; found by the leads' own index.
SELECT a.record_id, a.provider_id
FROM leads AS l
JOIN sequence_contacts AS r ON r.lead_id = l.id
JOIN sequences AS s ON s.id = r.sequence_id
JOIN attempts AS a ON a.record_id = r.id AND a.outcome = 'accepted'
WHERE l.email = :email AND s.channel = :channel
ORDER BY a.started_at DESC, a.record_id DESC
LIMIT 1;

-- name: lead_of_record
-- Returns the lead of a record, or of the proof that is left of it.
SELECT l.id, lead_columns(l)
FROM leads AS l
WHERE l.id = coalesce(
  (SELECT r.lead_id FROM sequence_contacts AS r WHERE r.id = :record_id),
  (SELECT m.lead_id FROM send_proofs AS p JOIN merged_leads AS m ON m.id = p.lead_id WHERE p.record_id = :record_id),
  (SELECT p.lead_id FROM send_proofs AS p WHERE p.record_id = :record_id)
);

-- name: keep_posted
-- Keeps a body as it came, to be taken in afterwards.
INSERT INTO inbox (channel, sender, body, received_at, is_urgent)
VALUES (:channel, :sender, :body, :now, :is_urgent);

-- name: last_posted
-- Returns the last body that is there.
SELECT max(id) AS id FROM inbox;

-- name: next_posted
-- Returns the body that waits longest of some channels, none after `last`, found by the index inbox_waiting and locked; one
-- that another worker is at is passed over.
SELECT i.id, i.channel, i.sender, i.body, i.is_forgotten
FROM inbox AS i
WHERE i.taken_at IS NULL AND i.id <= :last AND i.channel IN (SELECT key FROM json_each(:channels))
ORDER BY i.id
LIMIT 1
/* lock i, skip locked */;

-- name: next_urgent
-- Returns the same of those that are urgent, by the index inbox_urgent.
SELECT i.id, i.channel, i.sender, i.body, i.is_forgotten
FROM inbox AS i
WHERE i.taken_at IS NULL AND i.is_urgent = 1 AND i.id <= :last
  AND i.channel IN (SELECT key FROM json_each(:channels))
ORDER BY i.id
LIMIT 1
/* lock i, skip locked */;

-- name: mark_taken
-- Marks a body as taken in, or as one that cannot be read.
UPDATE inbox SET taken_at = :now, problem = :problem WHERE id = :posted_id;

-- name: note_refused
-- Counts a post that a channel refused on a day. Nothing else is kept of it.
INSERT INTO refused_posts (channel, day, posts) VALUES (:channel, :day, 1)
ON CONFLICT (channel, day) DO UPDATE SET posts = refused_posts.posts + 1;

-- name: refused_posts
-- Returns how many posts were refused since a day, by channel and day, the latest first.
SELECT channel, day, posts FROM refused_posts WHERE day >= :day ORDER BY day DESC, channel;

-- name: forget_refused
-- Forgets how many posts were refused before a day.
DELETE FROM refused_posts WHERE day < :day;

-- name: let_go_posted
-- Deletes a batch of bodies that were taken in before an instant, the oldest first, found by the index inbox_by_age;
-- those that were set aside with a problem only if that was before an earlier one.
DELETE FROM inbox
WHERE id IN (
  SELECT i.id FROM inbox AS i
  WHERE i.taken_at < :before AND (i.problem IS NULL OR i.taken_at < :long_before)
  ORDER BY i.taken_at
  LIMIT :most
);

-- name: let_go_events
-- Forgets a batch of events that were taken in before an instant, found by the index inbound_events_by_age: no provider
-- tells of them any more.
DELETE FROM inbound_events
WHERE (channel, key) IN (
  SELECT e.channel, e.key FROM inbound_events AS e WHERE e.taken_at < :before ORDER BY e.taken_at LIMIT :most
);

-- name: new_events
-- Notes events of a channel as taken in, keyed by their keys, and returns those that had not been; the hash is what a key
-- is kept as of which somebody was forgotten.
INSERT INTO inbound_events (channel, key, taken_at)
SELECT CAST(:channel AS text), given.key, :now FROM json_each(:events) AS given
WHERE NOT EXISTS (SELECT 1 FROM inbound_events AS e WHERE e.channel = :channel AND e.key = given.value ->> 'hash')
ON CONFLICT DO NOTHING
RETURNING key;

-- name: accept_attempts
-- Writes that a try was accepted that nobody had answered, or whose answer got lost: its receipt proves it. That is the
-- last such try of the record, unless a known try has that id at the provider.
WITH receipts AS MATERIALIZED (SELECT * FROM rows_of(:receipts, record bigint, provider text))
UPDATE attempts
SET outcome = 'accepted', finished_at = :now, provider_id = receipts.provider, error = NULL
FROM receipts
WHERE record_id = receipts.record AND provider_id IS NULL AND (outcome IS NULL OR outcome = 'unknown')
  AND number = (
    SELECT max(open.number) FROM attempts AS open
    WHERE open.record_id = receipts.record AND open.provider_id IS NULL
      AND (open.outcome IS NULL OR open.outcome = 'unknown')
  )
  AND NOT EXISTS (
    SELECT 1 FROM attempts AS known
    WHERE known.record_id = receipts.record AND known.provider_id = receipts.provider
  )
  /* record_id among receipts.record */;

-- name: note_deliveries
-- Notes how far messages have come, `delay` seconds from now. They are told in any order: the furthest stays.
WITH receipts AS MATERIALIZED (
  SELECT * FROM rows_of(:receipts, record bigint, provider text, state text, rank integer, delay bigint, error text)
)
UPDATE attempts
SET delivery = receipts.state, delivery_at = add_seconds(:now, receipts.delay), delivery_error = receipts.error
FROM receipts
WHERE record_id = receipts.record AND provider_id = receipts.provider
  AND receipts.rank > CASE delivery
    WHEN 'read' THEN 4 WHEN 'delivered' THEN 3 WHEN 'failed' THEN 2 WHEN 'sent' THEN 1 ELSE 0 END
  /* record_id among receipts.record */
RETURNING record_id AS id;

-- name: whose_deliveries
-- Returns whose records these are: their enrollments, steps and addresses.
SELECT r.id, r.enrollment_id, r.sequence_stepid, address_of(s, l) AS address
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN sequences AS s ON s.id = r.sequence_id
JOIN leads AS l ON l.id = r.lead_id;
