-- Channels that gave out, as far as messages go by them without a sender.
CREATE TABLE channel_rests (
  channel text PRIMARY KEY,
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  trips integer NOT NULL DEFAULT 0 CHECK (trips >= 0),
  rest_until INSTANT,
  reason_code text,
  reason_facts text
);
