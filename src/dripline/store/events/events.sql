-- Events are written in the transaction in which they happen, one row for each active subscription to their type: no
-- event without its fact, and no fact without its event. Where nobody subscribed, none of this is asked (store/outbox.py).

-- name: wanted_events
-- Returns the types of events that an active subscription asks for.
SELECT DISTINCT t.type
FROM event_subscription_types AS t
JOIN event_subscriptions AS s ON s.id = t.subscription_id
WHERE s.status = 'active';

-- name: tell_of_records
-- Tells an event of the given records, with the reason that they have.
INSERT INTO event_deliveries (subscription_id, type, happened_at, next_at, give_up_at, lead_id, enrollment_id, record_id,
  sequence, step, sender, reason_code, reason_facts)
SELECT s.id, t.type, :now, :now, :give_up_at, r.lead_id, r.enrollment_id, r.id, q.name, r.current_step, sd.name,
  r.reason_code, r.reason_facts
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN sequences AS q ON q.id = r.sequence_id
LEFT JOIN senders AS sd ON sd.id = r.sender_id
JOIN event_subscription_types AS t ON t.type = :type
JOIN event_subscriptions AS s ON s.id = t.subscription_id AND s.status = 'active';

-- name: tell_of_deliveries
-- Tells how far messages have come since they were accepted, and why no further.
WITH receipts AS MATERIALIZED (
  SELECT * FROM rows_of(:receipts, record bigint, state text, delay bigint, code text, facts text)
)
INSERT INTO event_deliveries (subscription_id, type, happened_at, next_at, give_up_at, lead_id, enrollment_id, record_id,
  sequence, step, sender, outcome, reason_code, reason_facts)
SELECT s.id, t.type, add_seconds(:now, receipts.delay), :now, :give_up_at, r.lead_id, r.enrollment_id, r.id, q.name,
  r.current_step, sd.name, receipts.state, receipts.code, receipts.facts
FROM receipts
JOIN sequence_contacts AS r ON r.id = receipts.record
JOIN sequences AS q ON q.id = r.sequence_id
LEFT JOIN senders AS sd ON sd.id = r.sender_id
JOIN event_subscription_types AS t ON t.type = :type
JOIN event_subscriptions AS s ON s.id = t.subscription_id AND s.status = 'active';

-- name: tell_of_newcomers
-- Tells of the enrollments above an id, which this transaction has just made.
INSERT INTO event_deliveries (subscription_id, type, happened_at, next_at, give_up_at, lead_id, enrollment_id, sequence)
SELECT s.id, t.type, :now, :now, :give_up_at, e.lead_id, e.id, q.name
FROM enrollments AS e
JOIN sequences AS q ON q.id = e.sequence_id
JOIN event_subscription_types AS t ON t.type = :type
JOIN event_subscriptions AS s ON s.id = t.subscription_id AND s.status = 'active'
WHERE is_newcomer(e);

-- name: tell_of_ended
-- Tells that enrollments ended, and why.
INSERT INTO event_deliveries (subscription_id, type, happened_at, next_at, give_up_at, lead_id, enrollment_id, sequence,
  reason_code, reason_facts)
SELECT s.id, t.type, :now, :now, :give_up_at, e.lead_id, e.id, q.name, e.end_code, e.end_facts
FROM json_each(:enrollments) AS given
JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
JOIN sequences AS q ON q.id = e.sequence_id
JOIN event_subscription_types AS t ON t.type = :type
JOIN event_subscriptions AS s ON s.id = t.subscription_id AND s.status = 'active';

-- name: tell_of_leads
-- Tells an event of leads, whether they are still there or not.
INSERT INTO event_deliveries (subscription_id, type, happened_at, next_at, give_up_at, lead_id)
SELECT s.id, t.type, :now, :now, :give_up_at, CAST(given.key AS bigint)
FROM json_each(:leads) AS given
JOIN event_subscription_types AS t ON t.type = :type
JOIN event_subscriptions AS s ON s.id = t.subscription_id AND s.status = 'active';

-- name: tell_of_messages
-- Tells that leads wrote messages, and what they wrote to those who ask for it.
INSERT INTO event_deliveries (subscription_id, type, happened_at, next_at, give_up_at, lead_id, message_id, channel, class,
  reason_code, reason_facts, text)
SELECT s.id, t.type, m.at, :now, :give_up_at, m.lead_id, m.id, m.channel, m.class,
  CASE WHEN s.with_text = 1 THEN m.reason_code END, CASE WHEN s.with_text = 1 THEN m.reason_facts END,
  CASE WHEN s.with_text = 1 THEN m.text END
FROM json_each(:messages) AS given
JOIN messages_in AS m ON m.id = CAST(given.key AS bigint)
JOIN event_subscription_types AS t ON t.type = :type
JOIN event_subscriptions AS s ON s.id = t.subscription_id AND s.status = 'active';

-- name: tell_of_senders
-- Tells what happened to senders, keyed by id, each with its own type of event.
INSERT INTO event_deliveries (subscription_id, type, happened_at, next_at, give_up_at, sender, reason_code,
  reason_facts)
SELECT s.id, t.type, :now, :now, :give_up_at, sd.name, given.value ->> 'code', given.value ->> 'facts'
FROM json_each(:events) AS given
JOIN senders AS sd ON sd.id = CAST(given.key AS bigint)
JOIN event_subscription_types AS t ON t.type = given.value ->> 'type'
JOIN event_subscriptions AS s ON s.id = t.subscription_id AND s.status = 'active';

-- name: leads_of_addresses
-- Returns the leads that have one of the addresses, and whether their whole person is barred already.
SELECT l.id, count(barred.address) AS barred
FROM json_each(:addresses) AS given
JOIN leads AS l ON l.phone = given.key OR l.email = given.key
LEFT JOIN suppressions AS barred ON barred.address IN (l.phone, l.email) AND barred.whole_person = 1
GROUP BY l.id;

-- name: forget_deliveries
-- Deletes what was told, or is yet to be told, of leads that are being forgotten.
DELETE FROM event_deliveries WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: due_subscriptions
-- Returns the active subscriptions that do not rest and have something due, by event_deliveries_due: one look for each.
SELECT s.id, s.url, s.generation, s.rotated_at, s.failures
FROM event_subscriptions AS s
WHERE s.status = 'active' AND (s.rest_until IS NULL OR s.rest_until <= :now) AND EXISTS (
  SELECT 1 FROM event_deliveries AS d WHERE d.subscription_id = s.id AND d.state = 'waiting' AND d.next_at <= :now
)
ORDER BY s.id;

-- name: take_deliveries
-- Takes the next few that are due to an active subscription, for one worker: until its lease ends no other takes them.
WITH due AS MATERIALIZED (
  SELECT d.id AS due_id
  FROM event_deliveries AS d
  WHERE d.subscription_id = :subscription_id AND d.state = 'waiting' AND d.next_at <= :now
    AND EXISTS (SELECT 1 FROM event_subscriptions AS s WHERE s.id = :subscription_id AND s.status = 'active')
  ORDER BY d.next_at, d.id
  LIMIT :most
  /* lock d, skip locked */
)
UPDATE event_deliveries SET tries = tries + 1, next_at = :lease_until FROM due WHERE id = due_id
RETURNING *;

-- name: note_delivered
-- Writes that receivers took events, if that try is still the last one.
WITH answers AS MATERIALIZED (SELECT * FROM rows_of(:answers, delivery bigint, number integer, code integer))
UPDATE event_deliveries
SET state = 'delivered', ended_at = :now, status_code = answers.code, error = NULL
FROM answers
WHERE id = answers.delivery AND tries = answers.number AND state = 'waiting'
RETURNING id;

-- name: note_undelivered
-- Writes why receivers did not take events, and when they are tried next: `delay` seconds from now; given up where that
-- is too late.
WITH answers AS MATERIALIZED (
  SELECT * FROM rows_of(:answers, delivery bigint, number integer, code integer, delay bigint, error text)
)
UPDATE event_deliveries
SET failures = failures + 1, status_code = answers.code, error = answers.error,
  state = CASE WHEN add_seconds(:now, answers.delay) >= give_up_at THEN 'given_up' ELSE 'waiting' END,
  ended_at = CASE WHEN add_seconds(:now, answers.delay) >= give_up_at THEN :now END,
  next_at = add_seconds(:now, answers.delay)
FROM answers
WHERE id = answers.delivery AND tries = answers.number AND state = 'waiting'
RETURNING id, state;

-- name: note_taking
-- Notes that a subscription that had failed takes events again.
UPDATE event_subscriptions SET failures = 0, failing_since = NULL, rest_until = NULL
WHERE id = :subscription_id AND failing_since IS NOT NULL;

-- name: note_failing
-- Notes that a subscription took nothing of what it was told, and rests for `rest` seconds.
UPDATE event_subscriptions
SET failures = failures + 1, failing_since = coalesce(failing_since, :now), rest_until = add_seconds(:now, :rest)
WHERE id = :subscription_id;

-- name: disable_failing
-- Tells a subscription nothing more that has taken nothing since an instant, or whose receiver says that it is gone.
UPDATE event_subscriptions SET status = 'disabled', reason_code = :code, reason_facts = :facts
WHERE id = :subscription_id AND status = 'active' AND failing_since <= :before
RETURNING id;

-- name: give_up_deliveries
-- Gives up a batch of what has waited for too long, also of subscriptions that are paused or disabled.
UPDATE event_deliveries SET state = 'given_up', ended_at = :now, error = coalesce(error, 'it waited for too long')
WHERE id IN (
  SELECT d.id FROM event_deliveries AS d WHERE d.state = 'waiting' AND d.give_up_at <= :now AND d.next_at <= :now LIMIT :most
);

-- name: let_go_deliveries
-- Deletes a batch of what was delivered or given up before an instant, by event_deliveries_by_age.
DELETE FROM event_deliveries
WHERE id IN (SELECT d.id FROM event_deliveries AS d WHERE d.ended_at < :before ORDER BY d.ended_at LIMIT :most);

-- name: let_go_unwanted
-- Deletes a batch of what was due to subscriptions that have ended.
DELETE FROM event_deliveries
WHERE id IN (
  SELECT d.id
  FROM event_subscriptions AS s
  JOIN event_deliveries AS d ON d.subscription_id = s.id AND d.state = 'waiting'
  WHERE s.status = 'ended'
  LIMIT :most
);

-- name: insert_subscription
-- Writes a new subscription.
INSERT INTO event_subscriptions (id, url, status, with_text, created_at)
VALUES (:subscription_id, :url, 'active', :with_text, :now);

-- name: subscribe_to_types
-- Writes what a subscription is told of.
INSERT INTO event_subscription_types (subscription_id, type)
SELECT CAST(:subscription_id AS bigint), key FROM json_each(:types) WHERE true;

-- name: unsubscribe_from_types
-- Tells a subscription of nothing any more.
DELETE FROM event_subscription_types WHERE subscription_id = :subscription_id;

-- name: find_subscription
-- Returns a subscription that has not ended, locked.
SELECT s.id, s.url, s.status, s.with_text, s.generation, s.rotated_at, s.failures
FROM event_subscriptions AS s
WHERE s.id = :subscription_id AND s.status <> 'ended'
/* lock s */;

-- name: all_subscriptions
-- Returns every subscription that has not ended, or one of them, a row for each type, and how many events wait for it.
SELECT s.id, s.url, s.status, s.with_text, s.reason_code, s.reason_facts, s.created_at, s.failing_since, t.type, (
    SELECT count(*) FROM event_deliveries AS d WHERE d.subscription_id = s.id AND d.state = 'waiting'
  ) AS waiting
FROM event_subscriptions AS s
JOIN event_subscription_types AS t ON t.subscription_id = s.id
WHERE s.status <> 'ended' AND (CAST(:subscription_id AS bigint) IS NULL OR s.id = :subscription_id)
ORDER BY s.created_at, s.id;

-- name: update_subscription
-- Overwrites where a subscription is told what happens, and whether; one that goes on is taken for well.
UPDATE event_subscriptions
SET url = :url, status = :status, with_text = :with_text, reason_code = CASE WHEN :status = 'disabled' THEN reason_code END,
  reason_facts = CASE WHEN :status = 'disabled' THEN reason_facts END, failures = 0,
  failing_since = NULL, rest_until = NULL
WHERE id = :subscription_id;

-- name: rotate_subscription
-- Lets a subscription sign with its next secret.
UPDATE event_subscriptions SET generation = generation + 1, rotated_at = :now
WHERE id = :subscription_id
RETURNING generation;

-- name: end_subscription
-- Ends a subscription for good.
UPDATE event_subscriptions SET status = 'ended' WHERE id = :subscription_id AND status <> 'ended' RETURNING id;

-- name: insert_ping
-- Writes the event of a test, taken by whoever tests.
INSERT INTO event_deliveries (subscription_id, type, happened_at, next_at, give_up_at, tries)
VALUES (:subscription_id, :type, :now, :lease_until, :now, 1)
RETURNING *;

-- name: list_deliveries
-- Returns a page of deliveries below an id, the latest first, of one subscription and one state where they are named.
SELECT d.*
FROM event_deliveries AS d
WHERE d.id < :below
  AND (CAST(:subscription_id AS bigint) IS NULL OR d.subscription_id = :subscription_id)
  AND (CAST(:state AS text) IS NULL OR d.state = :state)
ORDER BY d.id DESC
LIMIT :most;

-- name: redeliver
-- Has an event that was delivered or given up told again, under the id that it had.
UPDATE event_deliveries
SET state = 'waiting', failures = 0, next_at = :now, give_up_at = :give_up_at, ended_at = NULL
WHERE id = :delivery_id AND state <> 'waiting'
  AND subscription_id IN (SELECT s.id FROM event_subscriptions AS s WHERE s.status <> 'ended')
RETURNING id;
