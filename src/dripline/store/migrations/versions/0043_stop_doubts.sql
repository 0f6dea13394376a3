-- Leads that may have asked to stop: nothing is sent to them until a person has decided.
CREATE TABLE stop_doubts (
  id IDENTITY,
  lead_id bigint NOT NULL REFERENCES leads (id),
  said text NOT NULL,
  said_at INSTANT NOT NULL
);

CREATE INDEX stop_doubts_by_lead ON stop_doubts (lead_id);
