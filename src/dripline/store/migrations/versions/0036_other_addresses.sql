-- Live enrollments of which it is not written down where they send: the next pass does so. Nearly always empty.
CREATE INDEX unaddressed_enrollments ON enrollments (lead_id) WHERE ended_at IS NULL AND address IS NULL;

-- Addresses by which a lead is known that was merged, beside the phone and the e-mail address that it is sent to.
CREATE TABLE other_addresses (
  address text PRIMARY KEY,
  lead_id bigint NOT NULL REFERENCES leads (id)
);

CREATE INDEX other_addresses_by_lead ON other_addresses (lead_id);

-- The ids of leads that became part of another one.
CREATE TABLE merged_leads (
  id bigint PRIMARY KEY,
  lead_id bigint NOT NULL REFERENCES leads (id)
);

CREATE INDEX merged_leads_by_lead ON merged_leads (lead_id);
