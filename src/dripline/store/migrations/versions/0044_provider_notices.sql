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
