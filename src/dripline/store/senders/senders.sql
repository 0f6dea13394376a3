-- Senders as a person sets them up, and which sender an enrollment goes by.

-- name: find_sender
-- Returns the sender of that name, locked until the transaction ends.
SELECT s.id, s.name, s.channel, s.account, s.pool, s.pace, s.status FROM senders AS s WHERE s.name = :name /* lock s */;

-- name: sender_called
-- Returns the id of the sender of that name, and locks nothing.
SELECT s.id FROM senders AS s WHERE s.name = :name;

-- name: senders_called
-- Returns the sender of a name, also an archived one, and two that are in a pool of that name: they share a channel.
SELECT s.name, s.channel, s.pool, s.status FROM senders AS s WHERE s.name = :name
UNION ALL
SELECT member.name, member.channel, member.pool, member.status
FROM (
  SELECT s.name, s.channel, s.pool, s.status FROM senders AS s WHERE s.pool = :name AND s.status <> 'archived' LIMIT 2
) AS member;

-- name: insert_sender
-- Writes a new sender, whose lane is free at once.
INSERT INTO senders (name, channel, account, pool, pace, status, created_at, updated_at, free_at, paced_at)
VALUES (:name, :channel, :account, :pool, :pace, 'active', :now, :now, :now, :now)
RETURNING id;

-- name: insert_load
-- Begins a new sender's load at none.
INSERT INTO sender_loads (sender_id, live) VALUES (:sender_id, 0);

-- name: update_sender
-- Overwrites a sender's settings; its lane asks for them anew at once, whatever it was waiting for but a break. What it
-- waited for is no longer what it waits for.
UPDATE senders
SET account = :account, pool = :pool, pace = :pace, updated_at = :now, paced_at = :now,
  wait_code = CASE WHEN lease_until IS NULL AND is_trying = 0 AND free_at > :now THEN NULL ELSE wait_code END,
  wait_facts = CASE WHEN lease_until IS NULL AND is_trying = 0 AND free_at > :now THEN NULL ELSE wait_facts END,
  free_at = CASE WHEN lease_until IS NULL AND is_trying = 0 AND free_at > add_seconds(:now, :longest_rest)
    THEN add_seconds(:now, :longest_rest) ELSE free_at END
WHERE id = :sender_id;

-- name: set_sender_status
-- Pauses, resumes or archives a sender, with the reason; one that comes back goes slowly at first. A person's word
-- stands over what its account did.
UPDATE senders
SET status = :status, reason_code = :code, reason_facts = :facts, updated_at = :now, is_unwell = 0,
  slow = CASE WHEN :status = 'active' THEN :slow ELSE slow END,
  is_trying = CASE WHEN :status = 'active' THEN 0 ELSE is_trying END
WHERE id = :sender_id AND (status <> :status OR is_unwell = 1)
RETURNING id;

-- name: free_broken_lane
-- Lets a sender that was broken go on now, for a person who has mended it; not sooner than its gap.
UPDATE senders
SET free_at = add_seconds(:now, :longest_rest), paced_at = :now, wait_code = NULL, wait_facts = NULL
WHERE id = :sender_id AND trips > 0 AND free_at > add_seconds(:now, :longest_rest);

-- name: note_sender_events
-- Notes what happened to senders, keyed by sender id.
INSERT INTO sender_events (sender_id, at, event, reason_code, reason_facts)
SELECT CAST(key AS bigint), :now, value ->> 'event', value ->> 'code', value ->> 'facts' FROM json_each(:events);

-- name: sender_events
-- Returns what happened to a sender, the latest first.
SELECT at, event, reason_code,
  reason_facts FROM sender_events WHERE sender_id = :sender_id ORDER BY id DESC LIMIT :most;

-- name: all_senders
-- Returns every sender with its load and what is due on its lane.
SELECT s.id, s.name, s.channel, s.account, s.pool, s.pace, s.status, s.reason_code, s.reason_facts, s.free_at,
  s.wait_code, s.wait_facts, s.trips, s.is_trying,
  s.cold_until,   s.first_sent_at, s.day_counts, s.lease_until, heir.name AS replaced_by, l.live,
  (SELECT count(*) FROM sequence_contacts AS r
   WHERE r.sender_id = s.id AND r.status = 'active' AND r.next_trigger_time <= :now) AS due
FROM senders AS s
JOIN sender_loads AS l ON l.sender_id = s.id
LEFT JOIN senders AS heir ON heir.id = s.replaced_by
ORDER BY s.name;

-- name: name_senders
-- Writes which senders and pools a sequence names, keyed by name.
INSERT INTO sequence_senders (sequence_id, position, name)
SELECT CAST(:sequence_id AS bigint), CAST(value ->> 'position' AS integer), key FROM json_each(:names);

-- name: unname_senders
-- Forgets which senders a sequence names.
DELETE FROM sequence_senders WHERE sequence_id = :sequence_id;

-- name: senders_of_sequence
-- Returns the names of senders and pools that a sequence names.
SELECT name FROM sequence_senders WHERE sequence_id = :sequence_id ORDER BY position;

-- name: loads_of_sequence
-- Returns the senders that a sequence's newcomers may go by, with their loads.
SELECT s.id, s.status, l.live
FROM senders AS s
JOIN sender_loads AS l ON l.sender_id = s.id
WHERE s.status <> 'archived'
  AND EXISTS (
    SELECT 1 FROM sequence_senders AS named
    WHERE named.sequence_id = :sequence_id AND (named.name = s.name OR named.name = s.pool)
  )
ORDER BY s.id;

-- name: keep_senders
-- Lets a sequence's live enrollments above an id that have no sender yet keep the sender that their leads had last in any
-- sequence, or the one that replaced it, where it is one of this sequence's.
UPDATE enrollments
SET sender_id = kept.sender
FROM (
  SELECT had_last.newcomer, coalesce(had.replaced_by, had.id) AS sender
  FROM (
    SELECT e.id AS newcomer, (
      SELECT earlier.sender_id
      FROM enrollments AS earlier
      WHERE earlier.lead_id = e.lead_id AND earlier.id <> e.id AND earlier.sender_id IS NOT NULL
      ORDER BY earlier.id DESC
      LIMIT 1
    ) AS sender
    FROM enrollments AS e
    WHERE made_here(e) AND e.sequence_id = :sequence_id AND e.ended_at IS NULL AND e.sender_id IS NULL
  ) AS had_last
  JOIN senders AS had ON had.id = had_last.sender
) AS kept
WHERE id = kept.newcomer AND EXISTS (
  SELECT 1
  FROM senders AS s
  JOIN sequence_senders AS named ON named.name = s.name OR named.name = s.pool
  WHERE s.id = kept.sender AND s.status <> 'archived' AND named.sequence_id = :sequence_id
);

-- name: written_to
-- Lets a sequence's live enrollments above an id that have no sender yet go by the one whose account their leads wrote to
-- last, where it is one of this sequence's: it may answer them, and they know it.
UPDATE enrollments
SET sender_id = known.sender
FROM (
  SELECT e.id AS newcomer, (
    SELECT s.id
    FROM conversations AS c
    JOIN senders AS s ON s.channel = c.channel AND s.account = c.account AND s.status <> 'archived'
    JOIN sequence_senders AS named ON named.sequence_id = e.sequence_id AND (named.name = s.name OR named.name = s.pool)
    WHERE c.address = address_of(q, l) AND c.channel = q.channel
    ORDER BY c.last_written_at DESC, s.id
    LIMIT 1
  ) AS sender
  FROM enrollments AS e
  JOIN sequences AS q ON q.id = e.sequence_id
  JOIN leads AS l ON l.id = e.lead_id
  WHERE made_here(e) AND e.sequence_id = :sequence_id AND e.ended_at IS NULL AND e.sender_id IS NULL
) AS known
WHERE id = known.newcomer AND known.sender IS NOT NULL;

-- name: known_senders
-- Returns, of given enrollments, the sender that each one's lead had last in any sequence, or the one that replaced it,
-- else the one whose account the lead wrote to last; each only where it is one of the enrollment's sequence.
SELECT e.id, coalesce((
    SELECT s.id
    FROM senders AS s
    JOIN sequence_senders AS named ON named.sequence_id = e.sequence_id AND (named.name = s.name OR named.name = s.pool)
    WHERE s.status <> 'archived' AND s.id = (
      SELECT coalesce(had.replaced_by, had.id)
      FROM enrollments AS earlier
      JOIN senders AS had ON had.id = earlier.sender_id
      WHERE earlier.lead_id = e.lead_id
      ORDER BY earlier.id DESC
      LIMIT 1
    )
    LIMIT 1
  ), (
    SELECT s.id
    FROM conversations AS c
    JOIN senders AS s ON s.channel = c.channel AND s.account = c.account AND s.status <> 'archived'
    JOIN sequence_senders AS named ON named.sequence_id = e.sequence_id AND (named.name = s.name OR named.name = s.pool)
    WHERE c.address = address_of(q, l) AND c.channel = q.channel
    ORDER BY c.last_written_at DESC, s.id
    LIMIT 1
  )) AS sender
FROM enrollments AS e
JOIN sequences AS q ON q.id = e.sequence_id
JOIN leads AS l ON l.id = e.lead_id
WHERE e.id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments))
ORDER BY e.id;

-- name: take_off_senders
-- Lets given enrollments go by no sender.
UPDATE enrollments SET sender_id = NULL WHERE id IN (SELECT CAST(key AS bigint) FROM json_each(:enrollments));

-- name: unassigned
-- Returns a sequence's live enrollments above an id that have no sender yet.
SELECT e.id FROM enrollments AS e
WHERE made_here(e) AND e.sequence_id = :sequence_id AND e.ended_at IS NULL AND e.sender_id IS NULL
ORDER BY e.id;

-- name: assign_senders
-- Gives enrollments their senders, keyed by enrollment.
UPDATE enrollments
SET sender_id = given.sender
FROM (
  SELECT CAST(key AS bigint) AS enrollment, CAST(CAST(value AS text) AS bigint) AS sender FROM json_each(:senders)
) AS given
WHERE id = given.enrollment;

-- name: load_senders
-- Adds a sequence's newcomers to the loads of their senders.
UPDATE sender_loads
SET live = live + newcomers.many
FROM (
  SELECT e.sender_id AS loaded, count(*) AS many
  FROM enrollments AS e
  WHERE made_here(e) AND e.sequence_id = :sequence_id AND e.sender_id IS NOT NULL
  GROUP BY e.sender_id
) AS newcomers
WHERE sender_id = newcomers.loaded;

-- name: lock_loads
-- Locks the loads of the given senders in the order of their ids.
SELECT l.sender_id
FROM sender_loads AS l
WHERE l.sender_id IN (SELECT CAST(key AS bigint) FROM json_each(:senders))
ORDER BY l.sender_id
/* lock l */;

-- name: lock_all_loads
-- Locks every load in the order of ids.
SELECT l.sender_id FROM sender_loads AS l ORDER BY l.sender_id /* lock l */;

-- name: change_loads
-- Changes the loads of senders, keyed by id, by so many; never below none, whatever a person wrote there.
UPDATE sender_loads
SET live = CASE WHEN live + changed.many < 0 THEN 0 ELSE live + changed.many END
FROM (SELECT CAST(key AS bigint) AS of_sender, CAST(CAST(value AS text) AS bigint) AS many FROM json_each(:senders)) AS changed
WHERE sender_id = changed.of_sender;

-- name: live_of_sender
-- Returns the live enrollments of a sender, by sequence.
SELECT e.id, e.sequence_id
FROM enrollments AS e
WHERE e.sender_id = :sender_id AND e.ended_at IS NULL
ORDER BY e.sequence_id, e.id;

-- name: stranded_sequences
-- Returns the sequences that name senders and reach none: nobody may ever leave one so.
SELECT q.name
FROM sequences AS q
WHERE EXISTS (SELECT 1 FROM sequence_senders AS named WHERE named.sequence_id = q.id)
  AND NOT EXISTS (
    SELECT 1
    FROM sequence_senders AS named
    JOIN senders AS s ON named.name = s.name OR named.name = s.pool
    WHERE named.sequence_id = q.id AND s.status <> 'archived'
  )
ORDER BY q.name;

-- name: name_heir_in_sequences
-- Lets every sequence that reaches a sender name its heir as well.
INSERT INTO sequence_senders (sequence_id, position, name)
SELECT named.sequence_id, max(named.position) + 1000, CAST(:heir AS text)
FROM sequence_senders AS named
JOIN senders AS s ON s.id = :sender_id AND (named.name = s.name OR named.name = s.pool)
GROUP BY named.sequence_id
ON CONFLICT DO NOTHING;

-- name: hand_over_records
-- Gives what is left to send of enrollments that went over to their new senders; a try under way stays its old one's.
UPDATE sequence_contacts
SET sender_id = moved.sender
FROM (
  SELECT r.id AS moving, e.sender_id AS sender
  FROM sequence_contacts AS r
  JOIN enrollments AS e ON e.id = r.enrollment_id
  WHERE r.sender_id = :sender_id AND e.sender_id <> :sender_id AND e.ended_at IS NULL
    AND r.status IN ('pending', 'active', 'paused', 'sending', 'unknown')
) AS moved
WHERE id = moved.moving;

-- name: name_heir
-- Notes who replaced a sender, and everyone whom that sender had replaced.
UPDATE senders SET replaced_by = :heir_id WHERE id = :sender_id OR replaced_by = :sender_id;
