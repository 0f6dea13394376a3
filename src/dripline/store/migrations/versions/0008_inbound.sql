-- What providers posted, as it came, until it is taken in; what was taken in stays for whoever asks later. `problem`
-- says why a body could not be read.
CREATE TABLE inbox (
  id IDENTITY,
  channel text NOT NULL,
  body text NOT NULL,
  received_at INSTANT NOT NULL,
  taken_at INSTANT,
  problem text,
  CONSTRAINT problem_is_of_what_was_taken CHECK (problem IS NULL OR taken_at IS NOT NULL)
);

CREATE INDEX inbox_waiting ON inbox (id) WHERE taken_at IS NULL;

-- The events that were taken in: each counts once, however often its provider tells it.
CREATE TABLE inbound_events (
  channel text NOT NULL,
  key text NOT NULL,
  taken_at INSTANT NOT NULL,
  PRIMARY KEY (channel, key)
);

-- How far a message has come that a provider accepted, since when, and why it came no further.
ALTER TABLE attempts ADD COLUMN delivery text
  CONSTRAINT delivery_is_known CHECK (delivery IN ('sent', 'failed', 'delivered', 'read'));

ALTER TABLE attempts ADD COLUMN delivery_at INSTANT;

ALTER TABLE attempts ADD COLUMN delivery_error text;
