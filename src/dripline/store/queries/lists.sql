-- Lists, a page at a time: first which rows are on the page, by an index; then what is shown of those. A statement that
-- finds rows is put together with its way in paging.py. What stands behind `beside` is looked at row by row, so that a
-- page looks only so far.

-- name: leads_by_id
-- Finds leads by their ids, which ascend as they come.
SELECT l.id, l.id AS key FROM leads AS l
WHERE true /* beside */ AND leads_asked_for(l) /* page by l.id, l.id */;

-- name: leads_by_creation
-- Finds leads by when they were added.
SELECT l.id, l.created_at AS key FROM leads AS l
WHERE true /* beside */ AND leads_asked_for(l) /* page by l.created_at, l.id */;

-- name: leads_by_phone
-- Finds leads by their phones.
SELECT l.id, l.phone AS key FROM leads AS l
WHERE l.phone IS NOT NULL /* beside */ AND leads_asked_for(l) /* page by l.phone BY_BYTE, l.id */;

-- name: leads_by_email
-- Finds leads by their e-mail addresses.
SELECT l.id, l.email AS key FROM leads AS l
WHERE l.email IS NOT NULL /* beside */ AND leads_asked_for(l) /* page by l.email BY_BYTE, l.id */;

-- name: leads_by_name
-- Finds leads by their names, capitals or not.
SELECT l.id, lower(l.name BY_BYTE) AS key FROM leads AS l
WHERE true /* beside */ AND leads_asked_for(l) /* page by lower(l.name BY_BYTE) BY_BYTE, l.id */;

-- name: leads_of_trigger
-- Finds leads that have a trigger, by their ids.
SELECT l.id, t.lead_id AS key FROM lead_triggers AS t
JOIN leads AS l ON l.id = t.lead_id
WHERE t.trigger = :trigger /* beside */ AND leads_asked_for(l) /* page by t.lead_id, t.lead_id */;

-- name: leads_of_sequence
-- Finds leads that are live in a sequence, by their ids.
SELECT l.id, e.lead_id AS key FROM enrollments AS e
JOIN leads AS l ON l.id = e.lead_id
WHERE e.sequence_id = :sequence AND e.ended_at IS NULL
/* beside */ AND leads_asked_for(l) /* page by e.lead_id, e.lead_id */;

-- name: barred_by_phone
-- Finds leads whose phone is barred, by the address.
SELECT l.id, b.address AS key FROM suppressions AS b
JOIN leads AS l ON l.phone = b.address
WHERE true /* beside */ AND leads_asked_for(l) /* page by b.address BY_BYTE, l.id */;

-- name: barred_by_email
-- Finds leads whose e-mail address is barred and whose phone is not, by the address.
SELECT l.id, b.address AS key FROM suppressions AS b
JOIN leads AS l ON l.email = b.address
WHERE true /* beside */ AND 0 = (SELECT count(*) FROM suppressions AS other WHERE other.address = l.phone) AND leads_asked_for(l) /* page by b.address BY_BYTE, l.id */;

-- name: lowered
-- Returns a text as names are compared.
SELECT lower(CAST(:text AS text) BY_BYTE) AS text;

-- name: listed_leads
-- Returns the given leads, and why the first of their addresses is barred that is.
SELECT l.id, person_columns(l), l.created_at,
  (SELECT min(b.reason_code || coalesce(b.reason_facts, '')) FROM suppressions AS b
   WHERE b.address IN (l.phone, l.email)) AS barred
FROM json_each(:leads) AS given
JOIN leads AS l ON l.id = CAST(given.key AS bigint);

-- name: triggers_of_leads
-- Returns the triggers of the given leads.
SELECT t.lead_id, t.trigger
FROM json_each(:leads) AS given
JOIN lead_triggers AS t ON t.lead_id = CAST(given.key AS bigint)
ORDER BY t.lead_id, t.gained_at, t.trigger;

-- name: standing_of_listed_leads
-- Returns where the given leads stand: the records of their enrollments, with what they say of what comes and what went.
SELECT e.lead_id, r.id, r.enrollment_id, e.ended_at IS NULL AS is_live, s.name AS sequence, r.status,
  r.next_trigger_time, r.reason_code, r.reason_facts,
  coalesce(r.completed_at, r.ended_at) AS over_at
FROM json_each(:leads) AS given
JOIN enrollments AS e ON e.lead_id = CAST(given.key AS bigint)
JOIN sequences AS s ON s.id = e.sequence_id
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
ORDER BY e.lead_id, e.id, r.current_step;

-- name: last_steps
-- Returns the last step that each sequence has or had in any version.
SELECT s.id AS sequence, coalesce((SELECT max(st.position) FROM steps AS st WHERE st.sequence_id = s.id), 0) AS step
FROM sequences AS s
WHERE CAST(:sequence AS bigint) IS NULL OR s.id = :sequence;

-- name: places_of_step
-- Returns the places that a step of a sequence has in its versions.
SELECT DISTINCT st.position FROM steps AS st
WHERE st.sequence_id = :sequence AND coalesce(st.step_key, CAST(st.position AS text)) = CAST(:step_id AS text);

-- name: records_of_steps
-- Finds records by their hours, but those that are being sent: of each given sequence, step and status those that come
-- first, keyed by anything.
SELECT r.id, hour(r) AS key
FROM json_each(:streams) AS stream
JOIN sequence_contacts AS r ON r.id IN /* each */ (
  SELECT r.id FROM sequence_contacts AS r
  WHERE r.sequence_id = CAST(stream.value ->> 'sequence' AS bigint)
    AND r.current_step = CAST(stream.value ->> 'step' AS integer) AND r.status = stream.value ->> 'status' AND r.status <> 'sending' AND records_asked_for(r)
    /* page by hour(r), r.id */
) /* each */
/* order by hour(r), r.id */;

-- name: results_of_steps
-- Finds those of the same records that count as something that a step led to, and whose messages came so far.
SELECT r.id, hour(r) AS key
FROM json_each(:streams) AS stream
JOIN sequence_contacts AS r ON r.id IN /* each */ (
  SELECT r.id FROM sequence_contacts AS r
  WHERE r.sequence_id = CAST(stream.value ->> 'sequence' AS bigint)
    AND r.current_step = CAST(stream.value ->> 'step' AS integer) AND r.status = stream.value ->> 'status' AND r.status <> 'sending' AND records_asked_for(r)
    /* beside */ AND counts_as_asked(r) AND (CAST(:delivery AS text) IS NULL OR came_so_far(r)) /* page by hour(r), r.id */
) /* each */
/* order by hour(r), r.id */;

-- name: results_of_people
-- Finds those of the given leads.
SELECT r.id, hour(r) AS key
FROM json_each(:leads) AS given
JOIN enrollments AS run ON run.lead_id = CAST(given.key AS bigint)
JOIN sequence_contacts AS r ON r.enrollment_id = run.id
WHERE r.status IN (SELECT wanted.key FROM json_each(:statuses) AS wanted) AND records_asked_for(r) AND counts_as_asked(r) AND (CAST(:delivery AS text) IS NULL OR came_so_far(r))
/* page by hour(r), r.id */;

-- name: at_rest_of_sender
-- Finds records of a sender that wait for their turn or have ended, by their hours: of each given status those that come
-- first, keyed by anything.
SELECT r.id, hour(r) AS key
FROM json_each(:streams) AS stream
JOIN sequence_contacts AS r ON r.id IN /* each */ (
  SELECT r.id FROM sequence_contacts AS r
  WHERE r.sender_id = :sender AND r.status = stream.value ->> 'status'
    AND r.sender_id IS NOT NULL AND r.status NOT IN ('active', 'sending') AND records_asked_for(r)
    /* page by hour(r), r.id */
) /* each */
/* order by hour(r), r.id */;

-- name: active_records
-- Finds active records by when they are due.
SELECT r.id, r.next_trigger_time AS key FROM sequence_contacts AS r
WHERE r.status = 'active' AND records_asked_for(r) /* page by r.next_trigger_time, r.id */;

-- name: active_of_sender
-- Finds active records of a sender by when they are due.
SELECT r.id, r.next_trigger_time AS key FROM sequence_contacts AS r
WHERE r.status = 'active' AND r.sender_id IS NOT NULL AND r.sender_id = :sender AND records_asked_for(r)
/* page by r.next_trigger_time, r.id */;

-- name: records_in_flight
-- Finds records that are being sent by when they were due; there are never many.
SELECT r.id, r.next_trigger_time AS key FROM sequence_contacts AS r
WHERE r.id IN /* each */ (
    SELECT flying.id FROM sequence_contacts AS flying WHERE flying.lease_until IS NOT NULL AND flying.status = 'sending'
) /* each */ AND records_asked_for(r)
/* page by r.next_trigger_time, r.id */;

-- name: records_of_people
-- Finds records of the given leads in the given statuses, by their hours.
SELECT r.id, hour(r) AS key
FROM json_each(:leads) AS given
JOIN enrollments AS e ON e.lead_id = CAST(given.key AS bigint)
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
WHERE r.status IN (SELECT wanted.key FROM json_each(:statuses) AS wanted) AND records_asked_for(r)
/* page by hour(r), r.id */;

-- name: delivered_of_steps
-- Finds completed records whose messages came so far, by their hours: of each given sequence and step those that come
-- first. No index has how far they came, as receipts come for every message.
SELECT r.id, hour(r) AS key
FROM json_each(:streams) AS stream
JOIN sequence_contacts AS r ON r.id IN /* each */ (
  SELECT r.id FROM sequence_contacts AS r
  WHERE r.sequence_id = CAST(stream.value ->> 'sequence' AS bigint)
    AND r.current_step = CAST(stream.value ->> 'step' AS integer) AND r.status = stream.value ->> 'status' AND r.status <> 'sending' /* beside */ AND came_so_far(r) AND records_asked_for(r)
    /* page by hour(r), r.id */
) /* each */
/* order by hour(r), r.id */;

-- name: delivered_of_people
-- Finds completed records of the given leads whose messages came so far, by their hours.
SELECT r.id, hour(r) AS key
FROM json_each(:leads) AS given
JOIN enrollments AS e ON e.lead_id = CAST(given.key AS bigint)
JOIN sequence_contacts AS r ON r.enrollment_id = e.id
WHERE r.status = 'completed' AND came_so_far(r) AND records_asked_for(r)
/* page by hour(r), r.id */;

-- name: undelivered_records
-- Finds records whose messages did not arrive by when that was said.
SELECT r.id, a.delivery_at AS key FROM attempts AS a
JOIN sequence_contacts AS r ON r.id = a.record_id
WHERE a.delivery = 'failed' AND r.status = 'completed' AND records_asked_for(r)
/* page by a.delivery_at, a.record_id */;

-- name: listed_records
-- Returns what a list shows of the given records.
SELECT r.id, r.enrollment_id, r.lead_id, person_columns(l), s.name AS sequence, e.version, r.current_step, r.status,
  r.next_trigger_time, r.planned_time, r.completed_at, r.ended_at, r.reason_code, r.reason_facts, r.attempt,
  r.failures, sd.name AS sender
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN enrollments AS e ON e.id = r.enrollment_id
JOIN sequences AS s ON s.id = r.sequence_id
JOIN leads AS l ON l.id = r.lead_id
LEFT JOIN senders AS sd ON sd.id = r.sender_id;

-- name: enrollments_by_id
-- Finds enrollments by their ids, which ascend as they begin.
SELECT e.id, e.id AS key FROM enrollments AS e WHERE true /* page by e.id, e.id */;

-- name: enrollments_of_sequences
-- Finds live enrollments by their ids: of each given sequence those that come first.
SELECT r.id, r.id AS key
FROM json_each(:streams) AS stream
JOIN enrollments AS r ON r.id IN /* each */ (
  SELECT r.id FROM enrollments AS r
  WHERE r.sequence_id = CAST(stream.value ->> 'sequence' AS bigint) AND r.ended_at IS NULL /* page by r.id, r.id */
) /* each */
/* order by r.id, r.id */;

-- name: ended_of_sequences
-- Finds ended enrollments by their ids: of each given sequence those that come first.
SELECT r.id, r.id AS key
FROM json_each(:streams) AS stream
JOIN enrollments AS r ON r.id IN /* each */ (
  SELECT r.id FROM enrollments AS r
  WHERE r.sequence_id = CAST(stream.value ->> 'sequence' AS bigint) AND r.ended_at IS NOT NULL /* page by r.id, r.id */
) /* each */
/* order by r.id, r.id */;

-- name: enrollments_by_reason
-- Finds ended enrollments that ended for a reason, by their ids.
SELECT e.id, e.id AS key FROM enrollments AS e
WHERE e.ended_at IS NOT NULL AND e.end_code = :code
/* beside */ AND (CAST(:sequence_id AS bigint) IS NULL OR e.sequence_id = :sequence_id) /* page by e.id, e.id */;

-- name: enrollments_of_person
-- Finds a lead's enrollments by their ids.
SELECT e.id, e.id AS key FROM enrollments AS e
WHERE e.lead_id = :lead AND (CAST(:sequence_id AS bigint) IS NULL OR e.sequence_id = :sequence_id)
  AND (CAST(:is_live AS integer) IS NULL OR CAST(:is_live AS integer) = CASE WHEN e.ended_at IS NULL THEN 1 ELSE 0 END)
  AND (CAST(:code AS text) IS NULL OR e.end_code = :code) /* page by e.id, e.id */;

-- name: listed_enrollments
-- Returns what a list shows of the given enrollments: where each stands, if it is live, and of how many steps.
SELECT e.id, e.lead_id, person_columns(l), s.name AS sequence, e.version, e.enrolled_at, e.ended_at, e.end_code,
  e.end_facts, e.pause_code, e.pause_facts, r.id AS record_id, r.current_step, r.status, r.next_trigger_time,
  (SELECT max(st.position) FROM steps AS st WHERE st.sequence_id = e.sequence_id AND st.version = e.version) AS steps
FROM json_each(:enrollments) AS given
JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
JOIN sequences AS s ON s.id = e.sequence_id
JOIN leads AS l ON l.id = e.lead_id
LEFT JOIN sequence_contacts AS r ON r.enrollment_id = e.id
  AND (r.status IN ('active', 'sending', 'paused') OR (r.status = 'unknown' AND r.ended_at IS NULL));

-- name: records_of_enrollment
-- Returns the ids of an enrollment's records, in step order.
SELECT r.id FROM sequence_contacts AS r WHERE r.enrollment_id = :enrollment_id ORDER BY r.current_step;

-- name: attempts_by_start
-- Finds tries by when they began.
SELECT a.record_id AS id, a.number, a.started_at AS key FROM attempts AS a
WHERE true /* beside */ AND (CAST(:outcome AS text) IS NULL OR a.outcome = :outcome)
  AND (CAST(:delivery AS text) IS NULL OR a.delivery = :delivery)
  AND (CAST(:sender_id AS bigint) IS NULL OR a.sender_id = :sender_id)
  AND (CAST(:sequence_id AS bigint) IS NULL
    OR (SELECT r.sequence_id FROM sequence_contacts AS r WHERE r.id = a.record_id) = :sequence_id)
/* page by a.started_at, a.record_id, a.number */;

-- name: listed_attempts
-- Returns what a list shows of the given tries, keyed "record:number".
SELECT a.record_id, a.number, a.worker, a.started_at, a.finished_at, a.outcome, a.provider_id, a.error, a.text,
  a.delivery, a.delivery_at, a.delivery_error, r.lead_id, person_columns(l), s.name AS sequence, r.current_step,
  r.status, sd.name AS sender
FROM (
  SELECT CAST(value ->> 'record' AS bigint) AS record_id, CAST(value ->> 'number' AS integer) AS number
  FROM json_each(:attempts)
) AS given
JOIN attempts AS a ON a.record_id = given.record_id AND a.number = given.number
JOIN sequence_contacts AS r ON r.id = a.record_id
JOIN sequences AS s ON s.id = r.sequence_id
JOIN leads AS l ON l.id = r.lead_id
LEFT JOIN senders AS sd ON sd.id = a.sender_id;

-- name: suppressions_by_age
-- Finds barred addresses by when they were barred.
SELECT b.address AS id, b.suppressed_at AS key FROM suppressions AS b
WHERE true /* beside */ AND (CAST(:code AS text) IS NULL OR b.reason_code = :code)
/* page by b.suppressed_at, b.address BY_BYTE */;

-- name: suppressions_by_address
-- Finds barred addresses by the addresses.
SELECT b.address AS id, b.address AS key FROM suppressions AS b
WHERE true /* beside */ AND (CAST(:code AS text) IS NULL OR b.reason_code = :code)
/* page by b.address BY_BYTE, b.address BY_BYTE */;

-- name: listed_suppressions
-- Returns the given barred addresses.
SELECT b.address, b.reason_code, b.reason_facts, b.suppressed_at
FROM json_each(:addresses) AS given
JOIN suppressions AS b ON b.address = given.key;

-- name: sequence_ids
-- Returns every sequence's id and name.
SELECT s.id, s.name FROM sequences AS s ORDER BY s.id;

-- name: step_of_record
-- Returns the words of the step that a record is of.
SELECT st.message, st.subject FROM sequence_contacts AS r JOIN steps AS st ON st.id = r.sequence_stepid
WHERE r.id = :record_id;

-- name: sender_ids
-- Returns every sender's id and name.
SELECT s.id, s.name FROM senders AS s ORDER BY s.id;

-- name: lead_of_id
-- Returns a lead, or the one that it became part of.
SELECT l.id, lead_columns(l)
FROM leads AS l
WHERE l.id = coalesce((SELECT own.id FROM leads AS own WHERE own.id = :lead_id),
  (SELECT m.lead_id FROM merged_leads AS m WHERE m.id = :lead_id));
