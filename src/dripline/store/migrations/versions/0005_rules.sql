-- What holds for every sequence: the zone where none is known, how close together messages to one lead may come, how
-- many in a day, the words that mean "stop" (NULL: the built-in ones), and whether everything is paused.
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

-- whole_person: it bars whatever other address its person has, or comes in with later; else only itself.
ALTER TABLE suppressions ADD COLUMN whole_person integer NOT NULL DEFAULT 0;

-- time_window: a JSON object, NULL where a message may go at any hour; a step's own goes before its sequence's.
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

-- goal: the trigger that ends it. then_trigger: the trigger that its end fires. exclusive_group: at most one live
-- enrollment of a lead among the sequences of a group.
ALTER TABLE sequences ADD COLUMN goal text;

ALTER TABLE sequences ADD COLUMN then_trigger text;

ALTER TABLE sequences ADD COLUMN may_loop integer NOT NULL DEFAULT 0;

ALTER TABLE sequences ADD COLUMN exclusive_group text;

ALTER TABLE sequences ADD COLUMN paused_at INSTANT;

ALTER TABLE sequences ADD COLUMN pause_reason text
  CONSTRAINT sequence_is_paused_for_a_reason CHECK ((paused_at IS NULL) = (pause_reason IS NULL));

CREATE INDEX sequences_by_goal ON sequences (goal) WHERE goal IS NOT NULL;

-- anchored_at: the instant its calendar counts from, if that is not when it was enrolled. first_step: the first step
-- that has a record; one that went over to a newer version begins where it stood.
ALTER TABLE enrollments ADD COLUMN anchored_at INSTANT;

ALTER TABLE enrollments ADD COLUMN first_step integer NOT NULL DEFAULT 1
  CONSTRAINT first_step_is_a_step CHECK (first_step >= 1);

-- leaving_reason: it ends for this once what is in flight has settled.
ALTER TABLE enrollments ADD COLUMN leaving_reason text;

ALTER TABLE enrollments ADD COLUMN exclusive_group text;

ALTER TABLE enrollments ADD COLUMN paused_at INSTANT;

ALTER TABLE enrollments ADD COLUMN pause_reason text
  CONSTRAINT enrollment_is_paused_for_a_reason CHECK ((paused_at IS NULL) = (pause_reason IS NULL));

CREATE UNIQUE INDEX one_live_enrollment_per_group ON enrollments (exclusive_group, lead_id)
  WHERE ended_at IS NULL AND exclusive_group IS NOT NULL;

-- Why a record's time is not the planned one: each move of its next_trigger_time, in order, for who asks later.
CREATE TABLE record_moves (
  id IDENTITY,
  record_id bigint NOT NULL REFERENCES sequence_contacts (id),
  moved_at INSTANT NOT NULL,
  moved_to INSTANT NOT NULL,
  reason text NOT NULL
);

CREATE INDEX moves_by_record ON record_moves (record_id, id);

-- Whoever enrolls locks this one row until its transaction ends: what stands above the last enrollment is its own then.
CREATE TABLE enrolling (
  id integer PRIMARY KEY CONSTRAINT there_is_one_lock CHECK (id = 1)
);

INSERT INTO enrolling (id) VALUES (1);
