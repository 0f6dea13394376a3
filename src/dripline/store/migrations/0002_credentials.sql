-- a sender may have a credential of its own, and an address of its own that its provider posts to

-- What a sender brings that does not go by the settings. sealed: all of its fields, encrypted with the key that key_id
-- names. shown: those that are no secret, and which secrets there are, as JSON; nothing is made of it. hook ends the
-- address that its provider posts to, and called_at is when it last did. revision grows with each change, so that a
-- process sees that there was one.
CREATE TABLE sender_credentials (
  sender_id bigint PRIMARY KEY REFERENCES senders (id),
  sealed text NOT NULL,
  key_id text NOT NULL,
  shown text NOT NULL,
  hook text NOT NULL CONSTRAINT one_sender_per_hook UNIQUE,
  revision bigint NOT NULL DEFAULT 1,
  set_at INSTANT NOT NULL,
  set_by text NOT NULL,
  called_at INSTANT
);

-- Whose provider posted a body, where that came to the address of one sender; else it came to the channel's.
ALTER TABLE inbox ADD COLUMN sender text;
