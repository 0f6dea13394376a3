-- Upkeep, for PostgreSQL alone: SQLite has none of these settings and needs none.

-- Every try is written when it begins and once more when it is answered, with all that is then known. Room is left on
-- its page for that, so that the second writing touches no index (four of five rows, measured; none without).
ALTER TABLE attempts SET (fillfactor = 50);

-- Records leave the front of the due indexes as they are sent. What they leave behind is tidied up after a fiftieth of
-- the table has changed, not after a fifth: of ten million records that would be two million to step over.
ALTER TABLE sequence_contacts SET (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02,
  autovacuum_vacuum_insert_scale_factor = 0.05
);

ALTER TABLE attempts SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

ALTER TABLE enrollments SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- A few rows that are written with every turn: they are kept on as few pages as they need.
ALTER TABLE senders SET (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000
);
