-- How far mailboxes are read: their mails are numbered as long as the numbers hold.
CREATE TABLE mailboxes (
  channel text NOT NULL,
  name text NOT NULL,
  uid_validity bigint,
  last_uid bigint,
  look_at INSTANT NOT NULL,
  problem text,
  PRIMARY KEY (channel, name)
);
