-- is_urgent: what is in it stops somebody, or says who somebody is. What waits already has not been looked at.
ALTER TABLE inbox ADD COLUMN is_urgent integer NOT NULL DEFAULT 1
  CONSTRAINT is_urgent_is_yes_or_no CHECK (is_urgent IN (0, 1));

CREATE INDEX inbox_urgent ON inbox (id) WHERE taken_at IS NULL AND is_urgent = 1;
