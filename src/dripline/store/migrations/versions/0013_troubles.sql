-- What operators were told of and when: once a day for all processors together, or when it has changed.
CREATE TABLE alerts (
  thing text PRIMARY KEY,
  state text NOT NULL,
  told_at INSTANT NOT NULL
);
