-- The accounts that send. Settings first, then what its lane needs to know of its past: next free time, counts, health.
-- pace, hour_counts, day_counts: JSON objects. worker, lease_until, turn: who sends the lane's turn, and which turn it is;
-- rest_seconds: how long it rests after a turn that nobody ends.
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
  reason text NOT NULL
);

CREATE INDEX sender_events_by_sender ON sender_events (sender_id, id);

-- The senders, or pools of senders, that a sequence names; where it names none it goes unpaced.
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

-- Who goes without a sender does not look at what waits on lanes.
CREATE INDEX due_unpaced ON sequence_contacts (next_trigger_time, id) WHERE status = 'active' AND sender_id IS NULL;

-- A lane finds its own due work without looking at any other's.
CREATE INDEX due_by_sender ON sequence_contacts (sender_id, next_trigger_time, id)
  WHERE status = 'active' AND sender_id IS NOT NULL;
