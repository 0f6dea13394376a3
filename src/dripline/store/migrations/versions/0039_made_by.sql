-- created_by_id: who made a token or a link, as `Actor.id` says it, where several have one name; NULL: nobody knows, or a
-- program that has the database.
ALTER TABLE api_tokens ADD COLUMN created_by_id text;

ALTER TABLE access_links ADD COLUMN created_by text NOT NULL DEFAULT '';

ALTER TABLE access_links ADD COLUMN created_by_id text;

UPDATE api_tokens
SET created_by_id = (SELECT 'user#' || CAST(u.id AS text) FROM users AS u WHERE 'user ' || u.email = api_tokens.created_by);

-- What a token had made, where no other has its name.
UPDATE api_tokens
SET created_by_id = (
  SELECT 'token#' || CAST(t.id AS text) FROM api_tokens AS t WHERE 'token ' || t.name = api_tokens.created_by)
WHERE created_by_id IS NULL
  AND created_by IN (SELECT 'token ' || t.name FROM api_tokens AS t GROUP BY t.name HAVING count(*) = 1);
