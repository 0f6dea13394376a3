-- What a step sends beside its text, as JSON: a medium, the provider's template for it, other words by channel.
ALTER TABLE steps ADD COLUMN content text NOT NULL DEFAULT '{}';

-- When somebody last wrote to an account of ours: providers take free text only for so long after that.
CREATE TABLE conversations (
  channel text NOT NULL,
  address text NOT NULL,
  account text NOT NULL,
  last_written_at INSTANT NOT NULL,
  PRIMARY KEY (channel, address, account)
);
