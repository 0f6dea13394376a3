-- When a sender's account was last asked after, and whether what was answered holds it: a person's pause is none of that.
ALTER TABLE senders ADD COLUMN checked_at INSTANT;

ALTER TABLE senders ADD COLUMN is_unwell integer NOT NULL DEFAULT 0;

-- Until when a sender's chats were read, for what people wrote and no webhook told; and when that was last tried.
ALTER TABLE senders ADD COLUMN history_until INSTANT;

ALTER TABLE senders ADD COLUMN history_tried_at INSTANT;

-- Until when a sender may only answer people who wrote to it, and how often in a row it was told so.
ALTER TABLE senders ADD COLUMN cold_until INSTANT;

ALTER TABLE senders ADD COLUMN cold_trips integer NOT NULL DEFAULT 0;

-- To whom a sender was not let write, and whether they had written to it before.
CREATE TABLE refused_contacts (
  sender_id bigint NOT NULL REFERENCES senders (id),
  address text NOT NULL,
  refused_at INSTANT NOT NULL,
  had_written integer NOT NULL,
  PRIMARY KEY (sender_id, address)
);

-- invited_only: it enrolls only people who wrote to an account of its channel. cold: its file lets it write to strangers.
ALTER TABLE sequences ADD COLUMN invited_only integer NOT NULL DEFAULT 0;

ALTER TABLE sequences ADD COLUMN cold integer NOT NULL DEFAULT 0;

-- When a try of which nobody knows what became of it is looked for next.
ALTER TABLE attempts ADD COLUMN trace_at INSTANT;

-- What waits for word of its try is found without looking at anything else.
CREATE INDEX unknown_waiting ON sequence_contacts (id) WHERE status = 'unknown' AND ended_at IS NULL;
