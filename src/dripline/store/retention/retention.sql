-- What ended long ago is removed a batch at a time. Whoever goes in again is decided by the last enrollment of its lead in
-- its sequence, which stays; what its records came to is counted, and each message that went is proved by a row.

-- name: ended_long_ago
-- Returns a page of the enrollments that ended before an instant and still have their records, the oldest first, after
-- one of them, by the index ended_with_records; and whether they may go: a run that went over to another version goes
-- with the last of its enrollments, which tells the plan of an edit what was sent.
SELECT e.id, e.ended_at, NOT EXISTS (
  SELECT 1 FROM enrollments AS run
  WHERE run.lead_id = e.lead_id AND run.sequence_id = e.sequence_id AND run.enrolled_at = e.enrolled_at
    AND (run.ended_at IS NULL OR run.ended_at >= :before)
) AS may_go
FROM enrollments AS e
WHERE e.ended_at IS NOT NULL AND e.archived_at IS NULL AND e.ended_at < :before AND e.ended_at >= :after_time
  AND (e.ended_at > :after_time OR e.id > :after_id)
ORDER BY e.ended_at, e.id
LIMIT :page;

-- name: lock_archiving
-- Locks out whoever else removes; returns nothing where somebody does.
SELECT a.id FROM archiving AS a /* lock a, skip locked */;

-- name: wait_for_archiving
-- Waits for whoever removes, and keeps others from it.
SELECT a.id FROM archiving AS a /* lock a */;

-- name: last_look
-- Returns when a processor last looked for what ended long ago, and from when on something is removed.
SELECT a.looked_at, a.removes_from FROM archiving AS a /* lock a */;

-- name: note_look
-- Notes that a processor looks for what ended long ago, and from when on something is removed.
UPDATE archiving SET looked_at = :now, removes_from = :removes_from;

-- name: longest_gap
-- Returns the longest gap that the workspace or a sequence keeps between two messages to a lead, in seconds.
SELECT max(gap.seconds) AS seconds
FROM (
  SELECT w.min_gap_seconds AS seconds FROM workspace AS w
  UNION ALL
  SELECT s.min_gap_seconds FROM sequences AS s WHERE s.deleted_at IS NULL AND s.min_gap_seconds IS NOT NULL
) AS gap;

-- name: lock_ended_records
-- Locks the records of enrollments, in the order of their ids, and passes over what somebody has at this moment.
SELECT r.id, r.enrollment_id
FROM sequence_contacts AS r
WHERE r.enrollment_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:enrollments)) /* each */
ORDER BY r.id
/* lock r, skip locked */;

-- name: lock_ended
-- Locks those enrollments, in the order of their ids, and passes over what somebody has at this moment.
SELECT e.id FROM enrollments AS e
WHERE e.id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments))
ORDER BY e.id
/* lock e, skip locked */;

-- name: still_ended
-- Returns those of some enrollments that may still go, each with how many records it has.
SELECT e.id, (SELECT count(*) FROM sequence_contacts AS r WHERE r.enrollment_id = e.id) AS records
FROM json_each(:enrollments) AS given
JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
WHERE e.ended_at < :before AND e.archived_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM sequence_contacts AS r
  WHERE r.enrollment_id = e.id AND r.completed_at IS NULL AND r.ended_at IS NULL
) AND NOT EXISTS (
  SELECT 1 FROM enrollments AS run
  WHERE run.lead_id = e.lead_id AND run.sequence_id = e.sequence_id AND run.enrolled_at = e.enrolled_at
    AND (run.ended_at IS NULL OR run.ended_at >= :before)
);

-- name: sends_to_prove
-- Returns the messages of enrollments that went or may have gone: when, to whom and which address, and as what their
-- providers know them.
SELECT r.id AS record_id, r.sequence_id, e.lead_id, r.current_step AS step, r.status,
  coalesce(r.completed_at, (SELECT max(a.started_at) FROM attempts AS a WHERE a.record_id = r.id), r.ended_at) AS sent_at,
  coalesce(e.address, address_of(s, l)) AS address,
  (SELECT max(a.provider_id) FROM attempts AS a WHERE a.record_id = r.id AND a.outcome = 'accepted') AS provider_id
FROM json_each(:enrollments) AS given
JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
JOIN sequence_contacts AS r ON r.enrollment_id = e.id AND r.status IN ('completed', 'unknown')
JOIN sequences AS s ON s.id = e.sequence_id
JOIN leads AS l ON l.id = e.lead_id
ORDER BY r.id;

-- name: prove_sends
-- Writes a proof of each message, whose time is given in seconds after the first hour there is.
INSERT INTO send_proofs (record_id, sequence_id, lead_id, step, status, sent_at, address_digest, message_digest)
SELECT record_id, sequence_id, lead_id, step, status, add_seconds(:long_ago, sent), address, message
FROM rows_of(:proofs, record_id bigint, sequence_id bigint, lead_id bigint, step integer, status text, sent bigint,
  address text, message text)
WHERE true
ON CONFLICT (record_id) DO NOTHING;

-- name: ended_counts
-- Counts the records of enrollments as the tallies do, with how far their messages came; and those of the enrollments that
-- are followed by a later one of their lead in their sequence, with what steps of these led to: these go altogether.
SELECT r.sequence_id, r.sequence_stepid AS step,
  CASE WHEN r.status = 'cancelled' AND r.went_over = 1 THEN 'moved' ELSE r.status END AS status, count(*) AS many
FROM sequence_contacts AS r
WHERE r.enrollment_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:enrollments)) /* each */
GROUP BY 1, 2, 3
UNION ALL
SELECT e.sequence_id, 0, CASE WHEN e.end_code = 'completed' THEN 'finished' WHEN e.end_code = 'version_moved' THEN 'moved' ELSE 'left' END,
  count(*)
FROM enrollments AS e
WHERE e.id IN (SELECT CAST(key AS bigint) FROM json_each(:followed))
GROUP BY 1, 2, 3
UNION ALL
SELECT r.sequence_id, r.sequence_stepid, 'receipt_' || a.delivery, count(*)
FROM sequence_contacts AS r
JOIN attempts AS a ON a.record_id = r.id
WHERE r.enrollment_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:enrollments)) /* each */
  AND a.delivery IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM attempts AS later
    WHERE later.record_id = a.record_id AND later.number > a.number AND later.delivery IS NOT NULL
  )
GROUP BY 1, 2, 3
UNION ALL
SELECT e.sequence_id, led.step, led.result, count(*)
FROM (
  SELECT id, replied_after_step AS step, 'replied' AS result FROM enrollments
  UNION ALL SELECT id, stopped_after_step, 'stopped' FROM enrollments
  UNION ALL SELECT id, goal_after_step, 'goal' FROM enrollments
  UNION ALL SELECT id, left_after_step, 'left_here' FROM enrollments
) AS led
JOIN enrollments AS e ON e.id = led.id
WHERE led.step IS NOT NULL AND led.id IN (SELECT CAST(key AS bigint) FROM json_each(:followed))
GROUP BY 1, 2, 3;

-- name: followed
-- Returns which enrollments of the leads of some enrollments are followed by a later one in the same sequence, to the same
-- address, where both have no records any more or lose them now. (A later one that still has its records may be undone
-- with its import, as if it had never been: then the earlier one says that its lead was written to.)
SELECT DISTINCT had.id
FROM json_each(:enrollments) AS given
JOIN enrollments AS e ON e.id = CAST(given.key AS bigint)
JOIN enrollments AS had ON had.lead_id = e.lead_id AND had.sequence_id = e.sequence_id
WHERE (had.archived_at IS NOT NULL OR had.id IN (SELECT CAST(one.key AS bigint) FROM json_each(:enrollments) AS one))
  AND EXISTS (
    SELECT 1 FROM enrollments AS later
    WHERE later.lead_id = had.lead_id AND later.sequence_id = had.sequence_id AND later.id > had.id
      AND later.address = had.address AND (
        later.archived_at IS NOT NULL OR later.id IN (SELECT CAST(two.key AS bigint) FROM json_each(:enrollments) AS two)
      )
  )
ORDER BY had.id;

-- name: add_archived_counts
-- Adds to what was removed.
INSERT INTO archived_counts (sequence_id, step, status, many)
SELECT sequence_id, step, status, many
FROM rows_of(:counts, sequence_id bigint, step integer, status text, many bigint)
WHERE true
ORDER BY 1, 2, 3
ON CONFLICT (sequence_id, step, status) DO UPDATE SET many = archived_counts.many + excluded.many;

-- name: count_archived_still
-- Lets the tallies count on what was removed: what deletes it takes it from them.
INSERT INTO tally_changes (sequence_id, step, status, hour, many)
SELECT sequence_id, step, status, :long_ago, many
FROM rows_of(:counts, sequence_id bigint, step integer, status text, many bigint)
WHERE true;

-- name: archive_sent
-- Deletes by what providers know the messages of records.
DELETE FROM sent_messages WHERE record_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:records)) /* each */;

-- name: archive_attempts
-- Deletes every try at records.
DELETE FROM attempts WHERE record_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:records)) /* each */;

-- name: archive_moves
-- Deletes the moves of records.
DELETE FROM record_moves WHERE record_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:records)) /* each */;

-- name: archive_settlements
-- Deletes as what records were settled.
DELETE FROM settlements WHERE record_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:records)) /* each */;

-- name: archive_records
-- Deletes records.
DELETE FROM sequence_contacts WHERE id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:records)) /* each */;

-- name: archive_followed
-- Deletes enrollments that are followed by a later one.
DELETE FROM enrollments WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments));

-- name: mark_archived
-- Notes of the enrollments that stay that their records are gone.
UPDATE enrollments SET archived_at = :now, pause_facts = NULL, leaving_facts = NULL
WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments));

-- name: archive_deeds
-- Deletes a batch of the log's entries of before an instant, the oldest first.
DELETE FROM audit_log
WHERE at < :before AND id IN (SELECT a.id FROM audit_log AS a ORDER BY a.id LIMIT :most);

-- name: archive_sender_events
-- Deletes a batch of what happened to senders before an instant, the oldest first.
DELETE FROM sender_events
WHERE at < :before AND id IN (SELECT v.id FROM sender_events AS v ORDER BY v.id LIMIT :most);

-- name: archive_workers
-- Deletes the processors that were last seen before an instant.
DELETE FROM workers WHERE seen_at < :before;

-- name: proofs_of_address
-- Returns the messages that went to an address, or may have, from one instant to before another, the oldest first.
SELECT p.record_id, s.name AS sequence, p.step, p.status, p.sent_at, p.message_digest
FROM send_proofs AS p
JOIN sequences AS s ON s.id = p.sequence_id
WHERE p.address_digest IN (SELECT key FROM json_each(:digests)) AND p.sent_at >= :since AND p.sent_at < :until
ORDER BY p.sent_at, p.record_id
LIMIT :most;

-- name: has_proofs
-- Returns a row if there is a proof that somebody may be found by, by the index proofs_by_address.
SELECT 1 AS found FROM send_proofs AS p WHERE p.address_digest IS NOT NULL LIMIT 1;

-- name: addresses_of_enrollments
-- Returns where the enrollments of leads went.
SELECT DISTINCT e.address FROM enrollments AS e
WHERE e.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads)) AND e.address IS NOT NULL;

-- name: forget_proofs
-- Takes an address out of the proofs of what went to it: that a message went stays, and nobody can say to whom.
UPDATE send_proofs SET address_digest = NULL, message_digest = NULL
WHERE address_digest IN (SELECT key FROM json_each(:digests));

-- name: forget_leads_of_proofs
-- Takes leads out of the proofs of what went to them and to those that became one with them, with whatever secret these
-- were made.
UPDATE send_proofs SET lead_id = NULL, address_digest = NULL, message_digest = NULL
WHERE lead_id IN (
  SELECT CAST(key AS bigint) FROM json_each(:leads)
  UNION ALL
  SELECT m.id FROM merged_leads AS m WHERE m.lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads))
);

-- name: records_of_ended
-- Returns the records of enrollments.
SELECT r.id FROM sequence_contacts AS r
WHERE r.enrollment_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:enrollments)) /* each */;

-- name: counts_of_ended
-- Counts the records of enrollments, and the messages of these that went or may have gone.
SELECT count(*) AS records, coalesce(sum(CASE WHEN r.status IN ('completed', 'unknown') THEN 1 ELSE 0 END), 0) AS messages
FROM sequence_contacts AS r
WHERE r.enrollment_id IN /* each */ (SELECT CAST(key AS bigint) FROM json_each(:enrollments)) /* each */;

-- name: old_entries
-- Counts the entries of the log, of what happened to senders, and of what people wrote, of before an instant.
SELECT (SELECT count(*) FROM audit_log WHERE at < :before) + (SELECT count(*) FROM sender_events WHERE at < :before)
  + (SELECT count(*) FROM messages_in WHERE at < :before) AS many;
