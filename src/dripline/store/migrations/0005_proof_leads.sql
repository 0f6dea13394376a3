-- whoever answers a message whose record was removed is still known

-- lead_id: whom it went to; NULL once the person was forgotten, and of what was removed before.
ALTER TABLE send_proofs ADD COLUMN lead_id bigint;

CREATE INDEX proofs_by_lead ON send_proofs (lead_id) WHERE lead_id IS NOT NULL;
