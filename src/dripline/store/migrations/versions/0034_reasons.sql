-- Why a record waits, was moved or ended, an enrollment ended or something is paused: a code, which everything goes by, and
-- its facts as JSON. What was one sentence keeps its column under the code's name; `0034_reasons.py` takes it apart.
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
