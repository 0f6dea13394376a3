-- What ended long ago is put away: how long it is kept, and what stays of it.
--
-- A workspace that says how long it keeps things (keep_seconds) has the records of enrollments that ended before that
-- removed, with their tries, moves and settlements (store/retention). The enrollment itself stays, as the last one of its
-- lead in its sequence: who goes in again, and when, is decided by it.

-- keep_seconds: for how long what has ended is kept with all that is known of it; NULL: for good.
ALTER TABLE workspace ADD COLUMN keep_seconds bigint CONSTRAINT keep_is_a_month_or_more CHECK (keep_seconds >= 2592000);

-- archived_at: when its records were removed. What they came to stands in archived_counts, what was sent in send_proofs.
ALTER TABLE enrollments ADD COLUMN archived_at INSTANT;

-- What ended and still has its records, the oldest first.
CREATE INDEX ended_with_records ON enrollments (ended_at, id) WHERE ended_at IS NOT NULL AND archived_at IS NULL;

-- How many records, and enrollments that were removed altogether (step 0), stood where when they were removed, as the
-- tallies name it: with what is still there they are what the tallies say.
CREATE TABLE archived_counts (
  sequence_id bigint NOT NULL,
  step integer NOT NULL,
  status text NOT NULL,
  many bigint NOT NULL,
  PRIMARY KEY (sequence_id, step, status)
) IN_ORDER;

-- One message that went (completed) or may have gone (unknown), whose record was removed. address_digest, message_digest:
-- of the address that it went to and of its provider's id for it, keyed by a secret that is not in the database: whoever
-- has the address can find it, and nobody can read one from it. NULL once the person was forgotten.
CREATE TABLE send_proofs (
  record_id IDENTITY,
  sequence_id bigint NOT NULL,
  step integer NOT NULL,
  status text NOT NULL CONSTRAINT proof_is_of_a_send CHECK (status IN ('completed', 'unknown')),
  sent_at INSTANT NOT NULL,
  address_digest text,
  message_digest text
);

CREATE INDEX proofs_by_address ON send_proofs (address_digest, sent_at) WHERE address_digest IS NOT NULL;

-- Whoever removes locks this one row until its transaction ends.
CREATE TABLE archiving (
  id integer PRIMARY KEY CONSTRAINT there_is_one_archiving CHECK (id = 1)
);

INSERT INTO archiving (id) VALUES (1);
