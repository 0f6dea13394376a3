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
