-- Where a live enrollment's messages go, so that two leads of one address never run through a sequence side by side.
ALTER TABLE enrollments ADD COLUMN address text;

UPDATE enrollments SET address = (
  SELECT CASE s.address_kind WHEN 'phone' THEN l.phone WHEN 'email' THEN l.email ELSE coalesce(l.phone, l.email) END
  FROM sequences AS s, leads AS l
  WHERE s.id = enrollments.sequence_id AND l.id = enrollments.lead_id)
WHERE ended_at IS NULL;

-- Of those that run side by side already, all but the first leave before their next message.
UPDATE enrollments
SET address = NULL, leaving_reason = coalesce(leaving_reason, 'another lead of the same address is in it')
WHERE id IN (
  SELECT doubled.id FROM (
    SELECT e.id, row_number() OVER (PARTITION BY e.sequence_id, e.address ORDER BY e.id) AS place
    FROM enrollments AS e WHERE e.ended_at IS NULL AND e.address IS NOT NULL
  ) AS doubled WHERE doubled.place > 1);

CREATE UNIQUE INDEX one_live_enrollment_per_address ON enrollments (sequence_id, address)
  WHERE ended_at IS NULL AND address IS NOT NULL;
