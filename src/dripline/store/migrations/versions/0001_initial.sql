-- The first schema. INSTANT, IDENTITY and RECORD_IDENTITY are named types that each database spells its own way
-- (store/database/dialect.py). Every rule that SQL can hold is a named constraint, so that a breach says which rule it broke.

-- A person to reach, known by phone (E.164 digits) or, without one, by e-mail.
CREATE TABLE leads (
  id IDENTITY,
  phone text CONSTRAINT one_lead_per_phone UNIQUE,
  email text,
  name text NOT NULL,
  attributes text NOT NULL,
  created_at INSTANT NOT NULL,
  updated_at INSTANT NOT NULL,
  CONSTRAINT lead_has_an_address CHECK (phone IS NOT NULL OR email IS NOT NULL)
);

CREATE UNIQUE INDEX one_lead_per_email_without_phone ON leads (email) WHERE phone IS NULL;

CREATE INDEX leads_by_email ON leads (email);

-- The attributes that leads are known to have, so that a template's variables can be checked without reading leads.
CREATE TABLE attribute_names (
  name text PRIMARY KEY
);

-- The triggers a lead has gained, each once.
CREATE TABLE lead_triggers (
  lead_id bigint NOT NULL REFERENCES leads (id),
  trigger text NOT NULL CONSTRAINT trigger_is_not_empty CHECK (trigger <> ''),
  gained_at INSTANT NOT NULL,
  PRIMARY KEY (lead_id, trigger)
);

CREATE INDEX leads_by_trigger ON lead_triggers (trigger, lead_id);

-- Addresses that nothing is ever sent to again. No reference to a lead: a suppression outlives it.
CREATE TABLE suppressions (
  address text PRIMARY KEY,
  reason text NOT NULL,
  suppressed_at INSTANT NOT NULL
);

CREATE TABLE sequences (
  id IDENTITY,
  name text NOT NULL CONSTRAINT one_sequence_per_name UNIQUE,
  trigger text NOT NULL CONSTRAINT one_sequence_per_trigger UNIQUE,
  channel text NOT NULL,
  address_kind text NOT NULL,
  variables text NOT NULL,
  version integer NOT NULL,
  created_at INSTANT NOT NULL,
  updated_at INSTANT NOT NULL,
  CONSTRAINT sequence_trigger_is_not_empty CHECK (trigger <> ''),
  CONSTRAINT address_kind_is_known CHECK (address_kind IN ('phone', 'email', 'any'))
);

-- The steps of each version. Waits never change within a version; texts may, since they are rendered at send time.
CREATE TABLE steps (
  id IDENTITY,
  sequence_id bigint NOT NULL REFERENCES sequences (id),
  version integer NOT NULL,
  position integer NOT NULL,
  after_seconds bigint NOT NULL,
  offset_seconds bigint NOT NULL,
  message text NOT NULL,
  subject text,
  pause_reason text,
  CONSTRAINT one_step_per_position UNIQUE (sequence_id, version, position),
  CONSTRAINT wait_is_not_negative CHECK (after_seconds >= 0 AND offset_seconds >= after_seconds)
);

-- One lead's run through one version of one sequence. moved_seconds: by how much its calendar was moved for lateness.
CREATE TABLE enrollments (
  id IDENTITY,
  sequence_id bigint NOT NULL REFERENCES sequences (id),
  version integer NOT NULL,
  lead_id bigint NOT NULL REFERENCES leads (id),
  enrolled_at INSTANT NOT NULL,
  moved_seconds bigint NOT NULL DEFAULT 0,
  ended_at INSTANT,
  end_reason text,
  CONSTRAINT end_has_a_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);

CREATE UNIQUE INDEX one_live_enrollment ON enrollments (sequence_id, lead_id) WHERE ended_at IS NULL;

CREATE INDEX enrollments_by_lead ON enrollments (lead_id, sequence_id);

-- The mission's table: one row per enrollment and step, the only thing the processor looks at.
-- lease_until: a sending record's claim ends then; a held unknown record's enrollment goes on then.
CREATE TABLE sequence_contacts (
  id RECORD_IDENTITY,
  enrollment_id bigint NOT NULL REFERENCES enrollments (id),
  sequence_id bigint NOT NULL,
  lead_id bigint NOT NULL,
  contact_phone text,
  sequence_stepid bigint NOT NULL,
  current_step integer NOT NULL,
  status text NOT NULL,
  next_trigger_time INSTANT NOT NULL,
  planned_time INSTANT NOT NULL,
  completed_at INSTANT,
  ended_at INSTANT,
  reason text,
  attempt integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  worker text,
  lease_until INSTANT,
  CONSTRAINT one_record_per_step UNIQUE (enrollment_id, current_step),
  CONSTRAINT status_is_known CHECK (status IN
    ('pending', 'active', 'sending', 'paused', 'completed', 'failed', 'skipped', 'cancelled', 'unknown')),
  CONSTRAINT completed_has_its_time CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
  CONSTRAINT end_has_its_time_and_reason CHECK
    (status NOT IN ('failed', 'skipped', 'cancelled') OR (ended_at IS NOT NULL AND reason IS NOT NULL)),
  CONSTRAINT unended_has_no_end CHECK
    (status NOT IN ('pending', 'active', 'sending', 'paused', 'completed') OR ended_at IS NULL),
  CONSTRAINT sending_has_a_lease CHECK (status <> 'sending' OR (worker IS NOT NULL AND lease_until IS NOT NULL))
);

-- At most one record of an enrollment is where its enrollment stands.
CREATE UNIQUE INDEX one_current_record ON sequence_contacts (enrollment_id)
  WHERE status IN ('active', 'sending', 'paused') OR (status = 'unknown' AND ended_at IS NULL);

-- Finding due work costs what is due, not what is stored.
CREATE INDEX due_records ON sequence_contacts (next_trigger_time, id) WHERE status = 'active';

CREATE INDEX leased_records ON sequence_contacts (lease_until) WHERE lease_until IS NOT NULL;

-- One try, written before the bytes leave and finished when the provider has answered.
CREATE TABLE attempts (
  record_id bigint NOT NULL REFERENCES sequence_contacts (id),
  number integer NOT NULL,
  worker text NOT NULL,
  started_at INSTANT NOT NULL,
  finished_at INSTANT,
  outcome text,
  provider_id text,
  error text,
  text text,
  PRIMARY KEY (record_id, number),
  CONSTRAINT outcome_is_known CHECK (outcome IN
    ('accepted', 'retry_later', 'rejected', 'sender_unavailable', 'unknown', 'not_sent')),
  CONSTRAINT outcome_has_its_time CHECK ((outcome IS NULL) = (finished_at IS NULL)),
  CONSTRAINT accepted_has_a_provider_id CHECK (outcome <> 'accepted' OR provider_id IS NOT NULL)
);
