-- What people wrote down about leads: for whoever asks later; nothing goes by it.
CREATE TABLE lead_notes (
  id IDENTITY,
  lead_id bigint NOT NULL REFERENCES leads (id),
  text text NOT NULL,
  author text NOT NULL,
  at INSTANT NOT NULL
);

CREATE INDEX notes_by_lead ON lead_notes (lead_id, id);
