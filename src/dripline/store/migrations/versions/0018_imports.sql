-- Lead lists that were imported: whose they are, how far each came, and what it did. `columns` is a JSON list of their
-- names, `percent` how much of the file was read, `removed` how many leads its undoing deleted.
CREATE TABLE imports (
  id IDENTITY,
  name text NOT NULL,
  who text NOT NULL,
  columns text NOT NULL,
  state text NOT NULL,
  problem text,
  started_at INSTANT NOT NULL,
  seen_at INSTANT NOT NULL,
  finished_at INSTANT,
  undone_at INSTANT,
  percent integer NOT NULL DEFAULT 0,
  rows_done bigint NOT NULL DEFAULT 0,
  without_trigger bigint NOT NULL DEFAULT 0,
  added bigint NOT NULL DEFAULT 0,
  updated bigint NOT NULL DEFAULT 0,
  enrolled bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  removed bigint NOT NULL DEFAULT 0,
  CONSTRAINT import_state_is_known CHECK (state IN ('running', 'finished', 'ended early', 'undoing', 'undone')),
  CONSTRAINT import_that_ended_has_its_time CHECK (state = 'running' OR finished_at IS NOT NULL)
);

-- The rows that an import refused, as they came: at most so many of each import. `cells` is a JSON list,
-- `culprit` the column to blame, `value` what stands there.
CREATE TABLE import_refused (
  import_id bigint NOT NULL REFERENCES imports (id),
  number bigint NOT NULL,
  cells text NOT NULL,
  culprit text NOT NULL,
  value text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (import_id, number)
);

-- What an import changed of leads that it had not added: what they were before and after, as JSON.
CREATE TABLE import_changes (
  import_id bigint NOT NULL REFERENCES imports (id),
  lead_id bigint NOT NULL,
  before text NOT NULL,
  after text NOT NULL,
  PRIMARY KEY (import_id, lead_id)
);

CREATE INDEX import_changes_by_lead ON import_changes (lead_id);

-- import_id: the import that wrote the row, if one did. No reference, which would be looked up for each row of a list.
-- is_changed: the lead was changed since, and not by an import.
ALTER TABLE leads ADD COLUMN import_id bigint;

ALTER TABLE leads ADD COLUMN is_changed integer NOT NULL DEFAULT 0;

ALTER TABLE lead_triggers ADD COLUMN import_id bigint;

ALTER TABLE enrollments ADD COLUMN import_id bigint;

CREATE INDEX leads_by_import ON leads (import_id, id) WHERE import_id IS NOT NULL;

CREATE INDEX triggers_by_import ON lead_triggers (import_id, lead_id) WHERE import_id IS NOT NULL;

CREATE INDEX enrollments_by_import ON enrollments (import_id, lead_id) WHERE import_id IS NOT NULL;

-- Whether somebody wrote to us at all, whatever the channel.
CREATE INDEX conversations_by_address ON conversations (address);
