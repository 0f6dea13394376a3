-- is_forgotten: somebody in it was forgotten before it was taken in: it has its effects, and is not kept.
ALTER TABLE inbox ADD COLUMN is_forgotten integer NOT NULL DEFAULT 0;

-- What leads were called that became part of others: who is forgotten is looked for by each of their names.
ALTER TABLE merged_leads ADD COLUMN name text NOT NULL DEFAULT '';

-- Answers belong to a token or a user and not to their names, which several may have: of those it is not known whose.
UPDATE answered_requests
SET actor = (SELECT 'token#' || CAST(t.id AS text) FROM api_tokens AS t WHERE 'token ' || t.name = answered_requests.actor)
WHERE actor IN (SELECT 'token ' || t.name FROM api_tokens AS t GROUP BY t.name HAVING count(*) = 1);

DELETE FROM answered_requests WHERE substr(actor, 1, 6) = 'token ';
