-- what people wrote is kept, to be read beside what was sent to them

-- One message that a person wrote, once for each lead that they may be. lead_id: whose it is; NULL while nobody is known
-- by `writer`: it becomes that of the lead who comes with it. channel: through which it came; NULL where a program or a
-- person told it. writer, writer_kind: by what whoever wrote was named: phone, email, id, or the kind of address that its
-- channel declares. provider_id: what its provider calls it, by which a second copy is known. class: what the rules took
-- it for (core/replies/message_class.py), for the reason beside it; NULL where nothing in it asks for anything.
-- handled_at, handled_by: since when nobody has to look at it any more, and who said so.
CREATE TABLE messages_in (
  id IDENTITY,
  lead_id bigint REFERENCES leads (id),
  channel text,
  account text NOT NULL,
  writer text NOT NULL,
  writer_kind text NOT NULL,
  provider_id text,
  at INSTANT NOT NULL,
  kind text NOT NULL,
  text text NOT NULL CONSTRAINT message_has_a_limit CHECK (length(text) <= 4096),
  class text NOT NULL CONSTRAINT message_is_of_a_class CHECK (class IN ('stop', 'near_stop', 'auto_reply', 'reply')),
  reason_code text,
  reason_facts text,
  handled_at INSTANT,
  handled_by text,
  CONSTRAINT message_is_handled_by_somebody CHECK ((handled_at IS NULL) = (handled_by IS NULL)),
  CONSTRAINT message_of_a_provider_has_its_channel CHECK (provider_id IS NULL OR channel IS NOT NULL)
);

CREATE UNIQUE INDEX one_message_per_lead ON messages_in (channel, provider_id, coalesce(lead_id, 0))
  WHERE provider_id IS NOT NULL;

-- What a lead wrote, by its time.
CREATE INDEX messages_of_leads ON messages_in (lead_id, at, id);

-- What people wrote whom nobody knows yet.
CREATE INDEX messages_of_nobody ON messages_in (writer) WHERE lead_id IS NULL;

CREATE INDEX messages_by_age ON messages_in (at);

-- keep_messages_seconds: for how long what people wrote is kept; NULL: for good.
ALTER TABLE workspace ADD COLUMN keep_messages_seconds bigint DEFAULT 31536000
  CONSTRAINT keep_messages_is_a_month_or_more CHECK (keep_messages_seconds >= 2592000);

-- with_text: whether it is told what people wrote, beside that they did.
ALTER TABLE event_subscriptions ADD COLUMN with_text integer NOT NULL DEFAULT 0
  CONSTRAINT with_text_is_yes_or_no CHECK (with_text IN (0, 1));

-- message_id, channel, class, text: of what somebody wrote; text only where the subscription asks for it.
ALTER TABLE event_deliveries ADD COLUMN message_id bigint;

ALTER TABLE event_deliveries ADD COLUMN channel text;

ALTER TABLE event_deliveries ADD COLUMN class text;

ALTER TABLE event_deliveries ADD COLUMN text text;
