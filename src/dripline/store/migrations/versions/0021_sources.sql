-- Who hands leads in by posts of their own: by a key of which only the hash is kept, or signed with a secret that is made
-- of the random id. triggers, attributes: JSON lists. taken: how many posts it sent.
CREATE TABLE lead_sources (
  id bigint PRIMARY KEY,
  name text NOT NULL,
  key_hash text NOT NULL,
  triggers text NOT NULL,
  names_triggers integer NOT NULL,
  attributes text NOT NULL,
  return_url text,
  created_at INSTANT NOT NULL,
  used_at INSTANT,
  taken bigint NOT NULL DEFAULT 0,
  CONSTRAINT lead_source_has_a_name_of_its_own UNIQUE (name)
);
