-- For how long after a run of a lead began the same trigger begins no other one.
ALTER TABLE sequences ADD COLUMN re_entry_gap_seconds bigint NOT NULL DEFAULT 86400
  CONSTRAINT re_entry_gap_is_not_negative CHECK (re_entry_gap_seconds >= 0);
