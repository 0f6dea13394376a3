-- Stops of people whom nobody knows yet: the provider may tell later whose id it is.
CREATE TABLE early_stops (
  channel text NOT NULL,
  user_id text NOT NULL,
  code text NOT NULL,
  said text NOT NULL,
  said_at INSTANT NOT NULL,
  PRIMARY KEY (channel, user_id)
);
