-- As what unknown records were settled, by whom, and by which proof: no try is settled as the same thing twice.
CREATE TABLE settlements (
  id IDENTITY,
  record_id bigint NOT NULL REFERENCES sequence_contacts (id),
  attempt integer NOT NULL,
  settled_at INSTANT NOT NULL,
  settled_by text NOT NULL,
  resolution text NOT NULL,
  proof text,
  CONSTRAINT one_settlement UNIQUE (record_id, attempt, resolution)
);
