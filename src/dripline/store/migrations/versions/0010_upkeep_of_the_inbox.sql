-- How many posts a channel refused on a UTC day because its provider had not signed them; nothing else is kept of those.
CREATE TABLE refused_posts (
  channel text NOT NULL,
  day text NOT NULL,
  posts bigint NOT NULL,
  PRIMARY KEY (channel, day)
);

CREATE INDEX inbox_by_age ON inbox (taken_at) WHERE taken_at IS NOT NULL;

CREATE INDEX inbound_events_by_age ON inbound_events (taken_at);
