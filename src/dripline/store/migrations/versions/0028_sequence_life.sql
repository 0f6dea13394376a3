-- archived_trigger: the trigger of an archived sequence, whose own says something that no lead can have. deleted_at: it
-- is shown no more, and only stands for what it sent.
ALTER TABLE sequences ADD COLUMN archived_at INSTANT;

ALTER TABLE sequences ADD COLUMN archived_trigger text;

ALTER TABLE sequences ADD COLUMN deleted_at INSTANT;
