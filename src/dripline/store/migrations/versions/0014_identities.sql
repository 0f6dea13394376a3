-- The names under which a channel's provider knows a lead, beside its phone and e-mail address.
CREATE TABLE identities (
  channel text NOT NULL,
  value text NOT NULL,
  kind text NOT NULL CONSTRAINT kind_is_known CHECK (kind IN ('wa_id', 'bsuid', 'lid')),
  lead_id bigint NOT NULL REFERENCES leads (id),
  learnt_at INSTANT NOT NULL,
  PRIMARY KEY (channel, value)
);

CREATE INDEX identities_by_lead ON identities (lead_id);

-- Which record a message is of, by the id that its provider gave it, for channels whose receipts name nothing else.
CREATE TABLE sent_messages (
  channel text NOT NULL,
  provider_id text NOT NULL,
  record_id bigint NOT NULL,
  PRIMARY KEY (channel, provider_id)
);

CREATE INDEX sent_messages_by_record ON sent_messages (record_id);
