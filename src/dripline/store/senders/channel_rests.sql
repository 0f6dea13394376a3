-- Channels that gave out, as far as messages go by them without a sender.

-- name: channel_rest
-- Returns how a channel rests; no row where it is well.
SELECT failures, trips, rest_until, reason_code, reason_facts FROM channel_rests WHERE channel = :channel;

-- name: take_channel_trial
-- Takes the one message that is tried when a rest is over: until it is answered, or its worker is lost, nobody else does.
UPDATE channel_rests SET rest_until = :until
WHERE channel = :channel AND rest_until <= :now
RETURNING channel;

-- name: keep_channel_rest
-- Writes down how a channel rests.
INSERT INTO channel_rests (channel, failures, trips, rest_until, reason_code, reason_facts)
VALUES (:channel, :failures, :trips, :until, :code, :facts)
ON CONFLICT (channel) DO UPDATE SET failures = excluded.failures, trips = excluded.trips,
  rest_until = excluded.rest_until, reason_code = excluded.reason_code, reason_facts = excluded.reason_facts;

-- name: forget_channel_rest
-- Forgets that a channel was not well.
DELETE FROM channel_rests WHERE channel = :channel;
