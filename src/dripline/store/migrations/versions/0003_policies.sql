-- What a sequence does when a step fails, or when nobody knows whether it went.
ALTER TABLE sequences ADD COLUMN on_failure text NOT NULL DEFAULT 'continue'
  CONSTRAINT on_failure_is_known CHECK (on_failure IN ('continue', 'stop'));

ALTER TABLE sequences ADD COLUMN on_unknown text NOT NULL DEFAULT 'advance'
  CONSTRAINT on_unknown_is_known CHECK (on_unknown IN ('advance', 'resend', 'hold'));

ALTER TABLE sequences ADD COLUMN unknown_after_seconds bigint NOT NULL DEFAULT 600
  CONSTRAINT unknown_after_is_not_negative CHECK (unknown_after_seconds >= 0);
