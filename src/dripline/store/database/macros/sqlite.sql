-- macro: add_seconds(instant, seconds)
datetime({instant}, ({seconds}) || ' seconds')

-- macro: hour_of(instant)
-- The hour of UTC in which an instant lies.
(substr({instant}, 1, 13) || ':00:00')

-- macro: waits_for(record, code)
-- It waits for a rule, alone or as one of several.
({record}.reason_code = '{code}' OR ({record}.reason_code = 'several' AND EXISTS (
    SELECT 1 FROM json_each({record}.reason_facts, '$.waits') AS wait WHERE wait.value ->> 'code' = '{code}')))

-- macro: is_newcomer(enrollment)
-- This transaction made it, as one of those that are looked up.
({enrollment}.id > :last_enrollment)

-- macro: made_here(enrollment)
-- This transaction made it, as one of those that are gone through.
({enrollment}.id > :last_enrollment)
