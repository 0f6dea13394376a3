-- The schema of version 0023, as the program at commit 5e78288 made it with its 23 migrations.

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

CREATE TABLE attribute_names (
  name text PRIMARY KEY
);

CREATE TABLE lead_triggers (
  lead_id bigint NOT NULL REFERENCES leads (id),
  trigger text NOT NULL CONSTRAINT trigger_is_not_empty CHECK (trigger <> ''),
  gained_at INSTANT NOT NULL,
  PRIMARY KEY (lead_id, trigger)
);

CREATE INDEX leads_by_trigger ON lead_triggers (trigger, lead_id);

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

CREATE UNIQUE INDEX one_current_record ON sequence_contacts (enrollment_id)
  WHERE status IN ('active', 'sending', 'paused') OR (status = 'unknown' AND ended_at IS NULL);

CREATE INDEX due_records ON sequence_contacts (next_trigger_time, id) WHERE status = 'active';

CREATE INDEX leased_records ON sequence_contacts (lease_until) WHERE lease_until IS NOT NULL;

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

CREATE TABLE workers (
  id text PRIMARY KEY,
  host text NOT NULL,
  process_id bigint NOT NULL,
  version text NOT NULL,
  started_at INSTANT NOT NULL,
  seen_at INSTANT NOT NULL,
  stopped_at INSTANT
);

ALTER TABLE sequences ADD COLUMN on_failure text NOT NULL DEFAULT 'continue'
  CONSTRAINT on_failure_is_known CHECK (on_failure IN ('continue', 'stop'));

ALTER TABLE sequences ADD COLUMN on_unknown text NOT NULL DEFAULT 'advance'
  CONSTRAINT on_unknown_is_known CHECK (on_unknown IN ('advance', 'resend', 'hold'));

ALTER TABLE sequences ADD COLUMN unknown_after_seconds bigint NOT NULL DEFAULT 600
  CONSTRAINT unknown_after_is_not_negative CHECK (unknown_after_seconds >= 0);

CREATE TABLE senders (
  id IDENTITY,
  name text NOT NULL CONSTRAINT one_sender_per_name UNIQUE,
  channel text NOT NULL,
  pool text,
  pace text NOT NULL,
  status text NOT NULL,
  reason text,
  replaced_by bigint REFERENCES senders (id),
  created_at INSTANT NOT NULL,
  updated_at INSTANT NOT NULL,
  free_at INSTANT NOT NULL,
  wait_reason text,
  worker text,
  lease_until INSTANT,
  turn bigint NOT NULL DEFAULT 0,
  rest_seconds bigint NOT NULL DEFAULT 0,
  first_sent_at INSTANT,
  hour_counts text NOT NULL DEFAULT '{}',
  day_counts text NOT NULL DEFAULT '{}',
  failures integer NOT NULL DEFAULT 0,
  trips integer NOT NULL DEFAULT 0,
  is_trying integer NOT NULL DEFAULT 0,
  slow integer NOT NULL DEFAULT 0,
  CONSTRAINT sender_status_is_known CHECK (status IN ('active', 'paused', 'archived')),
  CONSTRAINT held_sender_has_a_reason CHECK (status = 'active' OR reason IS NOT NULL),
  CONSTRAINT lane_lease_has_a_worker CHECK (lease_until IS NULL OR worker IS NOT NULL)
);

CREATE INDEX senders_by_pool ON senders (pool);

CREATE TABLE sender_loads (
  sender_id bigint PRIMARY KEY REFERENCES senders (id),
  live bigint NOT NULL,
  CONSTRAINT load_is_not_negative CHECK (live >= 0)
);

CREATE TABLE sender_events (
  id IDENTITY,
  sender_id bigint NOT NULL REFERENCES senders (id),
  at INSTANT NOT NULL,
  event text NOT NULL,
  reason text NOT NULL
);

CREATE INDEX sender_events_by_sender ON sender_events (sender_id, id);

CREATE TABLE sequence_senders (
  sequence_id bigint NOT NULL REFERENCES sequences (id),
  position integer NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (sequence_id, name)
);

ALTER TABLE enrollments ADD COLUMN sender_id bigint REFERENCES senders (id);

ALTER TABLE sequence_contacts ADD COLUMN sender_id bigint REFERENCES senders (id);

ALTER TABLE attempts ADD COLUMN sender_id bigint REFERENCES senders (id);

CREATE INDEX enrollments_by_sender ON enrollments (sender_id) WHERE sender_id IS NOT NULL AND ended_at IS NULL;

CREATE INDEX due_unpaced ON sequence_contacts (next_trigger_time, id) WHERE status = 'active' AND sender_id IS NULL;

CREATE INDEX due_by_sender ON sequence_contacts (sender_id, next_trigger_time, id)
  WHERE status = 'active' AND sender_id IS NOT NULL;

CREATE TABLE workspace (
  id integer PRIMARY KEY CONSTRAINT there_is_one_workspace CHECK (id = 1),
  zone text NOT NULL,
  min_gap_seconds bigint NOT NULL CONSTRAINT min_gap_is_not_negative CHECK (min_gap_seconds >= 0),
  daily_cap integer CONSTRAINT daily_cap_is_positive CHECK (daily_cap > 0),
  stop_words text,
  paused_at INSTANT,
  pause_reason text,
  CONSTRAINT everything_is_paused_for_a_reason CHECK ((paused_at IS NULL) = (pause_reason IS NULL))
);

INSERT INTO workspace (id, zone, min_gap_seconds) VALUES (1, 'UTC', 0);

ALTER TABLE leads ADD COLUMN zone text;

ALTER TABLE suppressions ADD COLUMN whole_person integer NOT NULL DEFAULT 0;

ALTER TABLE sequences ADD COLUMN time_window text;

ALTER TABLE steps ADD COLUMN time_window text;

ALTER TABLE sequences ADD COLUMN zone text;

ALTER TABLE sequences ADD COLUMN when_late text NOT NULL DEFAULT 'respace'
  CONSTRAINT when_late_is_known CHECK (when_late IN ('respace', 'keep', 'skip'));

ALTER TABLE sequences ADD COLUMN late_grace_seconds bigint NOT NULL DEFAULT 900
  CONSTRAINT late_grace_is_not_negative CHECK (late_grace_seconds >= 0);

ALTER TABLE sequences ADD COLUMN min_gap_seconds bigint
  CONSTRAINT sequence_min_gap_is_not_negative CHECK (min_gap_seconds >= 0);

ALTER TABLE sequences ADD COLUMN on_reply text NOT NULL DEFAULT 'exit'
  CONSTRAINT on_reply_is_known CHECK (on_reply IN ('continue', 'pause', 'exit'));

ALTER TABLE sequences ADD COLUMN on_trigger_lost text NOT NULL DEFAULT 'continue'
  CONSTRAINT on_trigger_lost_is_known CHECK (on_trigger_lost IN ('continue', 'exit'));

ALTER TABLE sequences ADD COLUMN re_entry text NOT NULL DEFAULT 'once'
  CONSTRAINT re_entry_is_known CHECK (re_entry IN ('once', 'after_exit', 'restart'));

ALTER TABLE sequences ADD COLUMN goal text;

ALTER TABLE sequences ADD COLUMN then_trigger text;

ALTER TABLE sequences ADD COLUMN may_loop integer NOT NULL DEFAULT 0;

ALTER TABLE sequences ADD COLUMN exclusive_group text;

ALTER TABLE sequences ADD COLUMN paused_at INSTANT;

ALTER TABLE sequences ADD COLUMN pause_reason text
  CONSTRAINT sequence_is_paused_for_a_reason CHECK ((paused_at IS NULL) = (pause_reason IS NULL));

CREATE INDEX sequences_by_goal ON sequences (goal) WHERE goal IS NOT NULL;

ALTER TABLE enrollments ADD COLUMN anchored_at INSTANT;

ALTER TABLE enrollments ADD COLUMN first_step integer NOT NULL DEFAULT 1
  CONSTRAINT first_step_is_a_step CHECK (first_step >= 1);

ALTER TABLE enrollments ADD COLUMN leaving_reason text;

ALTER TABLE enrollments ADD COLUMN exclusive_group text;

ALTER TABLE enrollments ADD COLUMN paused_at INSTANT;

ALTER TABLE enrollments ADD COLUMN pause_reason text
  CONSTRAINT enrollment_is_paused_for_a_reason CHECK ((paused_at IS NULL) = (pause_reason IS NULL));

CREATE UNIQUE INDEX one_live_enrollment_per_group ON enrollments (exclusive_group, lead_id)
  WHERE ended_at IS NULL AND exclusive_group IS NOT NULL;

CREATE TABLE record_moves (
  id IDENTITY,
  record_id bigint NOT NULL REFERENCES sequence_contacts (id),
  moved_at INSTANT NOT NULL,
  moved_to INSTANT NOT NULL,
  reason text NOT NULL
);

CREATE INDEX moves_by_record ON record_moves (record_id, id);

CREATE TABLE enrolling (
  id integer PRIMARY KEY CONSTRAINT there_is_one_lock CHECK (id = 1)
);

INSERT INTO enrolling (id) VALUES (1);

-- PostgreSQL: alone
ALTER TABLE attempts SET (fillfactor = 50);

-- PostgreSQL: alone
ALTER TABLE sequence_contacts SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02,
  autovacuum_vacuum_insert_scale_factor = 0.05
);

-- PostgreSQL: alone
ALTER TABLE attempts SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- PostgreSQL: alone
ALTER TABLE enrollments SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- PostgreSQL: alone
ALTER TABLE senders SET (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000
);

ALTER TABLE senders ADD COLUMN account text;

CREATE TABLE inbox (
  id IDENTITY,
  channel text NOT NULL,
  body text NOT NULL,
  received_at INSTANT NOT NULL,
  taken_at INSTANT,
  problem text,
  CONSTRAINT problem_is_of_what_was_taken CHECK (problem IS NULL OR taken_at IS NOT NULL)
);

CREATE INDEX inbox_waiting ON inbox (id) WHERE taken_at IS NULL;

CREATE TABLE inbound_events (
  channel text NOT NULL,
  key text NOT NULL,
  taken_at INSTANT NOT NULL,
  PRIMARY KEY (channel, key)
);

ALTER TABLE attempts ADD COLUMN delivery text
  CONSTRAINT delivery_is_known CHECK (delivery IN ('sent', 'failed', 'delivered', 'read'));

ALTER TABLE attempts ADD COLUMN delivery_at INSTANT;

ALTER TABLE attempts ADD COLUMN delivery_error text;

ALTER TABLE steps ADD COLUMN content text NOT NULL DEFAULT '{}';

CREATE TABLE conversations (
  channel text NOT NULL,
  address text NOT NULL,
  account text NOT NULL,
  last_written_at INSTANT NOT NULL,
  PRIMARY KEY (channel, address, account)
);

CREATE TABLE refused_posts (
  channel text NOT NULL,
  day text NOT NULL,
  posts bigint NOT NULL,
  PRIMARY KEY (channel, day)
);

CREATE INDEX inbox_by_age ON inbox (taken_at) WHERE taken_at IS NOT NULL;

CREATE INDEX inbound_events_by_age ON inbound_events (taken_at);

-- SQLite: chats
CREATE INDEX leads_by_chat ON leads ((attributes ->> 'telegram_chat_id')) WHERE (attributes ->> 'telegram_chat_id') IS NOT NULL;

-- PostgreSQL: chats
CREATE INDEX leads_by_chat ON leads ((CAST(attributes AS json) ->> 'telegram_chat_id'))
  WHERE (CAST(attributes AS json) ->> 'telegram_chat_id') IS NOT NULL;

ALTER TABLE senders ADD COLUMN checked_at INSTANT;

ALTER TABLE senders ADD COLUMN is_unwell integer NOT NULL DEFAULT 0;

ALTER TABLE senders ADD COLUMN history_until INSTANT;

ALTER TABLE senders ADD COLUMN history_tried_at INSTANT;

ALTER TABLE senders ADD COLUMN cold_until INSTANT;

ALTER TABLE senders ADD COLUMN cold_trips integer NOT NULL DEFAULT 0;

CREATE TABLE refused_contacts (
  sender_id bigint NOT NULL REFERENCES senders (id),
  address text NOT NULL,
  refused_at INSTANT NOT NULL,
  had_written integer NOT NULL,
  PRIMARY KEY (sender_id, address)
);

ALTER TABLE sequences ADD COLUMN invited_only integer NOT NULL DEFAULT 0;

ALTER TABLE sequences ADD COLUMN cold integer NOT NULL DEFAULT 0;

ALTER TABLE attempts ADD COLUMN trace_at INSTANT;

CREATE INDEX unknown_waiting ON sequence_contacts (id) WHERE status = 'unknown' AND ended_at IS NULL;

CREATE TABLE alerts (
  thing text PRIMARY KEY,
  state text NOT NULL,
  told_at INSTANT NOT NULL
);

CREATE TABLE identities (
  channel text NOT NULL,
  value text NOT NULL,
  kind text NOT NULL CONSTRAINT kind_is_known CHECK (kind IN ('wa_id', 'bsuid', 'lid')),
  lead_id bigint NOT NULL REFERENCES leads (id),
  learnt_at INSTANT NOT NULL,
  PRIMARY KEY (channel, value)
);

CREATE INDEX identities_by_lead ON identities (lead_id);

CREATE TABLE sent_messages (
  channel text NOT NULL,
  provider_id text NOT NULL,
  record_id bigint NOT NULL,
  PRIMARY KEY (channel, provider_id)
);

CREATE INDEX sent_messages_by_record ON sent_messages (record_id);

CREATE TABLE users (
  id IDENTITY,
  email text NOT NULL CONSTRAINT one_user_per_email UNIQUE,
  name text NOT NULL,
  role text NOT NULL,
  password_hash text NOT NULL,
  created_at INSTANT NOT NULL,
  disabled_at INSTANT,
  CONSTRAINT role_is_known CHECK (role IN ('viewer', 'operator', 'admin'))
);

CREATE TABLE sessions (
  token_hash text PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id),
  created_at INSTANT NOT NULL,
  expires_at INSTANT NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE access_links (
  token_hash text PRIMARY KEY,
  role text NOT NULL,
  user_id bigint REFERENCES users (id),
  created_at INSTANT NOT NULL,
  expires_at INSTANT NOT NULL,
  CONSTRAINT link_role_is_known CHECK (role IN ('viewer', 'operator', 'admin'))
);

CREATE TABLE api_tokens (
  id IDENTITY,
  name text NOT NULL,
  prefix text NOT NULL,
  token_hash text NOT NULL CONSTRAINT one_token_per_hash UNIQUE,
  scopes text NOT NULL,
  created_by text NOT NULL,
  created_at INSTANT NOT NULL,
  expires_at INSTANT,
  used_at INSTANT,
  revoked_at INSTANT
);

CREATE TABLE failed_logins (
  who text PRIMARY KEY,
  failures integer NOT NULL,
  last_at INSTANT NOT NULL
);

CREATE TABLE audit_log (
  id IDENTITY,
  at INSTANT NOT NULL,
  actor text NOT NULL,
  deed text NOT NULL,
  lead_id bigint,
  details text NOT NULL
);

CREATE INDEX audit_log_by_lead ON audit_log (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE answered_requests (
  actor text NOT NULL,
  request_key text NOT NULL,
  fingerprint text NOT NULL,
  status integer NOT NULL,
  body text NOT NULL,
  answered_at INSTANT NOT NULL,
  PRIMARY KEY (actor, request_key)
);

CREATE INDEX answered_requests_by_age ON answered_requests (answered_at);

CREATE TABLE tallies (
  sequence_id bigint NOT NULL,
  step integer NOT NULL,
  status text NOT NULL,
  hour INSTANT NOT NULL,
  many bigint NOT NULL,
  PRIMARY KEY (sequence_id, step, status, hour)
) IN_ORDER;

CREATE INDEX tallies_by_hour ON tallies (hour);

CREATE TABLE tally_changes (
  id IDENTITY,
  sequence_id bigint NOT NULL,
  step integer NOT NULL,
  status text NOT NULL,
  hour INSTANT NOT NULL,
  many bigint NOT NULL
);

CREATE TABLE folding (
  id integer PRIMARY KEY CONSTRAINT there_is_one_folding CHECK (id = 1)
);

INSERT INTO folding (id) VALUES (1);

-- SQLite: alone
CREATE TRIGGER tally_new_record AFTER INSERT ON sequence_contacts BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, NEW.current_step,
    CASE WHEN NEW.status = 'unknown' AND NEW.ended_at IS NULL THEN 'held' ELSE NEW.status END,
    hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: alone
CREATE TRIGGER tally_gone_record AFTER DELETE ON sequence_contacts BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, OLD.current_step,
    CASE WHEN OLD.status = 'unknown' AND OLD.ended_at IS NULL THEN 'held' ELSE OLD.status END,
    hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- SQLite: alone
CREATE TRIGGER tally_changed_record
AFTER UPDATE OF sequence_id, current_step, status, next_trigger_time, completed_at, ended_at ON sequence_contacts
WHEN OLD.status <> NEW.status OR (OLD.ended_at IS NULL) <> (NEW.ended_at IS NULL)
  OR hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time))
    <> hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time))
  OR OLD.sequence_id <> NEW.sequence_id OR OLD.current_step <> NEW.current_step
BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, OLD.current_step,
    CASE WHEN OLD.status = 'unknown' AND OLD.ended_at IS NULL THEN 'held' ELSE OLD.status END,
    hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1
  ; INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, NEW.current_step,
    CASE WHEN NEW.status = 'unknown' AND NEW.ended_at IS NULL THEN 'held' ELSE NEW.status END,
    hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: alone
CREATE TRIGGER tally_new_enrollment AFTER INSERT ON enrollments BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, 0,
    CASE WHEN NEW.ended_at IS NULL THEN 'live' WHEN NEW.end_reason = 'completed' THEN 'finished'
      WHEN substr(NEW.end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(NEW.ended_at, NEW.enrolled_at)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: alone
CREATE TRIGGER tally_gone_enrollment AFTER DELETE ON enrollments BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, 0,
    CASE WHEN OLD.ended_at IS NULL THEN 'live' WHEN OLD.end_reason = 'completed' THEN 'finished'
      WHEN substr(OLD.end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(OLD.ended_at, OLD.enrolled_at)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- SQLite: alone
CREATE TRIGGER tally_ended_enrollment
AFTER UPDATE OF sequence_id, enrolled_at, ended_at, end_reason ON enrollments
WHEN OLD.ended_at IS NOT NEW.ended_at OR OLD.end_reason IS NOT NEW.end_reason
  OR OLD.enrolled_at <> NEW.enrolled_at OR OLD.sequence_id <> NEW.sequence_id
BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, 0,
    CASE WHEN OLD.ended_at IS NULL THEN 'live' WHEN OLD.end_reason = 'completed' THEN 'finished'
      WHEN substr(OLD.end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(OLD.ended_at, OLD.enrolled_at)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1
  ; INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, 0,
    CASE WHEN NEW.ended_at IS NULL THEN 'live' WHEN NEW.end_reason = 'completed' THEN 'finished'
      WHEN substr(NEW.end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(NEW.ended_at, NEW.enrolled_at)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: alone
CREATE TRIGGER tally_new_lead AFTER INSERT ON leads BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many) VALUES (0, 0, 'leads', hour_of(NEW.created_at), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: alone
CREATE TRIGGER tally_gone_lead AFTER DELETE ON leads BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many) VALUES (0, 0, 'leads', hour_of(OLD.created_at), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- PostgreSQL: alone
CREATE FUNCTION tally_new_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held' ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: alone
CREATE FUNCTION tally_gone_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held' ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: alone
CREATE FUNCTION tally_changed_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held' ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), sum(one)
  FROM (
    SELECT sequence_id, current_step, status, next_trigger_time, completed_at, ended_at, -1 AS one FROM gone
    UNION ALL
    SELECT sequence_id, current_step, status, next_trigger_time, completed_at, ended_at, 1 FROM come
  ) AS changed GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0
  ; RETURN NULL; END $$;

-- PostgreSQL: alone
CREATE FUNCTION tally_new_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_reason = 'completed' THEN 'finished'
      WHEN substr(end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: alone
CREATE FUNCTION tally_gone_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_reason = 'completed' THEN 'finished'
      WHEN substr(end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: alone
CREATE FUNCTION tally_ended_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_reason = 'completed' THEN 'finished'
      WHEN substr(end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), sum(one)
  FROM (
    SELECT sequence_id, enrolled_at, ended_at, end_reason, -1 AS one FROM gone
    UNION ALL
    SELECT sequence_id, enrolled_at, ended_at, end_reason, 1 FROM come
  ) AS changed GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0
  ; RETURN NULL; END $$;

-- PostgreSQL: alone
CREATE FUNCTION tally_new_leads() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT 0, 0, 'leads', hour_of(created_at), count(*) FROM come GROUP BY 4
  ; RETURN NULL; END $$;

-- PostgreSQL: alone
CREATE FUNCTION tally_gone_leads() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT 0, 0, 'leads', hour_of(created_at), -count(*) FROM gone GROUP BY 4
  ; RETURN NULL; END $$;

-- PostgreSQL: alone
CREATE TRIGGER tally_new_records AFTER INSERT ON sequence_contacts
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_new_records();

-- PostgreSQL: alone
CREATE TRIGGER tally_gone_records AFTER DELETE ON sequence_contacts
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_gone_records();

-- PostgreSQL: alone
CREATE TRIGGER tally_changed_records AFTER UPDATE ON sequence_contacts
  REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_changed_records();

-- PostgreSQL: alone
CREATE TRIGGER tally_new_enrollments AFTER INSERT ON enrollments
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_new_enrollments();

-- PostgreSQL: alone
CREATE TRIGGER tally_gone_enrollments AFTER DELETE ON enrollments
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_gone_enrollments();

-- PostgreSQL: alone
CREATE TRIGGER tally_ended_enrollments AFTER UPDATE ON enrollments
  REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_ended_enrollments();

-- PostgreSQL: alone
CREATE TRIGGER tally_new_leads AFTER INSERT ON leads
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_new_leads();

-- PostgreSQL: alone
CREATE TRIGGER tally_gone_leads AFTER DELETE ON leads
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_gone_leads();

-- PostgreSQL: alone
ALTER TABLE tallies SET (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000,
  autovacuum_analyze_scale_factor = 0.1
);

-- PostgreSQL: alone
ALTER TABLE tally_changes SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

INSERT INTO tallies (sequence_id, step, status, hour, many)
SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held' ELSE status END,
  hour_of(coalesce(completed_at, ended_at, next_trigger_time)), count(*)
FROM sequence_contacts GROUP BY 1, 2, 3, 4;

INSERT INTO tallies (sequence_id, step, status, hour, many)
SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_reason = 'completed' THEN 'finished'
    WHEN substr(end_reason, 1, 21) = 'went over to version ' THEN 'moved' ELSE 'left' END,
  hour_of(coalesce(ended_at, enrolled_at)), count(*)
FROM enrollments GROUP BY 1, 2, 3, 4;

INSERT INTO tallies (sequence_id, step, status, hour, many)
SELECT 0, 0, 'leads', hour_of(created_at), count(*) FROM leads GROUP BY 4;

DROP INDEX due_records;

CREATE INDEX due_records ON sequence_contacts (next_trigger_time, id, sequence_id, current_step) WHERE status = 'active';

CREATE INDEX records_at_rest ON sequence_contacts
  (sequence_id, status, coalesce(completed_at, ended_at, next_trigger_time), id, current_step)
  WHERE status NOT IN ('active', 'sending');

CREATE INDEX at_rest_by_sender ON sequence_contacts
  (sender_id, status, coalesce(completed_at, ended_at, next_trigger_time), id)
  WHERE sender_id IS NOT NULL AND status NOT IN ('active', 'sending');

CREATE INDEX attempts_by_start ON attempts (started_at, record_id, number);

CREATE INDEX live_enrollments ON enrollments (sequence_id, id) WHERE ended_at IS NULL;

CREATE INDEX ended_enrollments ON enrollments (sequence_id, id) WHERE ended_at IS NOT NULL;

CREATE INDEX enrollments_by_reason ON enrollments (end_reason, id) WHERE ended_at IS NOT NULL;

CREATE INDEX leads_by_creation ON leads (created_at, id);

CREATE INDEX leads_by_name ON leads (lower(name BY_BYTE) BY_BYTE, id);

-- PostgreSQL: alone
CREATE INDEX leads_by_phone_prefix ON leads (phone BY_BYTE, id) WHERE phone IS NOT NULL;

-- PostgreSQL: alone
CREATE INDEX leads_by_email_prefix ON leads (email BY_BYTE, id) WHERE email IS NOT NULL;

CREATE INDEX suppressions_by_age ON suppressions (suppressed_at, address);

-- PostgreSQL: alone
CREATE INDEX suppressions_by_prefix ON suppressions (address BY_BYTE);

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

CREATE TABLE import_refused (
  import_id bigint NOT NULL REFERENCES imports (id),
  number bigint NOT NULL,
  cells text NOT NULL,
  culprit text NOT NULL,
  value text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (import_id, number)
);

CREATE TABLE import_changes (
  import_id bigint NOT NULL REFERENCES imports (id),
  lead_id bigint NOT NULL,
  before text NOT NULL,
  after text NOT NULL,
  PRIMARY KEY (import_id, lead_id)
);

CREATE INDEX import_changes_by_lead ON import_changes (lead_id);

ALTER TABLE leads ADD COLUMN import_id bigint;

ALTER TABLE leads ADD COLUMN is_changed integer NOT NULL DEFAULT 0;

ALTER TABLE lead_triggers ADD COLUMN import_id bigint;

ALTER TABLE enrollments ADD COLUMN import_id bigint;

CREATE INDEX leads_by_import ON leads (import_id, id) WHERE import_id IS NOT NULL;

CREATE INDEX triggers_by_import ON lead_triggers (import_id, lead_id) WHERE import_id IS NOT NULL;

CREATE INDEX enrollments_by_import ON enrollments (import_id, lead_id) WHERE import_id IS NOT NULL;

CREATE INDEX conversations_by_address ON conversations (address);

CREATE TABLE event_subscriptions (
  id bigint PRIMARY KEY,
  url text NOT NULL,
  status text NOT NULL,
  reason text,
  generation integer NOT NULL DEFAULT 1,
  rotated_at INSTANT,
  created_at INSTANT NOT NULL,
  failures integer NOT NULL DEFAULT 0,
  failing_since INSTANT,
  rest_until INSTANT,
  CONSTRAINT subscription_status_is_known CHECK (status IN ('active', 'paused', 'disabled', 'ended')),
  CONSTRAINT disabled_subscription_has_a_reason CHECK (status <> 'disabled' OR reason IS NOT NULL)
);

CREATE TABLE event_subscription_types (
  subscription_id bigint NOT NULL REFERENCES event_subscriptions (id),
  type text NOT NULL,
  PRIMARY KEY (type, subscription_id)
);

CREATE TABLE event_deliveries (
  id RECORD_IDENTITY,
  subscription_id bigint NOT NULL,
  type text NOT NULL,
  happened_at INSTANT NOT NULL,
  lead_id bigint,
  enrollment_id bigint,
  record_id bigint,
  sequence text,
  step integer,
  sender text,
  outcome text,
  reason text,
  state text NOT NULL DEFAULT 'waiting',
  tries integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  next_at INSTANT NOT NULL,
  give_up_at INSTANT NOT NULL,
  ended_at INSTANT,
  status_code integer,
  error text,
  CONSTRAINT delivery_state_is_known CHECK (state IN ('waiting', 'delivered', 'given_up')),
  CONSTRAINT ended_delivery_has_its_time CHECK ((state = 'waiting') = (ended_at IS NULL))
);

CREATE INDEX event_deliveries_due ON event_deliveries (subscription_id, next_at, id) WHERE state = 'waiting';

CREATE INDEX event_deliveries_by_age ON event_deliveries (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX event_deliveries_by_lead ON event_deliveries (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE drafts (
  name text PRIMARY KEY,
  text text NOT NULL,
  changed_at INSTANT NOT NULL,
  changed_by text NOT NULL
);

CREATE TABLE lead_sources (
  id bigint PRIMARY KEY,
  name text NOT NULL,
  key_hash text NOT NULL,
  triggers text NOT NULL,
  names_triggers integer NOT NULL,
  attributes text NOT NULL,
  return_url text,
  created_at INSTANT NOT NULL,
  used_at INSTANT,
  taken bigint NOT NULL DEFAULT 0,
  CONSTRAINT lead_source_has_a_name_of_its_own UNIQUE (name)
);

CREATE INDEX records_of_steps ON sequence_contacts
  (sequence_id, current_step, status, coalesce(completed_at, ended_at, next_trigger_time), id)
  WHERE status <> 'sending';

DROP INDEX at_rest_by_sender;

CREATE INDEX at_rest_by_sender ON sequence_contacts
  (sender_id, status, coalesce(completed_at, ended_at, next_trigger_time), id, sequence_id, current_step)
  WHERE sender_id IS NOT NULL AND status NOT IN ('active', 'sending');

DROP INDEX due_by_sender;

CREATE INDEX due_by_sender ON sequence_contacts (sender_id, next_trigger_time, id, sequence_id, current_step)
  WHERE status = 'active' AND sender_id IS NOT NULL;

CREATE TABLE lead_notes (
  id IDENTITY,
  lead_id bigint NOT NULL REFERENCES leads (id),
  text text NOT NULL,
  author text NOT NULL,
  at INSTANT NOT NULL
);

CREATE INDEX notes_by_lead ON lead_notes (lead_id, id);
