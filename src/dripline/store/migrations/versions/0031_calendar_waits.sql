-- The days of the calendar in a step's wait, which keep the lead's wall clock; after_seconds holds them with the rest.
ALTER TABLE steps ADD COLUMN after_days integer NOT NULL DEFAULT 0;
-- Whether the wait was written with days told from hours. Before that whole days stood as such, and mean days.
ALTER TABLE steps ADD COLUMN tells_days integer NOT NULL DEFAULT 0;
UPDATE steps SET after_days = after_seconds / 86400 WHERE after_seconds > 0 AND after_seconds / 86400 * 86400 = after_seconds;
