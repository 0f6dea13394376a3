-- When a lane's rest was written: by a clock that was ahead, where that is after now.
ALTER TABLE senders ADD COLUMN paced_at INSTANT;
