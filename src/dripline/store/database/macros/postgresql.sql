-- macro: add_seconds(instant, seconds)
({instant} + ({seconds}) * INTERVAL '1 second')

-- macro: hour_of(instant)
-- The hour of UTC in which an instant lies, whatever zone the person at the prompt has set.
date_trunc('hour', {instant}, 'UTC')

-- macro: waits_for(record, code)
-- It waits for a rule, alone or as one of several.
({record}.reason_code = '{code}' OR CASE WHEN {record}.reason_code = 'several' THEN
    CAST({record}.reason_facts AS jsonb) @> CAST('{"waits": [{"code": "{code}"}]}' AS jsonb) ELSE false END)

-- macro: is_newcomer(enrollment)
-- This transaction made it, as one of those that are looked up. As an array, so that they are looked up: how many are
-- above an id is not known when a plan is kept, and guessed wrong while a table has no statistics yet. In order, so
-- that they are found by the key and by nothing else.
({enrollment}.id = ANY (ARRAY (SELECT made.id FROM enrollments AS made WHERE made.id > :last_enrollment
    AND made.xmin = CAST(pg_current_xact_id() AS xid) ORDER BY made.id)))

-- macro: made_here(enrollment)
-- This transaction made it, as one of those that are gone through. Above no id at all are all.
({enrollment}.id > :last_enrollment AND
    (CAST(:last_enrollment AS bigint) < 0 OR {enrollment}.xmin = CAST(pg_current_xact_id() AS xid)))
