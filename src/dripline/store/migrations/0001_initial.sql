-- The schema of dripline 1.0.
--
-- Both databases are made of this one file. INSTANT, IDENTITY, RECORD_IDENTITY, BY_BYTE and IN_ORDER are words, and
-- hour_of(…) is a function, that each database spells its own way (store/database/dialect.py). What only one of them has
-- stands at the end, behind "SQLite:" or "PostgreSQL:". Every rule that SQL can hold is a named constraint, so that a
-- breach says which rule it broke. What guards against mistakes at a SQL prompt is made after each migration, from the
-- columns that there are (store/sql_prompt/prompt_triggers.py).
--
-- Reasons are a code (core/reasons.py), which everything goes by, and its facts as JSON.

-- Which schema this is. The table is called as before 1.0, when Alembic kept it: a program of that time which is still
-- at work reads here that the database is no longer its own.
CREATE TABLE alembic_version (
  version_num varchar(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INSERT INTO alembic_version (version_num) VALUES ('1.0001');

------------------------------------------------------------------------------------------------------------------------
-- The workspace
------------------------------------------------------------------------------------------------------------------------

-- What holds for every sequence: the zone where none is known, how close together messages to one lead may come, how
-- many in a day, the words that mean "stop" (NULL: the built-in ones), and whether everything is paused.
-- identity, passes, passed_at: which database this is, how many times a processor looked at it, and when last. They are
-- held against what is kept beside the database: one that knows of fewer passes was put back from a backup. copied_at:
-- when that was seen; a person has to say what becomes of it.
CREATE TABLE workspace (
  id integer PRIMARY KEY CONSTRAINT there_is_one_workspace CHECK (id = 1),
  zone text NOT NULL,
  min_gap_seconds bigint NOT NULL CONSTRAINT min_gap_is_not_negative CHECK (min_gap_seconds >= 0),
  daily_cap integer CONSTRAINT daily_cap_is_positive CHECK (daily_cap > 0),
  stop_words text,
  paused_at INSTANT,
  pause_code text,
  pause_facts text,
  identity text,
  passes bigint NOT NULL DEFAULT 0,
  passed_at INSTANT,
  copied_at INSTANT,
  CONSTRAINT everything_is_paused_for_a_reason CHECK ((paused_at IS NULL) = (pause_code IS NULL))
);

INSERT INTO workspace (id, zone, min_gap_seconds) VALUES (1, 'UTC', 0);

-- The processors that work, or have worked, on this database: who they are and when they were last seen.
CREATE TABLE workers (
  id text PRIMARY KEY,
  host text NOT NULL,
  process_id bigint NOT NULL,
  version text NOT NULL,
  started_at INSTANT NOT NULL,
  seen_at INSTANT NOT NULL,
  stopped_at INSTANT
);

-- What operators were told of and when: once a day for all processors together, or when it has changed.
CREATE TABLE alerts (
  thing text PRIMARY KEY,
  state text NOT NULL,
  told_at INSTANT NOT NULL
);

------------------------------------------------------------------------------------------------------------------------
-- Leads
------------------------------------------------------------------------------------------------------------------------

-- A person to reach, known by phone (E.164 digits) or, without one, by e-mail. import_id: the import that wrote the row,
-- if one did. No reference, which would be looked up for each row of a list. is_changed: the lead was changed since, and
-- not by an import.
CREATE TABLE leads (
  id IDENTITY,
  phone text CONSTRAINT one_lead_per_phone UNIQUE,
  email text,
  name text NOT NULL,
  attributes text NOT NULL,
  zone text,
  created_at INSTANT NOT NULL,
  updated_at INSTANT NOT NULL,
  import_id bigint,
  is_changed integer NOT NULL DEFAULT 0,
  CONSTRAINT lead_has_an_address CHECK (phone IS NOT NULL OR email IS NOT NULL)
);

CREATE UNIQUE INDEX one_lead_per_email_without_phone ON leads (email) WHERE phone IS NULL;

CREATE INDEX leads_by_email ON leads (email);

CREATE INDEX leads_by_creation ON leads (created_at, id);

CREATE INDEX leads_by_name ON leads (lower(name BY_BYTE) BY_BYTE, id);

CREATE INDEX leads_by_import ON leads (import_id, id) WHERE import_id IS NOT NULL;

-- The attributes that leads are known to have, so that a template's variables can be checked without reading leads.
CREATE TABLE attribute_names (
  name text PRIMARY KEY
);

-- The triggers a lead has gained, each once. decided_at is when it was decided what a trigger starts; NULL where a person
-- wrote it by SQL, until a pass finds it.
CREATE TABLE lead_triggers (
  lead_id bigint NOT NULL REFERENCES leads (id),
  trigger text NOT NULL CONSTRAINT trigger_is_not_empty CHECK (trigger <> ''),
  gained_at INSTANT NOT NULL,
  decided_at INSTANT,
  import_id bigint,
  PRIMARY KEY (lead_id, trigger)
);

CREATE INDEX leads_by_trigger ON lead_triggers (trigger, lead_id);

CREATE INDEX triggers_by_import ON lead_triggers (import_id, lead_id) WHERE import_id IS NOT NULL;

CREATE INDEX undecided_triggers ON lead_triggers (lead_id, trigger) WHERE decided_at IS NULL;

-- Addresses that nothing is ever sent to again. No reference to a lead: a suppression outlives it. whole_person: it bars
-- whatever other address its person has, or comes in with later; else only itself.
CREATE TABLE suppressions (
  address text PRIMARY KEY,
  reason_code text NOT NULL,
  reason_facts text,
  suppressed_at INSTANT NOT NULL,
  whole_person integer NOT NULL DEFAULT 0
);

CREATE INDEX suppressions_by_age ON suppressions (suppressed_at, address);

-- Leads that may have asked to stop: nothing is sent to them until a person has decided.
CREATE TABLE stop_doubts (
  id IDENTITY,
  lead_id bigint NOT NULL REFERENCES leads (id),
  said text NOT NULL,
  said_at INSTANT NOT NULL
);

CREATE INDEX stop_doubts_by_lead ON stop_doubts (lead_id);

-- Stops of people whom nobody knows yet: the provider may tell later whose id it is.
CREATE TABLE early_stops (
  channel text NOT NULL,
  user_id text NOT NULL,
  code text NOT NULL,
  said text NOT NULL,
  said_at INSTANT NOT NULL,
  PRIMARY KEY (channel, user_id)
);

-- The names under which a channel's provider knows a lead, beside its phone and e-mail address.
CREATE TABLE identities (
  channel text NOT NULL,
  value text NOT NULL,
  kind text NOT NULL CONSTRAINT kind_is_known CHECK (kind IN ('wa_id', 'bsuid', 'lid')),
  lead_id bigint NOT NULL REFERENCES leads (id),
  learnt_at INSTANT NOT NULL,
  PRIMARY KEY (channel, value)
);

CREATE INDEX identities_by_lead ON identities (lead_id);

-- Addresses by which a lead is known that was merged, beside the phone and the e-mail address that it is sent to.
CREATE TABLE other_addresses (
  address text PRIMARY KEY,
  lead_id bigint NOT NULL REFERENCES leads (id)
);

CREATE INDEX other_addresses_by_lead ON other_addresses (lead_id);

-- Kinds of addresses that one channel alone speaks to, such as a chat with a bot. A channel declares its kind, and the
-- attribute of that name is such an address of a lead from then on.
CREATE TABLE contact_kinds (
  kind text PRIMARY KEY
);

-- Those addresses of leads, by which it is known who wrote: what their attributes hold, kept in step by triggers, whoever
-- writes an attribute. Several leads may have one address, as they may have one e-mail address.
CREATE TABLE lead_addresses (
  lead_id bigint NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
  kind text NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (lead_id, kind)
) IN_ORDER;

CREATE INDEX leads_by_address ON lead_addresses (kind, value);

-- The ids of leads that became part of another one, and what they were called: who is forgotten is looked for by each of
-- their names.
CREATE TABLE merged_leads (
  id bigint PRIMARY KEY,
  lead_id bigint NOT NULL REFERENCES leads (id),
  name text NOT NULL DEFAULT ''
);

CREATE INDEX merged_leads_by_lead ON merged_leads (lead_id);

-- What people wrote down about leads: for whoever asks later; nothing goes by it.
CREATE TABLE lead_notes (
  id IDENTITY,
  lead_id bigint NOT NULL REFERENCES leads (id),
  text text NOT NULL,
  author text NOT NULL,
  at INSTANT NOT NULL
);

CREATE INDEX notes_by_lead ON lead_notes (lead_id, id);

-- Who hands leads in by posts of their own: by a key of which only the hash is kept, or signed with a secret that is made
-- of the random id. triggers, attributes: JSON lists. taken: how many posts it sent.
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

------------------------------------------------------------------------------------------------------------------------
-- Senders
------------------------------------------------------------------------------------------------------------------------

-- The accounts that send. Settings first, then what its lane needs to know of its past: next free time, counts, health.
-- account: what it is called at its provider, where that is not its name: a phone number id, a device, a number.
-- pace, hour_counts, day_counts: JSON objects. worker, lease_until, turn: who sends the lane's turn, and which turn it is;
-- rest_seconds: how long it rests after a turn that nobody ends; paced_at: when the rest was written: by a clock that was
-- ahead, where that is after now.
-- cold_until, cold_trips: until when it may only answer people who wrote to it, and how often in a row it was told so.
-- checked_at, is_unwell: when its account was last asked after, and whether what was answered holds it: a person's pause
-- is none of that. history_until, history_tried_at: until when its chats were read, for what people wrote and no webhook
-- told; and when that was last tried.
CREATE TABLE senders (
  id IDENTITY,
  name text NOT NULL CONSTRAINT one_sender_per_name UNIQUE,
  channel text NOT NULL,
  account text,
  pool text,
  pace text NOT NULL,
  status text NOT NULL,
  reason_code text,
  reason_facts text,
  replaced_by bigint REFERENCES senders (id),
  created_at INSTANT NOT NULL,
  updated_at INSTANT NOT NULL,
  free_at INSTANT NOT NULL,
  wait_code text,
  wait_facts text,
  worker text,
  lease_until INSTANT,
  turn bigint NOT NULL DEFAULT 0,
  rest_seconds bigint NOT NULL DEFAULT 0,
  paced_at INSTANT,
  first_sent_at INSTANT,
  hour_counts text NOT NULL DEFAULT '{}',
  day_counts text NOT NULL DEFAULT '{}',
  failures integer NOT NULL DEFAULT 0,
  trips integer NOT NULL DEFAULT 0,
  is_trying integer NOT NULL DEFAULT 0,
  slow integer NOT NULL DEFAULT 0,
  cold_until INSTANT,
  cold_trips integer NOT NULL DEFAULT 0,
  checked_at INSTANT,
  is_unwell integer NOT NULL DEFAULT 0,
  history_until INSTANT,
  history_tried_at INSTANT,
  CONSTRAINT sender_status_is_known CHECK (status IN ('active', 'paused', 'archived')),
  CONSTRAINT held_sender_has_a_reason CHECK (status = 'active' OR reason_code IS NOT NULL),
  CONSTRAINT lane_lease_has_a_worker CHECK (lease_until IS NULL OR worker IS NOT NULL)
);

CREATE INDEX senders_by_pool ON senders (pool);

-- How many live enrollments each sender has: apart from its lane, so that an import never waits for a lane.
CREATE TABLE sender_loads (
  sender_id bigint PRIMARY KEY REFERENCES senders (id),
  live bigint NOT NULL,
  CONSTRAINT load_is_not_negative CHECK (live >= 0)
);

-- What happened to a sender that a person may ask about: paused, resumed, broken, recovered, archived.
CREATE TABLE sender_events (
  id IDENTITY,
  sender_id bigint NOT NULL REFERENCES senders (id),
  at INSTANT NOT NULL,
  event text NOT NULL,
  reason_code text NOT NULL,
  reason_facts text
);

CREATE INDEX sender_events_by_sender ON sender_events (sender_id, id);

-- To whom a sender was not let write, and whether they had written to it before.
CREATE TABLE refused_contacts (
  sender_id bigint NOT NULL REFERENCES senders (id),
  address text NOT NULL,
  refused_at INSTANT NOT NULL,
  had_written integer NOT NULL,
  PRIMARY KEY (sender_id, address)
);

-- Channels that gave out, as far as messages go by them without a sender.
CREATE TABLE channel_rests (
  channel text PRIMARY KEY,
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  trips integer NOT NULL DEFAULT 0 CHECK (trips >= 0),
  rest_until INSTANT,
  reason_code text,
  reason_facts text
);

-- What providers say of accounts of ours, by the thing that it is about. weight: 0 is known, 1 is news, 2 waits for a
-- person. What is told of a template is kept for its instant: what is older undoes nothing.
CREATE TABLE provider_notices (
  id IDENTITY,
  channel text NOT NULL,
  subject text NOT NULL,
  told text NOT NULL,
  weight integer NOT NULL CHECK (weight IN (0, 1, 2)),
  told_at INSTANT NOT NULL,
  noted_at INSTANT NOT NULL,
  UNIQUE (channel, subject)
);

------------------------------------------------------------------------------------------------------------------------
-- Sequences
------------------------------------------------------------------------------------------------------------------------

-- channel_since: since when it goes through its channel, where it went through another one before.
-- time_window: a JSON object, NULL where a message may go at any hour; a step's own goes before its sequence's.
-- on_failure, on_unknown: what it does when a step fails, or when nobody knows whether it went.
-- re_entry_gap_seconds: for how long after a run of a lead began the same trigger begins no other one.
-- goal: the trigger that ends it. then_trigger: the trigger that its end fires. exclusive_group: at most one live
-- enrollment of a lead among the sequences of a group. invited_only: it enrolls only people who wrote to an account of its
-- channel. cold: its file lets it write to strangers.
-- archived_trigger: the trigger of an archived sequence, whose own says something that no lead can have. deleted_at: it
-- is shown no more, and only stands for what it sent.
CREATE TABLE sequences (
  id IDENTITY,
  name text NOT NULL CONSTRAINT one_sequence_per_name UNIQUE,
  trigger text NOT NULL CONSTRAINT one_sequence_per_trigger UNIQUE,
  channel text NOT NULL,
  channel_since INSTANT,
  address_kind text NOT NULL,
  variables text NOT NULL,
  version integer NOT NULL,
  created_at INSTANT NOT NULL,
  updated_at INSTANT NOT NULL,
  time_window text,
  zone text,
  min_gap_seconds bigint CONSTRAINT sequence_min_gap_is_not_negative CHECK (min_gap_seconds >= 0),
  when_late text NOT NULL DEFAULT 'respace'
    CONSTRAINT when_late_is_known CHECK (when_late IN ('respace', 'keep', 'skip')),
  late_grace_seconds bigint NOT NULL DEFAULT 900
    CONSTRAINT late_grace_is_not_negative CHECK (late_grace_seconds >= 0),
  on_failure text NOT NULL DEFAULT 'continue'
    CONSTRAINT on_failure_is_known CHECK (on_failure IN ('continue', 'stop')),
  on_unknown text NOT NULL DEFAULT 'advance'
    CONSTRAINT on_unknown_is_known CHECK (on_unknown IN ('advance', 'resend', 'hold')),
  unknown_after_seconds bigint NOT NULL DEFAULT 600
    CONSTRAINT unknown_after_is_not_negative CHECK (unknown_after_seconds >= 0),
  on_reply text NOT NULL DEFAULT 'exit'
    CONSTRAINT on_reply_is_known CHECK (on_reply IN ('continue', 'pause', 'exit')),
  on_trigger_lost text NOT NULL DEFAULT 'continue'
    CONSTRAINT on_trigger_lost_is_known CHECK (on_trigger_lost IN ('continue', 'exit')),
  re_entry text NOT NULL DEFAULT 'once'
    CONSTRAINT re_entry_is_known CHECK (re_entry IN ('once', 'after_exit', 'restart')),
  re_entry_gap_seconds bigint NOT NULL DEFAULT 86400
    CONSTRAINT re_entry_gap_is_not_negative CHECK (re_entry_gap_seconds >= 0),
  goal text,
  then_trigger text,
  may_loop integer NOT NULL DEFAULT 0,
  exclusive_group text,
  invited_only integer NOT NULL DEFAULT 0,
  cold integer NOT NULL DEFAULT 0,
  paused_at INSTANT,
  pause_code text,
  pause_facts text,
  archived_at INSTANT,
  archived_trigger text,
  deleted_at INSTANT,
  CONSTRAINT sequence_trigger_is_not_empty CHECK (trigger <> ''),
  CONSTRAINT address_kind_is_known CHECK (address_kind IN ('phone', 'email', 'any')),
  CONSTRAINT sequence_is_paused_for_a_reason CHECK ((paused_at IS NULL) = (pause_code IS NULL))
);

CREATE INDEX sequences_by_goal ON sequences (goal) WHERE goal IS NOT NULL;

-- The senders, or pools of senders, that a sequence names; where it names none it goes unpaced.
CREATE TABLE sequence_senders (
  sequence_id bigint NOT NULL REFERENCES sequences (id),
  position integer NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (sequence_id, name)
);

-- The steps of each version. Waits never change within a version; texts may, since they are rendered at send time.
-- step_key: what a step is known by in every version of its sequence, however its text and its place change. The id that
-- somebody wrote, else one that it was given. A row that a person writes may lack it.
-- after_days: the days of the calendar in its wait, which keep the lead's wall clock; after_seconds holds them with the
-- rest. tells_days: whether the wait was written with days told from hours. Before that whole days stood as such, and mean
-- days. content: what it sends beside its text, as JSON: a medium, the provider's template for it, other words by channel.
CREATE TABLE steps (
  id IDENTITY,
  sequence_id bigint NOT NULL REFERENCES sequences (id),
  version integer NOT NULL,
  position integer NOT NULL,
  step_key text,
  after_seconds bigint NOT NULL,
  after_days integer NOT NULL DEFAULT 0,
  tells_days integer NOT NULL DEFAULT 0,
  offset_seconds bigint NOT NULL,
  time_window text,
  message text NOT NULL,
  subject text,
  content text NOT NULL DEFAULT '{}',
  pause_code text,
  pause_facts text,
  CONSTRAINT one_step_per_position UNIQUE (sequence_id, version, position),
  CONSTRAINT wait_is_not_negative CHECK (after_seconds >= 0 AND offset_seconds >= after_seconds)
);

CREATE UNIQUE INDEX one_step_per_id ON steps (sequence_id, version, step_key);

-- Sequences that are being written: `text` is what the editor holds, half-written or not, as JSON.
CREATE TABLE drafts (
  name text PRIMARY KEY,
  text text NOT NULL,
  changed_at INSTANT NOT NULL,
  changed_by text NOT NULL
);

------------------------------------------------------------------------------------------------------------------------
-- Enrollments and their records
------------------------------------------------------------------------------------------------------------------------

-- One lead's run through one version of one sequence. moved_seconds: by how much its calendar was moved for lateness.
-- anchored_at: the instant its calendar counts from, if that is not when it was enrolled. first_step: the first step
-- that has a record; one that went over to a newer version begins where it stood.
-- address: where a live enrollment's messages go, so that two leads of one address never run through a sequence side by
-- side. leaving_code: it ends for this once what is in flight has settled.
CREATE TABLE enrollments (
  id IDENTITY,
  sequence_id bigint NOT NULL REFERENCES sequences (id),
  version integer NOT NULL,
  lead_id bigint NOT NULL REFERENCES leads (id),
  sender_id bigint REFERENCES senders (id),
  address text,
  exclusive_group text,
  enrolled_at INSTANT NOT NULL,
  anchored_at INSTANT,
  first_step integer NOT NULL DEFAULT 1 CONSTRAINT first_step_is_a_step CHECK (first_step >= 1),
  moved_seconds bigint NOT NULL DEFAULT 0,
  paused_at INSTANT,
  pause_code text,
  pause_facts text,
  leaving_code text,
  leaving_facts text,
  ended_at INSTANT,
  end_code text,
  end_facts text,
  import_id bigint,
  CONSTRAINT end_has_a_reason CHECK ((ended_at IS NULL) = (end_code IS NULL)),
  CONSTRAINT enrollment_is_paused_for_a_reason CHECK ((paused_at IS NULL) = (pause_code IS NULL))
);

CREATE UNIQUE INDEX one_live_enrollment ON enrollments (sequence_id, lead_id) WHERE ended_at IS NULL;

CREATE INDEX enrollments_by_lead ON enrollments (lead_id, sequence_id);

CREATE INDEX enrollments_by_sender ON enrollments (sender_id) WHERE sender_id IS NOT NULL AND ended_at IS NULL;

CREATE UNIQUE INDEX one_live_enrollment_per_group ON enrollments (exclusive_group, lead_id)
  WHERE ended_at IS NULL AND exclusive_group IS NOT NULL;

CREATE INDEX live_enrollments ON enrollments (sequence_id, id) WHERE ended_at IS NULL;

CREATE INDEX ended_enrollments ON enrollments (sequence_id, id) WHERE ended_at IS NOT NULL;

CREATE INDEX enrollments_by_reason ON enrollments (end_code, id) WHERE ended_at IS NOT NULL;

CREATE INDEX enrollments_by_import ON enrollments (import_id, lead_id) WHERE import_id IS NOT NULL;

CREATE UNIQUE INDEX one_live_enrollment_per_address ON enrollments (sequence_id, address)
  WHERE ended_at IS NULL AND address IS NOT NULL;

-- Live enrollments of which it is not written down where they send: the next pass does so. Nearly always empty.
CREATE INDEX unaddressed_enrollments ON enrollments (lead_id) WHERE ended_at IS NULL AND address IS NULL;

-- What the lock is called by that whoever enrolls shares until its transaction ends (store/database/dialect.py).
CREATE TABLE enrolling (
  id integer PRIMARY KEY CONSTRAINT there_is_one_lock CHECK (id = 1)
);

INSERT INTO enrolling (id) VALUES (1);

-- The mission's table: one row per enrollment and step, the only thing the processor looks at.
-- lease_until: a sending record's claim ends then; a held unknown record's enrollment goes on then.
-- begun_at: a sending record is being sent since then; NULL while it only waits in its worker's hand.
-- suspected_at: when a person said that a backup was put back, after which this record may have gone already.
-- went_over: it was cancelled since its enrollment went over to another version, whose records the lead has instead. In
-- the tallies it is moved, not cancelled: a lead counts once.
CREATE TABLE sequence_contacts (
  id RECORD_IDENTITY,
  enrollment_id bigint NOT NULL REFERENCES enrollments (id),
  sequence_id bigint NOT NULL,
  lead_id bigint NOT NULL,
  contact_phone text,
  sequence_stepid bigint NOT NULL,
  current_step integer NOT NULL,
  sender_id bigint REFERENCES senders (id),
  status text NOT NULL,
  next_trigger_time INSTANT NOT NULL,
  planned_time INSTANT NOT NULL,
  completed_at INSTANT,
  ended_at INSTANT,
  reason_code text,
  reason_facts text,
  attempt integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  worker text,
  lease_until INSTANT,
  begun_at INSTANT,
  suspected_at INSTANT,
  went_over integer NOT NULL DEFAULT 0,
  CONSTRAINT one_record_per_step UNIQUE (enrollment_id, current_step),
  CONSTRAINT status_is_known CHECK (status IN
    ('pending', 'active', 'sending', 'paused', 'completed', 'failed', 'skipped', 'cancelled', 'unknown')),
  CONSTRAINT completed_has_its_time CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
  CONSTRAINT end_has_its_time_and_reason CHECK
    (status NOT IN ('failed', 'skipped', 'cancelled') OR (ended_at IS NOT NULL AND reason_code IS NOT NULL)),
  CONSTRAINT unended_has_no_end CHECK
    (status NOT IN ('pending', 'active', 'sending', 'paused', 'completed') OR ended_at IS NULL),
  CONSTRAINT sending_has_a_lease CHECK (status <> 'sending' OR (worker IS NOT NULL AND lease_until IS NOT NULL))
);

-- At most one record of an enrollment is where its enrollment stands.
CREATE UNIQUE INDEX one_current_record ON sequence_contacts (enrollment_id)
  WHERE status IN ('active', 'sending', 'paused') OR (status = 'unknown' AND ended_at IS NULL);

CREATE INDEX leased_records ON sequence_contacts (lease_until) WHERE lease_until IS NOT NULL;

-- What waits for word of its try is found without looking at anything else.
CREATE INDEX unknown_waiting ON sequence_contacts (id) WHERE status = 'unknown' AND ended_at IS NULL;

-- What a sequence lost track of, however many records it has.
CREATE INDEX unknown_of_sequences ON sequence_contacts (sequence_id, id) WHERE status = 'unknown';

-- A step's records by their hours, whatever became of them. Each index on a table that every step writes to costs every
-- step, so this is the only one for lists: that of a sequence, or of all, is put together from those of its steps. Only
-- what is being sent is left out: it is few, and found by its lease.
CREATE INDEX records_of_steps ON sequence_contacts
  (sequence_id, current_step, status, coalesce(completed_at, ended_at, next_trigger_time), id)
  WHERE status <> 'sending';

CREATE INDEX at_rest_by_sender ON sequence_contacts
  (sender_id, status, coalesce(completed_at, ended_at, next_trigger_time), id, sequence_id, current_step)
  WHERE sender_id IS NOT NULL AND status NOT IN ('active', 'sending');

-- A lane finds its own due work without looking at any other's.
CREATE INDEX due_by_sender ON sequence_contacts (sender_id, next_trigger_time, id, sequence_id, current_step)
  WHERE status = 'active' AND sender_id IS NOT NULL;

-- Finding due work costs what is due, not what is stored. Behind the time stands what a list asks of active records.
CREATE INDEX active_records ON sequence_contacts (next_trigger_time, id, sequence_id, current_step)
  WHERE status = 'active';

-- Who goes without a sender does not look at what waits on lanes. Of two indexes that serve a query alike, SQLite takes
-- the younger: the claim's has to be this one, behind the one before.
CREATE INDEX due_unpaced ON sequence_contacts (next_trigger_time, id) WHERE status = 'active' AND sender_id IS NULL;

-- Why a record's time is not the planned one: each move of its next_trigger_time, in order, for who asks later.
CREATE TABLE record_moves (
  id IDENTITY,
  record_id bigint NOT NULL REFERENCES sequence_contacts (id),
  moved_at INSTANT NOT NULL,
  moved_to INSTANT NOT NULL,
  reason_code text NOT NULL,
  reason_facts text
);

CREATE INDEX moves_by_record ON record_moves (record_id, id);

-- Enrollments whose current record was ended, deleted or made to wait otherwise than by its settlement, as by a person at a
-- SQL prompt: the next pass sees to it that they go on. Triggers write it (store/sql_prompt/prompt_triggers.py).
CREATE TABLE halted (
  enrollment_id bigint PRIMARY KEY
);

-- One try, written when the provider has answered, or sooner by who needs it. delivery: how far a message has come that
-- a provider accepted, since when, and why it came no further. trace_at: when a try of which nobody knows what
-- became of it is looked for next.
CREATE TABLE attempts (
  record_id bigint NOT NULL REFERENCES sequence_contacts (id),
  number integer NOT NULL,
  worker text NOT NULL,
  sender_id bigint REFERENCES senders (id),
  started_at INSTANT NOT NULL,
  finished_at INSTANT,
  outcome text,
  provider_id text,
  error text,
  text text,
  delivery text CONSTRAINT delivery_is_known CHECK (delivery IN ('sent', 'failed', 'delivered', 'read')),
  delivery_at INSTANT,
  delivery_error text,
  trace_at INSTANT,
  PRIMARY KEY (record_id, number),
  CONSTRAINT outcome_is_known CHECK (outcome IN
    ('accepted', 'retry_later', 'rejected', 'sender_unavailable', 'unknown', 'not_sent')),
  CONSTRAINT outcome_has_its_time CHECK ((outcome IS NULL) = (finished_at IS NULL)),
  CONSTRAINT accepted_has_a_provider_id CHECK (outcome <> 'accepted' OR provider_id IS NOT NULL)
);

CREATE INDEX attempts_by_start ON attempts (started_at, record_id, number);

-- What did not arrive, by when that was said: there is little of it, and nothing is written here for what arrived.
CREATE INDEX undelivered_attempts ON attempts (delivery_at, record_id) WHERE delivery = 'failed';

-- Which record a message is of, by the id that its provider gave it, for channels whose receipts name nothing else.
CREATE TABLE sent_messages (
  channel text NOT NULL,
  provider_id text NOT NULL,
  record_id bigint NOT NULL,
  PRIMARY KEY (channel, provider_id)
);

CREATE INDEX sent_messages_by_record ON sent_messages (record_id);

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

------------------------------------------------------------------------------------------------------------------------
-- What providers post, and what people write
------------------------------------------------------------------------------------------------------------------------

-- What providers posted, as it came, until it is taken in; what was taken in stays for whoever asks later. `problem`
-- says why a body could not be read. is_urgent: what is in it stops somebody, or says who somebody is. is_forgotten:
-- somebody in it was forgotten before it was taken in: it has its effects, and is not kept.
CREATE TABLE inbox (
  id IDENTITY,
  channel text NOT NULL,
  body text NOT NULL,
  received_at INSTANT NOT NULL,
  is_urgent integer NOT NULL DEFAULT 1 CONSTRAINT is_urgent_is_yes_or_no CHECK (is_urgent IN (0, 1)),
  is_forgotten integer NOT NULL DEFAULT 0,
  taken_at INSTANT,
  problem text,
  CONSTRAINT problem_is_of_what_was_taken CHECK (problem IS NULL OR taken_at IS NOT NULL)
);

CREATE INDEX inbox_waiting ON inbox (id) WHERE taken_at IS NULL;

CREATE INDEX inbox_by_age ON inbox (taken_at) WHERE taken_at IS NOT NULL;

CREATE INDEX inbox_urgent ON inbox (id) WHERE taken_at IS NULL AND is_urgent = 1;

-- The events that were taken in: each counts once, however often its provider tells it.
CREATE TABLE inbound_events (
  channel text NOT NULL,
  key text NOT NULL,
  taken_at INSTANT NOT NULL,
  PRIMARY KEY (channel, key)
);

CREATE INDEX inbound_events_by_age ON inbound_events (taken_at);

-- How many posts a channel refused on a UTC day because its provider had not signed them; nothing else is kept of those.
CREATE TABLE refused_posts (
  channel text NOT NULL,
  day text NOT NULL,
  posts bigint NOT NULL,
  PRIMARY KEY (channel, day)
);

-- When somebody last wrote to an account of ours: providers take free text only for so long after that.
CREATE TABLE conversations (
  channel text NOT NULL,
  address text NOT NULL,
  account text NOT NULL,
  last_written_at INSTANT NOT NULL,
  PRIMARY KEY (channel, address, account)
);

-- Whether somebody wrote to us at all, whatever the channel.
CREATE INDEX conversations_by_address ON conversations (address);

-- How far mailboxes are read: their mails are numbered as long as the numbers hold.
CREATE TABLE mailboxes (
  channel text NOT NULL,
  name text NOT NULL,
  uid_validity bigint,
  last_uid bigint,
  look_at INSTANT NOT NULL,
  problem text,
  PRIMARY KEY (channel, name)
);

------------------------------------------------------------------------------------------------------------------------
-- Imports
------------------------------------------------------------------------------------------------------------------------

-- Lead lists that were imported: whose they are, how far each came, and what it did. `columns` is a JSON list of their
-- names, `percent` how much of the file was read, `removed` how many leads its undoing deleted. meanings: what a person
-- said that each column is, as a JSON list; a list with the same columns is read the same way. noted: rows of which
-- something was left out or taken in another way than it was written. opted_out: rows that say that nothing is to be sent
-- to their person.
CREATE TABLE imports (
  id IDENTITY,
  name text NOT NULL,
  who text NOT NULL,
  columns text NOT NULL,
  meanings text,
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
  noted bigint NOT NULL DEFAULT 0,
  opted_out bigint NOT NULL DEFAULT 0,
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

------------------------------------------------------------------------------------------------------------------------
-- Who is told what happens
------------------------------------------------------------------------------------------------------------------------

-- Who is told what happens, by posts to a URL. Ids are random: secrets and `webhook-id`s are made of them. generation:
-- which of its secrets it signs with; rotated_at: since when. failures: turns in a row that took nothing, since
-- failing_since; rest_until: it is told nothing before that.
CREATE TABLE event_subscriptions (
  id bigint PRIMARY KEY,
  url text NOT NULL,
  status text NOT NULL,
  reason_code text,
  reason_facts text,
  generation integer NOT NULL DEFAULT 1,
  rotated_at INSTANT,
  created_at INSTANT NOT NULL,
  failures integer NOT NULL DEFAULT 0,
  failing_since INSTANT,
  rest_until INSTANT,
  CONSTRAINT subscription_status_is_known CHECK (status IN ('active', 'paused', 'disabled', 'ended')),
  CONSTRAINT disabled_subscription_has_a_reason CHECK (status <> 'disabled' OR reason_code IS NOT NULL)
);

-- What each is told of.
CREATE TABLE event_subscription_types (
  subscription_id bigint NOT NULL REFERENCES event_subscriptions (id),
  type text NOT NULL,
  PRIMARY KEY (type, subscription_id)
);

-- One event for one subscription, written in the transaction in which it happened. next_at: when it is tried next, or
-- until when the try under way is waited for. tries is the fencing token: whoever comes late with an answer writes none.
-- An id is never given twice: it is in the `webhook-id` by which receivers drop second copies. No reference to its
-- subscription: PostgreSQL would look that up for every row.
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
  reason_code text,
  reason_facts text,
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

-- Each subscription finds what is due to it without looking at any other's.
CREATE INDEX event_deliveries_due ON event_deliveries (subscription_id, next_at, id) WHERE state = 'waiting';

CREATE INDEX event_deliveries_by_age ON event_deliveries (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX event_deliveries_by_lead ON event_deliveries (lead_id) WHERE lead_id IS NOT NULL;

------------------------------------------------------------------------------------------------------------------------
-- Who may come in
------------------------------------------------------------------------------------------------------------------------

-- People who may come in, programs that may call, and what each of them changed. Nothing that lets anybody in is kept as
-- it is: passwords as argon2 hashes, everything that is drawn by chance (256 bits) as its SHA-256.
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

-- Who is logged in, and until when.
CREATE TABLE sessions (
  token_hash text PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id),
  created_at INSTANT NOT NULL,
  expires_at INSTANT NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);

-- Links that let somebody in once: the first administrator, a user who is invited, one who has lost their password.
-- created_by_id: who made it, as `Actor.id` says it, where several have one name; NULL: nobody knows, or a program that
-- has the database.
CREATE TABLE access_links (
  token_hash text PRIMARY KEY,
  role text NOT NULL,
  user_id bigint REFERENCES users (id),
  created_by text NOT NULL DEFAULT '',
  created_by_id text,
  created_at INSTANT NOT NULL,
  expires_at INSTANT NOT NULL,
  CONSTRAINT link_role_is_known CHECK (role IN ('viewer', 'operator', 'admin'))
);

-- What programs call with. prefix: how it begins, for people to tell it by; scopes: JSON keys of an object.
CREATE TABLE api_tokens (
  id IDENTITY,
  name text NOT NULL,
  prefix text NOT NULL,
  token_hash text NOT NULL CONSTRAINT one_token_per_hash UNIQUE,
  scopes text NOT NULL,
  created_by text NOT NULL,
  created_by_id text,
  created_at INSTANT NOT NULL,
  expires_at INSTANT,
  used_at INSTANT,
  revoked_at INSTANT
);

-- Log-ins that failed, by who tried and from where, so that nobody tries all passwords.
CREATE TABLE failed_logins (
  who text PRIMARY KEY,
  failures integer NOT NULL,
  last_at INSTANT NOT NULL
);

-- Every change that somebody made who had to come in first: who, what, to which lead or what else. No lead is named but
-- by its id, which is taken away when the lead is forgotten.
CREATE TABLE audit_log (
  id IDENTITY,
  at INSTANT NOT NULL,
  actor text NOT NULL,
  deed text NOT NULL,
  lead_id bigint,
  details text NOT NULL
);

CREATE INDEX audit_log_by_lead ON audit_log (lead_id) WHERE lead_id IS NOT NULL;

-- What was answered to a program that says which of its requests is which, so that a second copy changes nothing.
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

------------------------------------------------------------------------------------------------------------------------
-- Tallies
------------------------------------------------------------------------------------------------------------------------

-- How many stand where, by UTC hour. Of step 1 and later these are records by their status, where `held` is an unknown
-- one whose enrollment waits for it, in the hour of completed_at, ended_at, or next_trigger_time while they are open. Of
-- step 0 these are the enrollments of a sequence: live, finished, moved to another version or left, in the hour in which
-- they ended or else began. Of sequence 0 these are the leads, in the hour in which they came. What is long ago stands
-- together in the first hour of 1970. Triggers keep it, whoever writes.
CREATE TABLE tallies (
  sequence_id bigint NOT NULL,
  step integer NOT NULL,
  status text NOT NULL,
  hour INSTANT NOT NULL,
  many bigint NOT NULL,
  PRIMARY KEY (sequence_id, step, status, hour)
) IN_ORDER;

CREATE INDEX tallies_by_hour ON tallies (hour);

-- What is to be added to the tallies: PostgreSQL's triggers write here, so that no two workers ever want the same row of
-- those. Processors fold it into them; until then it counts as well.
CREATE TABLE tally_changes (
  id IDENTITY,
  sequence_id bigint NOT NULL,
  step integer NOT NULL,
  status text NOT NULL,
  hour INSTANT NOT NULL,
  many bigint NOT NULL
);

-- Whoever folds locks this one row until its transaction ends.
CREATE TABLE folding (
  id integer PRIMARY KEY CONSTRAINT there_is_one_folding CHECK (id = 1)
);

INSERT INTO folding (id) VALUES (1);

------------------------------------------------------------------------------------------------------------------------
-- What differs: SQLite
------------------------------------------------------------------------------------------------------------------------

-- SQLite: which database this is. Of a PostgreSQL the server knows.
UPDATE workspace SET identity = lower(hex(randomblob(16)));

-- SQLite: addresses of kinds that channels declare. A value too long for an index is none.
CREATE TRIGGER addresses_of_new_lead AFTER INSERT ON leads WHEN NEW.attributes <> '{}' BEGIN
  INSERT INTO lead_addresses (lead_id, kind, value)
  SELECT NEW.id, declared.kind, NEW.attributes ->> declared.kind FROM contact_kinds AS declared
  WHERE length(NEW.attributes ->> declared.kind) BETWEEN 1 AND 200; END;

-- SQLite: another value takes the place of the one before.
CREATE TRIGGER addresses_of_changed_lead AFTER UPDATE OF attributes ON leads WHEN OLD.attributes <> NEW.attributes BEGIN
  DELETE FROM lead_addresses WHERE lead_id = NEW.id
  ; INSERT INTO lead_addresses (lead_id, kind, value)
  SELECT NEW.id, declared.kind, NEW.attributes ->> declared.kind FROM contact_kinds AS declared
  WHERE length(NEW.attributes ->> declared.kind) BETWEEN 1 AND 200; END;

-- SQLite: the id of a lead that is deleted may be given again, and a shell deletes nothing by a reference.
CREATE TRIGGER addresses_of_gone_lead AFTER DELETE ON leads BEGIN
  DELETE FROM lead_addresses WHERE lead_id = OLD.id; END;

-- SQLite: what attributes hold of a kind before a channel declares it.
CREATE TRIGGER addresses_of_new_kind AFTER INSERT ON contact_kinds BEGIN
  INSERT INTO lead_addresses (lead_id, kind, value)
  SELECT l.id, NEW.kind, l.attributes ->> NEW.kind FROM leads AS l
  WHERE l.attributes <> '{}' AND length(l.attributes ->> NEW.kind) BETWEEN 1 AND 200; END;

-- SQLite: triggers for each row, there are no others; they cost nothing where neither status nor hour changes.
CREATE TRIGGER tally_new_record AFTER INSERT ON sequence_contacts BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, NEW.current_step,
    CASE WHEN NEW.status = 'unknown' AND NEW.ended_at IS NULL THEN 'held'
      WHEN NEW.status = 'cancelled' AND NEW.went_over = 1 THEN 'moved'
      ELSE NEW.status END,
    hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: what is deleted counts no more.
CREATE TRIGGER tally_gone_record AFTER DELETE ON sequence_contacts BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, OLD.current_step,
    CASE WHEN OLD.status = 'unknown' AND OLD.ended_at IS NULL THEN 'held'
      WHEN OLD.status = 'cancelled' AND OLD.went_over = 1 THEN 'moved'
      ELSE OLD.status END,
    hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- SQLite: what changes counts there no more, and here instead.
CREATE TRIGGER tally_changed_record
AFTER UPDATE OF sequence_id, current_step, status, next_trigger_time, completed_at, ended_at, went_over ON sequence_contacts
WHEN OLD.status <> NEW.status OR (OLD.ended_at IS NULL) <> (NEW.ended_at IS NULL)
  OR hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time))
    <> hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time))
  OR OLD.sequence_id <> NEW.sequence_id OR OLD.current_step <> NEW.current_step
  OR OLD.went_over <> NEW.went_over
BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, OLD.current_step,
    CASE WHEN OLD.status = 'unknown' AND OLD.ended_at IS NULL THEN 'held'
      WHEN OLD.status = 'cancelled' AND OLD.went_over = 1 THEN 'moved'
      ELSE OLD.status END,
    hour_of(coalesce(OLD.completed_at, OLD.ended_at, OLD.next_trigger_time)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1
  ; INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, NEW.current_step,
    CASE WHEN NEW.status = 'unknown' AND NEW.ended_at IS NULL THEN 'held'
      WHEN NEW.status = 'cancelled' AND NEW.went_over = 1 THEN 'moved'
      ELSE NEW.status END,
    hour_of(coalesce(NEW.completed_at, NEW.ended_at, NEW.next_trigger_time)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: an enrollment is written live.
CREATE TRIGGER tally_new_enrollment AFTER INSERT ON enrollments BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, 0,
    CASE WHEN NEW.ended_at IS NULL THEN 'live' WHEN NEW.end_code = 'completed' THEN 'finished'
      WHEN NEW.end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(NEW.ended_at, NEW.enrolled_at)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: one of a lead that is forgotten is deleted.
CREATE TRIGGER tally_gone_enrollment AFTER DELETE ON enrollments BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, 0,
    CASE WHEN OLD.ended_at IS NULL THEN 'live' WHEN OLD.end_code = 'completed' THEN 'finished'
      WHEN OLD.end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(OLD.ended_at, OLD.enrolled_at)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

-- SQLite: it ends once.
CREATE TRIGGER tally_ended_enrollment
AFTER UPDATE OF sequence_id, enrolled_at, ended_at, end_code ON enrollments
WHEN OLD.ended_at IS NOT NEW.ended_at OR OLD.end_code IS NOT NEW.end_code
  OR OLD.enrolled_at <> NEW.enrolled_at OR OLD.sequence_id <> NEW.sequence_id
BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (OLD.sequence_id, 0,
    CASE WHEN OLD.ended_at IS NULL THEN 'live' WHEN OLD.end_code = 'completed' THEN 'finished'
      WHEN OLD.end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(OLD.ended_at, OLD.enrolled_at)), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1
  ; INSERT INTO tallies (sequence_id, step, status, hour, many)
  VALUES (NEW.sequence_id, 0,
    CASE WHEN NEW.ended_at IS NULL THEN 'live' WHEN NEW.end_code = 'completed' THEN 'finished'
      WHEN NEW.end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(NEW.ended_at, NEW.enrolled_at)), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: leads come,
CREATE TRIGGER tally_new_lead AFTER INSERT ON leads BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many) VALUES (0, 0, 'leads', hour_of(NEW.created_at), 1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + 1; END;

-- SQLite: and are forgotten.
CREATE TRIGGER tally_gone_lead AFTER DELETE ON leads BEGIN
  INSERT INTO tallies (sequence_id, step, status, hour, many) VALUES (0, 0, 'leads', hour_of(OLD.created_at), -1)
  ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many - 1; END;

------------------------------------------------------------------------------------------------------------------------
-- What differs: PostgreSQL
------------------------------------------------------------------------------------------------------------------------

-- PostgreSQL: addresses of kinds that channels declare, as there. Attributes are kept as text, and only json has its fields
-- taken out.
CREATE FUNCTION addresses_of_new_leads() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO lead_addresses (lead_id, kind, value)
  SELECT come.id, declared.kind, CAST(come.attributes AS json) ->> declared.kind
  FROM contact_kinds AS declared CROSS JOIN come
  WHERE come.attributes <> '{}' AND length(CAST(come.attributes AS json) ->> declared.kind) BETWEEN 1 AND 200
  ; RETURN NULL; END $$;

-- PostgreSQL: another value takes the place of the one before.
CREATE FUNCTION addresses_of_changed_lead() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  DELETE FROM lead_addresses WHERE lead_id = NEW.id
  ; INSERT INTO lead_addresses (lead_id, kind, value)
  SELECT NEW.id, declared.kind, CAST(NEW.attributes AS json) ->> declared.kind FROM contact_kinds AS declared
  WHERE length(CAST(NEW.attributes AS json) ->> declared.kind) BETWEEN 1 AND 200
  ; RETURN NULL; END $$;

-- PostgreSQL: what attributes hold of a kind before a channel declares it. Whoever writes leads at this moment is waited
-- for, and whoever comes after sees the kind: none of their leads is left out.
CREATE FUNCTION addresses_of_new_kind() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  LOCK TABLE leads IN SHARE ROW EXCLUSIVE MODE
  ; INSERT INTO lead_addresses (lead_id, kind, value)
  SELECT l.id, NEW.kind, CAST(l.attributes AS json) ->> NEW.kind FROM leads AS l
  WHERE l.attributes <> '{}' AND length(CAST(l.attributes AS json) ->> NEW.kind) BETWEEN 1 AND 200
  ; RETURN NULL; END $$;

-- PostgreSQL: for each statement, whatever the number of its leads,
CREATE TRIGGER addresses_of_new_leads AFTER INSERT ON leads
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION addresses_of_new_leads();

-- PostgreSQL: and for each lead whose attributes change.
CREATE TRIGGER addresses_of_changed_lead AFTER UPDATE OF attributes ON leads FOR EACH ROW
  WHEN (OLD.attributes <> NEW.attributes) EXECUTE FUNCTION addresses_of_changed_lead();

-- PostgreSQL: kinds.
CREATE TRIGGER addresses_of_new_kind AFTER INSERT ON contact_kinds
  FOR EACH ROW EXECUTE FUNCTION addresses_of_new_kind();

-- PostgreSQL: beginnings of texts. SQLite keeps texts in the order of their bytes anyway, and finds these by what is there.
CREATE INDEX leads_by_phone_prefix ON leads (phone BY_BYTE, id) WHERE phone IS NOT NULL;

-- PostgreSQL: as the one before.
CREATE INDEX leads_by_email_prefix ON leads (email BY_BYTE, id) WHERE email IS NOT NULL;

-- PostgreSQL: as the one before.
CREATE INDEX suppressions_by_prefix ON suppressions (address BY_BYTE);

-- PostgreSQL: a try is written with its answer, and again with each receipt: sent, delivered, read. Room is left on its page
-- for these, so that they touch no index: a try with three receipts takes 757 bytes so, 1,129 at 70, and 1,409 without.
ALTER TABLE attempts SET (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05
);

-- PostgreSQL: records leave the front of the due indexes as they are sent. What they leave behind is tidied up after a
-- fiftieth of the table has changed, not after a fifth: of ten million records that would be two million to step over.
ALTER TABLE sequence_contacts SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02,
  autovacuum_vacuum_insert_scale_factor = 0.05
);

-- PostgreSQL: likewise.
ALTER TABLE enrollments SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- PostgreSQL: a few rows that are written with every turn: they are kept on as few pages as they need.
ALTER TABLE senders SET (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000
);

-- PostgreSQL: few rows that are written all day, and tidied up before they are many.
ALTER TABLE tallies SET (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000,
  autovacuum_analyze_scale_factor = 0.1
);

-- PostgreSQL: what is folded leaves room for what comes.
ALTER TABLE tally_changes SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- PostgreSQL: triggers for each statement, whatever the number of its rows. They take no column list and no condition:
-- a statement that changes neither status nor hour is summed up, and writes nothing.
CREATE FUNCTION tally_new_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: what is deleted counts no more.
CREATE FUNCTION tally_gone_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: what changes counts there no more, and here instead.
CREATE FUNCTION tally_changed_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), sum(one)
  FROM (
    SELECT sequence_id, current_step, status, next_trigger_time, completed_at, ended_at, went_over, -1 AS one FROM gone
    UNION ALL
    SELECT sequence_id, current_step, status, next_trigger_time, completed_at, ended_at, went_over, 1 FROM come
  ) AS changed GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0
  ; RETURN NULL; END $$;

-- PostgreSQL: an enrollment is written live.
CREATE FUNCTION tally_new_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_code = 'completed' THEN 'finished'
      WHEN end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: one of a lead that is forgotten is deleted.
CREATE FUNCTION tally_gone_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_code = 'completed' THEN 'finished'
      WHEN end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: it ends once.
CREATE FUNCTION tally_ended_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_code = 'completed' THEN 'finished'
      WHEN end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), sum(one)
  FROM (
    SELECT sequence_id, enrolled_at, ended_at, end_code, -1 AS one FROM gone
    UNION ALL
    SELECT sequence_id, enrolled_at, ended_at, end_code, 1 FROM come
  ) AS changed GROUP BY 1, 2, 3, 4 HAVING sum(one) <> 0
  ; RETURN NULL; END $$;

-- PostgreSQL: leads come,
CREATE FUNCTION tally_new_leads() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT 0, 0, 'leads', hour_of(created_at), count(*) FROM come GROUP BY 4
  ; RETURN NULL; END $$;

-- PostgreSQL: and are forgotten.
CREATE FUNCTION tally_gone_leads() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT 0, 0, 'leads', hour_of(created_at), -count(*) FROM gone GROUP BY 4
  ; RETURN NULL; END $$;

-- PostgreSQL: records,
CREATE TRIGGER tally_new_records AFTER INSERT ON sequence_contacts
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_new_records();

-- PostgreSQL: records that are deleted,
CREATE TRIGGER tally_gone_records AFTER DELETE ON sequence_contacts
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_gone_records();

-- PostgreSQL: records that change,
CREATE TRIGGER tally_changed_records AFTER UPDATE ON sequence_contacts
  REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_changed_records();

-- PostgreSQL: enrollments,
CREATE TRIGGER tally_new_enrollments AFTER INSERT ON enrollments
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_new_enrollments();

-- PostgreSQL: enrollments that are deleted,
CREATE TRIGGER tally_gone_enrollments AFTER DELETE ON enrollments
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_gone_enrollments();

-- PostgreSQL: enrollments that end,
CREATE TRIGGER tally_ended_enrollments AFTER UPDATE ON enrollments
  REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_ended_enrollments();

-- PostgreSQL: leads,
CREATE TRIGGER tally_new_leads AFTER INSERT ON leads
  REFERENCING NEW TABLE AS come FOR EACH STATEMENT EXECUTE FUNCTION tally_new_leads();

-- PostgreSQL: leads that are deleted.
CREATE TRIGGER tally_gone_leads AFTER DELETE ON leads
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tally_gone_leads();

