-- Brings a database from before 1.0 to the schema of 1.0: the sections behind the version that it has, in their order.
--
-- Each section leads from the version before to its own; its first line says what it is for. Some have a step in Python
-- behind them (before_1_0/steps.py), and statements behind that one, headed "then". Nothing is added here once 1.0 is out.

------------------------------------------------------------------------------------------------------------------------
-- to 0024: Ids of steps: what a step is known by in every version.
------------------------------------------------------------------------------------------------------------------------

-- step_key: what a step is known by in every version of its sequence, however its text and its place change. The id that
-- somebody wrote, else one that it was given. A row that a person writes may lack it.
ALTER TABLE steps ADD COLUMN step_key text;

-- Until now a step was known by its text: the first of each text in a version is one step, the second another one.
UPDATE steps
SET step_key = 's' || same.first_id
FROM (
  SELECT each_one.id AS step_id,
    min(each_one.id) OVER (PARTITION BY each_one.sequence_id, each_one.message, each_one.subject, each_one.nth) AS first_id
  FROM (
    SELECT st.id, st.sequence_id, st.message, st.subject,
      row_number() OVER (PARTITION BY st.sequence_id, st.version, st.message, st.subject ORDER BY st.position) AS nth
    FROM steps AS st
  ) AS each_one
) AS same
WHERE id = same.step_id;

CREATE UNIQUE INDEX one_step_per_id ON steps (sequence_id, version, step_key);

------------------------------------------------------------------------------------------------------------------------
-- to 0025: Since when a sequence goes through its channel.
------------------------------------------------------------------------------------------------------------------------

-- Since when a sequence goes through its channel, where it went through another one before.
ALTER TABLE sequences ADD COLUMN channel_since INSTANT;

------------------------------------------------------------------------------------------------------------------------
-- to 0026: The least time between two runs of a lead through a sequence.
------------------------------------------------------------------------------------------------------------------------

-- For how long after a run of a lead began the same trigger begins no other one.
ALTER TABLE sequences ADD COLUMN re_entry_gap_seconds bigint NOT NULL DEFAULT 86400
  CONSTRAINT re_entry_gap_is_not_negative CHECK (re_entry_gap_seconds >= 0);

------------------------------------------------------------------------------------------------------------------------
-- to 0027: When a lane's rest was written, so that one of a clock that was ahead is known.
------------------------------------------------------------------------------------------------------------------------

-- When a lane's rest was written: by a clock that was ahead, where that is after now.
ALTER TABLE senders ADD COLUMN paced_at INSTANT;

------------------------------------------------------------------------------------------------------------------------
-- to 0028: Archived and deleted sequences.
------------------------------------------------------------------------------------------------------------------------

-- archived_trigger: the trigger of an archived sequence, whose own says something that no lead can have. deleted_at: it
-- is shown no more, and only stands for what it sent.
ALTER TABLE sequences ADD COLUMN archived_at INSTANT;

ALTER TABLE sequences ADD COLUMN archived_trigger text;

ALTER TABLE sequences ADD COLUMN deleted_at INSTANT;

------------------------------------------------------------------------------------------------------------------------
-- to 0029: People at a SQL prompt: triggers of leads about which nothing was decided, and times in the form that is compared.
------------------------------------------------------------------------------------------------------------------------

-- The name is that of the view from now on. As before, the index has behind it what a list asks of active records.
DROP INDEX due_records;

CREATE INDEX active_records ON sequence_contacts (next_trigger_time, id, sequence_id, current_step)
  WHERE status = 'active';

-- Of two indexes that serve a query alike, SQLite takes the younger: the claim's has to be that.
DROP INDEX due_unpaced;

CREATE INDEX due_unpaced ON sequence_contacts (next_trigger_time, id) WHERE status = 'active' AND sender_id IS NULL;

-- SQLite: decided_at is when it was decided what a trigger starts; NULL where a person wrote it by SQL, until a pass
-- finds it.
ALTER TABLE lead_triggers ADD COLUMN decided_at INSTANT;

-- SQLite: whatever is there has been decided.
UPDATE lead_triggers SET decided_at = gained_at;

-- PostgreSQL: the same, without writing a row.
ALTER TABLE lead_triggers ADD COLUMN decided_at INSTANT DEFAULT '1970-01-01 00:00:00+00';

-- PostgreSQL: what comes has no such time, unless it is given.
ALTER TABLE lead_triggers ALTER COLUMN decided_at DROP DEFAULT;

CREATE INDEX undecided_triggers ON lead_triggers (lead_id, trigger) WHERE decided_at IS NULL;

-- Enrollments whose current record was ended, deleted or made to wait otherwise than by its settlement, as by a person at a
-- SQL prompt: the next pass sees to it that they go on. Triggers write it (store/sql_prompt/prompt_triggers.py).
CREATE TABLE halted (
  enrollment_id bigint PRIMARY KEY
);

-- SQLite: attributes that are no JSON object become one that holds them.
UPDATE leads SET attributes = json_object('unreadable', attributes)
WHERE NOT CASE WHEN json_valid(attributes) THEN json_type(attributes) = 'object' ELSE 0 END;

------------------------------------------------------------------------------------------------------------------------
-- to 0030: Restored copies: what may have gone since the backup, and how many passes the database has seen.
------------------------------------------------------------------------------------------------------------------------

-- suspected_at: when a person said that a backup was put back, after which this record may have gone already.
ALTER TABLE sequence_contacts ADD COLUMN suspected_at INSTANT;

-- identity, passes, passed_at: which database this is, how many times a processor looked at it, and when last. They are
-- held against what is kept beside the database: one that knows of fewer passes was put back from a backup.
ALTER TABLE workspace ADD COLUMN identity text;
ALTER TABLE workspace ADD COLUMN passes bigint NOT NULL DEFAULT 0;
ALTER TABLE workspace ADD COLUMN passed_at INSTANT;

-- copied_at: when that was seen; a person has to say what becomes of it.
ALTER TABLE workspace ADD COLUMN copied_at INSTANT;

-- SQLite: which database this is. Of a PostgreSQL the server knows.
UPDATE workspace SET identity = lower(hex(randomblob(16)));

------------------------------------------------------------------------------------------------------------------------
-- to 0031: Days of the calendar in a step's wait.
------------------------------------------------------------------------------------------------------------------------

-- The days of the calendar in a step's wait, which keep the lead's wall clock; after_seconds holds them with the rest.
ALTER TABLE steps ADD COLUMN after_days integer NOT NULL DEFAULT 0;
-- Whether the wait was written with days told from hours. Before that whole days stood as such, and mean days.
ALTER TABLE steps ADD COLUMN tells_days integer NOT NULL DEFAULT 0;
UPDATE steps SET after_days = after_seconds / 86400 WHERE after_seconds > 0 AND after_seconds / 86400 * 86400 = after_seconds;

------------------------------------------------------------------------------------------------------------------------
-- to 0032: Records that were cancelled since their leads went over to another version are counted apart.
------------------------------------------------------------------------------------------------------------------------

-- went_over: it was cancelled since its enrollment went over to another version, whose records the lead has instead. In
-- the tallies it is moved, not cancelled: a lead counts once.
ALTER TABLE sequence_contacts ADD COLUMN went_over integer NOT NULL DEFAULT 0;

-- SQLite: the triggers are made anew.
DROP TRIGGER tally_new_record;

-- SQLite: the triggers are made anew.
DROP TRIGGER tally_gone_record;

-- SQLite: the triggers are made anew.
DROP TRIGGER tally_changed_record;

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

-- PostgreSQL: triggers for each statement, whatever the number of its rows. They take no column list and no condition:
-- a statement that changes neither status nor hour is summed up, and writes nothing.
CREATE OR REPLACE FUNCTION tally_new_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: what is deleted counts no more.
CREATE OR REPLACE FUNCTION tally_gone_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, current_step, CASE WHEN status = 'unknown' AND ended_at IS NULL THEN 'held'
      WHEN status = 'cancelled' AND went_over = 1 THEN 'moved'
      ELSE status END,
    hour_of(coalesce(completed_at, ended_at, next_trigger_time)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: what changes counts there no more, and here instead.
CREATE OR REPLACE FUNCTION tally_changed_records() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
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

-- What is there already, with what the triggers make of it.
UPDATE sequence_contacts SET went_over = 1
WHERE status = 'cancelled' AND enrollment_id IN (
  SELECT e.id FROM enrollments AS e
  WHERE substr(e.end_reason, 1, 21) = 'went over to version '
) AND substr(reason, 1, 21) = 'went over to version ';

------------------------------------------------------------------------------------------------------------------------
-- to 0033: Addresses of enrollments: one live run for each sequence and address.
------------------------------------------------------------------------------------------------------------------------

-- Where a live enrollment's messages go, so that two leads of one address never run through a sequence side by side.
ALTER TABLE enrollments ADD COLUMN address text;

UPDATE enrollments SET address = (
  SELECT CASE s.address_kind WHEN 'phone' THEN l.phone WHEN 'email' THEN l.email ELSE coalesce(l.phone, l.email) END
  FROM sequences AS s, leads AS l
  WHERE s.id = enrollments.sequence_id AND l.id = enrollments.lead_id)
WHERE ended_at IS NULL;

-- Of those that run side by side already, all but the first leave before their next message.
UPDATE enrollments
SET address = NULL, leaving_reason = coalesce(leaving_reason, 'another lead of the same address is in it')
WHERE id IN (
  SELECT doubled.id FROM (
    SELECT e.id, row_number() OVER (PARTITION BY e.sequence_id, e.address ORDER BY e.id) AS place
    FROM enrollments AS e WHERE e.ended_at IS NULL AND e.address IS NOT NULL
  ) AS doubled WHERE doubled.place > 1);

CREATE UNIQUE INDEX one_live_enrollment_per_address ON enrollments (sequence_id, address)
  WHERE ended_at IS NULL AND address IS NOT NULL;

------------------------------------------------------------------------------------------------------------------------
-- to 0034: Reasons: sentences become codes with facts, and what is counted of enrollments goes by the code of their end.
------------------------------------------------------------------------------------------------------------------------

-- Why a record waits, was moved or ended, an enrollment ended or something is paused: a code, which everything goes by, and
-- its facts as JSON. What was one sentence keeps its column under the code's name; `reasons.py` takes it apart.
ALTER TABLE sequence_contacts RENAME COLUMN reason TO reason_code;

ALTER TABLE sequence_contacts ADD COLUMN reason_facts text;

ALTER TABLE record_moves RENAME COLUMN reason TO reason_code;

ALTER TABLE record_moves ADD COLUMN reason_facts text;

ALTER TABLE enrollments RENAME COLUMN end_reason TO end_code;

ALTER TABLE enrollments ADD COLUMN end_facts text;

ALTER TABLE enrollments RENAME COLUMN leaving_reason TO leaving_code;

ALTER TABLE enrollments ADD COLUMN leaving_facts text;

ALTER TABLE enrollments RENAME COLUMN pause_reason TO pause_code;

ALTER TABLE enrollments ADD COLUMN pause_facts text;

ALTER TABLE sequences RENAME COLUMN pause_reason TO pause_code;

ALTER TABLE sequences ADD COLUMN pause_facts text;

ALTER TABLE steps RENAME COLUMN pause_reason TO pause_code;

ALTER TABLE steps ADD COLUMN pause_facts text;

ALTER TABLE workspace RENAME COLUMN pause_reason TO pause_code;

ALTER TABLE workspace ADD COLUMN pause_facts text;

ALTER TABLE senders RENAME COLUMN reason TO reason_code;

ALTER TABLE senders ADD COLUMN reason_facts text;

ALTER TABLE senders RENAME COLUMN wait_reason TO wait_code;

ALTER TABLE senders ADD COLUMN wait_facts text;

ALTER TABLE sender_events RENAME COLUMN reason TO reason_code;

ALTER TABLE sender_events ADD COLUMN reason_facts text;

ALTER TABLE suppressions RENAME COLUMN reason TO reason_code;

ALTER TABLE suppressions ADD COLUMN reason_facts text;

ALTER TABLE event_subscriptions RENAME COLUMN reason TO reason_code;

ALTER TABLE event_subscriptions ADD COLUMN reason_facts text;

ALTER TABLE event_deliveries RENAME COLUMN reason TO reason_code;

ALTER TABLE event_deliveries ADD COLUMN reason_facts text;

-- SQLite: what an enrollment counts as goes by the code of its end.
DROP TRIGGER tally_new_enrollment;

-- SQLite: what an enrollment counts as goes by the code of its end.
DROP TRIGGER tally_gone_enrollment;

-- SQLite: what an enrollment counts as goes by the code of its end.
DROP TRIGGER tally_ended_enrollment;

-- then 0034

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

-- PostgreSQL: an enrollment is written live.
CREATE OR REPLACE FUNCTION tally_new_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_code = 'completed' THEN 'finished'
      WHEN end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), count(*)
  FROM come GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: one of a lead that is forgotten is deleted.
CREATE OR REPLACE FUNCTION tally_gone_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO tally_changes (sequence_id, step, status, hour, many)
  SELECT sequence_id, 0, CASE WHEN ended_at IS NULL THEN 'live' WHEN end_code = 'completed' THEN 'finished'
      WHEN end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
    hour_of(coalesce(ended_at, enrolled_at)), -count(*)
  FROM gone GROUP BY 1, 2, 3, 4
  ; RETURN NULL; END $$;

-- PostgreSQL: it ends once.
CREATE OR REPLACE FUNCTION tally_ended_enrollments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
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

------------------------------------------------------------------------------------------------------------------------
-- to 0035: Settlements: as what unknown records were settled, and by whom.
------------------------------------------------------------------------------------------------------------------------

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
-- to 0036: Other addresses of merged leads, and what is in flight of leads that got another address.
------------------------------------------------------------------------------------------------------------------------

-- Live enrollments of which it is not written down where they send: the next pass does so. Nearly always empty.
CREATE INDEX unaddressed_enrollments ON enrollments (lead_id) WHERE ended_at IS NULL AND address IS NULL;

-- Addresses by which a lead is known that was merged, beside the phone and the e-mail address that it is sent to.
CREATE TABLE other_addresses (
  address text PRIMARY KEY,
  lead_id bigint NOT NULL REFERENCES leads (id)
);

CREATE INDEX other_addresses_by_lead ON other_addresses (lead_id);

-- The ids of leads that became part of another one.
CREATE TABLE merged_leads (
  id bigint PRIMARY KEY,
  lead_id bigint NOT NULL REFERENCES leads (id)
);

CREATE INDEX merged_leads_by_lead ON merged_leads (lead_id);

------------------------------------------------------------------------------------------------------------------------
-- to 0037: References that lead nowhere: a SQLite refuses them at a SQL prompt as well.
------------------------------------------------------------------------------------------------------------------------

------------------------------------------------------------------------------------------------------------------------
-- to 0038: Bodies that are not kept once they are taken in, since somebody in them was forgotten.
------------------------------------------------------------------------------------------------------------------------

-- is_forgotten: somebody in it was forgotten before it was taken in: it has its effects, and is not kept.
ALTER TABLE inbox ADD COLUMN is_forgotten integer NOT NULL DEFAULT 0;

-- What leads were called that became part of others: who is forgotten is looked for by each of their names.
ALTER TABLE merged_leads ADD COLUMN name text NOT NULL DEFAULT '';

-- Answers belong to a token or a user and not to their names, which several may have: of those it is not known whose.
UPDATE answered_requests
SET actor = (SELECT 'token#' || CAST(t.id AS text) FROM api_tokens AS t WHERE 'token ' || t.name = answered_requests.actor)
WHERE actor IN (SELECT 'token ' || t.name FROM api_tokens AS t GROUP BY t.name HAVING count(*) = 1);

DELETE FROM answered_requests WHERE substr(actor, 1, 6) = 'token ';

------------------------------------------------------------------------------------------------------------------------
-- to 0039: Who made a token or a link: what is theirs ends when they are kept out.
------------------------------------------------------------------------------------------------------------------------

-- created_by_id: who made a token or a link, as `Actor.id` says it, where several have one name; NULL: nobody knows, or a
-- program that has the database.
ALTER TABLE api_tokens ADD COLUMN created_by_id text;

ALTER TABLE access_links ADD COLUMN created_by text NOT NULL DEFAULT '';

ALTER TABLE access_links ADD COLUMN created_by_id text;

UPDATE api_tokens
SET created_by_id = (SELECT 'user#' || CAST(u.id AS text) FROM users AS u WHERE 'user ' || u.email = api_tokens.created_by);

-- What a token had made, where no other has its name.
UPDATE api_tokens
SET created_by_id = (
  SELECT 'token#' || CAST(t.id AS text) FROM api_tokens AS t WHERE 'token ' || t.name = api_tokens.created_by)
WHERE created_by_id IS NULL
  AND created_by IN (SELECT 'token ' || t.name FROM api_tokens AS t GROUP BY t.name HAVING count(*) = 1);

------------------------------------------------------------------------------------------------------------------------
-- to 0040: Channels that rest, as far as messages go by them without a sender.
------------------------------------------------------------------------------------------------------------------------

-- Channels that gave out, as far as messages go by them without a sender.
CREATE TABLE channel_rests (
  channel text PRIMARY KEY,
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  trips integer NOT NULL DEFAULT 0 CHECK (trips >= 0),
  rest_until INSTANT,
  reason_code text,
  reason_facts text
);

------------------------------------------------------------------------------------------------------------------------
-- to 0041: What says that somebody wants no more, or who somebody is, is taken in before the rest of what was posted.
------------------------------------------------------------------------------------------------------------------------

-- is_urgent: what is in it stops somebody, or says who somebody is. What waits already has not been looked at.
ALTER TABLE inbox ADD COLUMN is_urgent integer NOT NULL DEFAULT 1
  CONSTRAINT is_urgent_is_yes_or_no CHECK (is_urgent IN (0, 1));

CREATE INDEX inbox_urgent ON inbox (id) WHERE taken_at IS NULL AND is_urgent = 1;

------------------------------------------------------------------------------------------------------------------------
-- to 0042: An import remembers how a person said that its columns are to be read, and counts what was left out of its rows.
------------------------------------------------------------------------------------------------------------------------

-- meanings: what a person said that each column is, as a JSON list; a list with the same columns is read the same way.
ALTER TABLE imports ADD COLUMN meanings text;

-- noted: rows of which something was left out or taken in another way than it was written.
ALTER TABLE imports ADD COLUMN noted bigint NOT NULL DEFAULT 0;

-- opted_out: rows that say that nothing is to be sent to their person.
ALTER TABLE imports ADD COLUMN opted_out bigint NOT NULL DEFAULT 0;

------------------------------------------------------------------------------------------------------------------------
-- to 0043: Leads that may have asked to stop wait for a person.
------------------------------------------------------------------------------------------------------------------------

-- Leads that may have asked to stop: nothing is sent to them until a person has decided.
CREATE TABLE stop_doubts (
  id IDENTITY,
  lead_id bigint NOT NULL REFERENCES leads (id),
  said text NOT NULL,
  said_at INSTANT NOT NULL
);

CREATE INDEX stop_doubts_by_lead ON stop_doubts (lead_id);

------------------------------------------------------------------------------------------------------------------------
-- to 0044: What providers say of accounts reaches operators, and what is older undoes nothing.
------------------------------------------------------------------------------------------------------------------------

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
-- to 0045: What people answer to mails is read from mailboxes.
------------------------------------------------------------------------------------------------------------------------

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
-- to 0046: A stop of somebody who is not known yet waits for what tells whose it is.
------------------------------------------------------------------------------------------------------------------------

-- Stops of people whom nobody knows yet: the provider may tell later whose id it is.
CREATE TABLE early_stops (
  channel text NOT NULL,
  user_id text NOT NULL,
  code text NOT NULL,
  said text NOT NULL,
  said_at INSTANT NOT NULL,
  PRIMARY KEY (channel, user_id)
);

------------------------------------------------------------------------------------------------------------------------
-- to 0047: Addresses of kinds that channels declare: a chat is no longer found by an index of its own.
------------------------------------------------------------------------------------------------------------------------

DROP INDEX leads_by_chat;

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

------------------------------------------------------------------------------------------------------------------------
-- to 0048: A try is written once, with its answer; a list is put together from those of steps.
------------------------------------------------------------------------------------------------------------------------

ALTER TABLE sequence_contacts ADD COLUMN begun_at INSTANT;

DROP INDEX records_at_rest;

CREATE INDEX unknown_of_sequences ON sequence_contacts (sequence_id, id) WHERE status = 'unknown';

------------------------------------------------------------------------------------------------------------------------
-- to 0049: What did not arrive is found by an index.
------------------------------------------------------------------------------------------------------------------------

CREATE INDEX undelivered_attempts ON attempts (delivery_at, record_id) WHERE delivery = 'failed';
