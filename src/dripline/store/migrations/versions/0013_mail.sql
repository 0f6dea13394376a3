-- The HTML that stands beside a step's plain text, where its channel shows HTML.
ALTER TABLE steps ADD COLUMN html text;

-- What operators were told of and when: once a day for all processors together, or when it has changed.
CREATE TABLE alerts (
  thing text PRIMARY KEY,
  state text NOT NULL,
  told_at INSTANT NOT NULL
);

-- What waits for a person to decide whether it went: looked for every minute, and rarely any.
CREATE INDEX unknown_waiting ON sequence_contacts (sequence_id) WHERE status = 'unknown' AND ended_at IS NULL;
