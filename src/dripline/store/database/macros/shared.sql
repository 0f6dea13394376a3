-- macro: address_of(sequence, lead)
-- The address of a lead that the channel of a sequence speaks to.
(CASE {sequence}.address_kind WHEN 'phone' THEN {lead}.phone WHEN 'email' THEN {lead}.email
    ELSE coalesce({lead}.phone, {lead}.email) END)

-- macro: suppression_of(sequence, lead)
-- Why nothing is sent to the lead's address, as `store.reasons` reads it.
(SELECT barred.reason_code || coalesce(barred.reason_facts, '') FROM suppressions AS barred
    WHERE barred.address = address_of({sequence}, {lead}))

-- macro: is_invited(sequence, lead)
-- Who may be written to only after writing first has written.
({sequence}.invited_only = 0 OR EXISTS (SELECT 1 FROM conversations AS heard
    WHERE heard.channel = {sequence}.channel AND heard.address = address_of({sequence}, {lead})))

-- macro: goal_is_ahead(sequence, lead)
-- A lead that has the goal's trigger has nothing to be led to.
({sequence}.goal IS NULL OR NOT EXISTS
    (SELECT 1 FROM lead_triggers AS g WHERE g.lead_id = {lead}.id AND g.trigger = {sequence}.goal))

-- macro: gap_is_over(sequence, lead, now)
-- Nobody begins a sequence twice within its gap.
(NOT EXISTS (SELECT 1 FROM enrollments AS began WHERE began.lead_id = {lead}.id AND began.sequence_id = {sequence}.id
    AND add_seconds(began.enrolled_at, {sequence}.re_entry_gap_seconds) > {now}))

-- macro: address_is_free(sequence, lead, now)
-- Two leads that share an e-mail address are one inbox: what one of them had, the other does not get. The inner query
-- sums up so that PostgreSQL asks it only for whoever shares an address.
({sequence}.address_kind <> 'email' OR NOT EXISTS (SELECT 1 FROM leads AS twin
    WHERE twin.email = {lead}.email AND twin.id <> coalesce({lead}.id, 0) AND (SELECT count(*) FROM enrollments AS met
    WHERE met.lead_id = twin.id AND met.sequence_id = {sequence}.id
    AND (met.ended_at IS NULL OR {sequence}.re_entry = 'once'
    OR add_seconds(met.enrolled_at, {sequence}.re_entry_gap_seconds) > {now})) > 0))

-- macro: group_is_free(sequence, lead)
-- At most one live enrollment of a lead in the sequences of a group.
({sequence}.exclusive_group IS NULL OR NOT EXISTS (SELECT 1 FROM enrollments AS o
    JOIN sequences AS other ON other.id = o.sequence_id
    WHERE o.lead_id = {lead}.id AND o.ended_at IS NULL AND other.exclusive_group = {sequence}.exclusive_group))

-- macro: start_of(record, previous)
-- When a record's try began, which the step before it ended before.
(CASE WHEN coalesce({previous}.completed_at, {previous}.ended_at) > {record}.begun_at
    THEN coalesce({previous}.completed_at, {previous}.ended_at) ELSE {record}.begun_at END)

-- macro: hour(record)
-- When it was accepted or ended, else when it is due.
coalesce({record}.completed_at, {record}.ended_at, {record}.next_trigger_time)

-- macro: waits_for_rule(record)
-- It has the time that a rule gave it, and nobody moved it since; or it waits to be looked at again.
({record}.next_trigger_time > :now AND (EXISTS (SELECT 1 FROM record_moves AS latest
    WHERE latest.id = (SELECT max(m.id) FROM record_moves AS m WHERE m.record_id = {record}.id)
    AND latest.moved_to = {record}.next_trigger_time AND was_by_rule(latest))
    OR ({record}.status = 'active' AND {record}.reason_code IN ('needs_template', 'wrong_channel'))))

-- macro: time_before_rules(record, enrollment)
-- When it was due before any rule moved it.
coalesce((SELECT m.moved_to FROM record_moves AS m
    WHERE m.record_id = {record}.id AND NOT was_by_rule(m) ORDER BY m.id DESC LIMIT 1),
    add_seconds({record}.planned_time, {enrollment}.moved_seconds))

-- macro: was_by_rule(move)
({move}.reason_code IN ('window', 'gap', 'cap', 'cold', 'several', 'too_soon', 'held_up'))

-- macro: was_by_correction(move)
{move}.reason_code IN ('zone_changed', 'rules_changed')

-- macro: unknown_asked_for(record, sequence, try)
-- Which unknown records somebody asks for, with their sequences and last tries.
(CAST(:sequence_id AS bigint) IS NULL OR {record}.sequence_id = :sequence_id)
    AND (CAST(:step AS integer) IS NULL OR {record}.current_step = :step)
    AND (CAST(:channel AS text) IS NULL OR {sequence}.channel = :channel)
    AND (CAST(:sender_id AS bigint) IS NULL OR coalesce({try}.sender_id, {record}.sender_id) = :sender_id)
    AND (CAST(:worker AS text) IS NULL OR coalesce({try}.worker, {record}.worker) = :worker)
    AND coalesce({try}.started_at, {record}.next_trigger_time) >= :since
    AND coalesce({try}.started_at, {record}.next_trigger_time) < :until
    AND (CAST(:of_leads AS integer) = 0
    OR {record}.lead_id IN (SELECT CAST(named.key AS bigint) FROM json_each(:leads) AS named))

-- macro: leads_asked_for(lead)
-- What lists ask of their leads. Counted, since PostgreSQL would answer EXISTS for everybody at once.
(CAST(:has_trigger AS text) IS NULL OR 0 <
    (SELECT count(*) FROM lead_triggers AS g WHERE g.lead_id = {lead}.id AND g.trigger = :has_trigger))
    AND (CAST(:lives_in AS bigint) IS NULL OR 0 < (SELECT count(*) FROM enrollments AS o
    WHERE o.lead_id = {lead}.id AND o.sequence_id = :lives_in AND o.ended_at IS NULL))
    AND (CAST(:is_barred AS integer) IS NULL OR CAST(:is_barred AS integer) = CASE WHEN 0 <
    (SELECT count(*) FROM suppressions AS s WHERE s.address IN ({lead}.phone, {lead}.email)) THEN 1 ELSE 0 END)
    AND {lead}.created_at >= :since AND {lead}.created_at < :until

-- macro: came_so_far(record)
-- Whether a record's message came as far as it is asked for; what was read was delivered, too.
EXISTS (SELECT 1 FROM attempts AS came WHERE came.record_id = {record}.id
    AND (came.delivery = :delivery OR (came.delivery = 'read' AND CAST(:delivery AS text) = 'delivered')))

-- macro: records_asked_for(record)
-- What lists ask of their records.
(CAST(:sequence_id AS bigint) IS NULL OR {record}.sequence_id = :sequence_id)
    AND (CAST(:step AS integer) IS NULL OR {record}.current_step = :step)
    AND (CAST(:step_id AS text) IS NULL OR (SELECT coalesce(st.step_key, CAST(st.position AS text))
    FROM steps AS st WHERE st.id = {record}.sequence_stepid) = :step_id)
    AND (CAST(:sender_id AS bigint) IS NULL OR {record}.sender_id = :sender_id)
    AND (CAST(:is_held AS integer) IS NULL OR {record}.status <> 'unknown'
    OR CAST(:is_held AS integer) = CASE WHEN {record}.ended_at IS NULL THEN 1 ELSE 0 END)
    AND (CAST(:reason_code AS text) IS NULL OR {record}.reason_code = :reason_code)
    AND ({record}.status <> 'active' OR {record}.next_trigger_time >= :due_after)
    AND {record}.went_over = 0

-- macro: counts_as_asked(record)
-- It is one of those that a figure of what steps led to counts.
{record}.sequence_stepid = CASE CAST(:result AS text)
    WHEN 'sent' THEN CASE WHEN {record}.status = 'completed' THEN {record}.sequence_stepid END
    WHEN 'replied' THEN (SELECT e.replied_after_step FROM enrollments AS e WHERE e.id = {record}.enrollment_id)
    WHEN 'stopped' THEN (SELECT e.stopped_after_step FROM enrollments AS e WHERE e.id = {record}.enrollment_id)
    WHEN 'goal' THEN (SELECT e.goal_after_step FROM enrollments AS e WHERE e.id = {record}.enrollment_id)
    WHEN 'left' THEN (SELECT e.left_after_step FROM enrollments AS e WHERE e.id = {record}.enrollment_id)
    ELSE CASE WHEN (SELECT a.delivery FROM attempts AS a WHERE a.record_id = {record}.id AND a.delivery IS NOT NULL
      ORDER BY a.number DESC LIMIT 1) IN (SELECT told.key FROM json_each(:deliveries) AS told)
      THEN {record}.sequence_stepid END END
