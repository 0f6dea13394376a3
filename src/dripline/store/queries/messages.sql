-- What the page of messages shows beside a list's rows.

-- name: excerpts_of_records
-- Returns what the given records say: the words that were sent at last, else those of their step; and how far they came.
-- plan: kept
SELECT r.id, st.message, a.text, a.delivery, a.delivery_error
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
JOIN steps AS st ON st.id = r.sequence_stepid
LEFT JOIN attempts AS a ON a.record_id = r.id AND a.number = r.attempt;

-- name: reasons_of_records
-- Returns why and when the given records ended.
-- plan: kept
SELECT r.id, r.reason_code, r.ended_at
FROM json_each(:records) AS given
JOIN sequence_contacts AS r ON r.id = CAST(given.key AS bigint)
WHERE r.reason_code IS NOT NULL AND r.ended_at IS NOT NULL;
