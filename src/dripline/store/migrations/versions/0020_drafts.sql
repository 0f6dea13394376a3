-- Sequences that are being written: `text` is what the editor holds, half-written or not, as JSON.
CREATE TABLE drafts (
  name text PRIMARY KEY,
  text text NOT NULL,
  changed_at INSTANT NOT NULL,
  changed_by text NOT NULL
);
