-- suspected_at: when a person said that a backup was put back, after which this record may have gone already.
ALTER TABLE sequence_contacts ADD COLUMN suspected_at INSTANT;

-- identity, passes, passed_at: which database this is, how many times a processor looked at it, and when last. They are
-- held against what is kept beside the database: one that knows of fewer passes was put back from a backup.
ALTER TABLE workspace ADD COLUMN identity text;
ALTER TABLE workspace ADD COLUMN passes bigint NOT NULL DEFAULT 0;
ALTER TABLE workspace ADD COLUMN passed_at INSTANT;

-- copied_at: when that was seen; a person has to say what becomes of it.
ALTER TABLE workspace ADD COLUMN copied_at INSTANT;
