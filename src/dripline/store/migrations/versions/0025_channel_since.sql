-- Since when a sequence goes through its channel, where it went through another one before.
ALTER TABLE sequences ADD COLUMN channel_since INSTANT;
