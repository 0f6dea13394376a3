-- Who may come in: users, sessions, links that let somebody in once, tokens of programs; and the log of their changes.

-- name: any_user
-- Returns a row if there is a user at all.
SELECT u.id FROM users AS u LIMIT 1;

-- name: users
-- Returns every user, by e-mail address.
SELECT u.* FROM users AS u ORDER BY u.email;

-- name: user_by_email
-- Returns the user of an e-mail address, with the hash of the password.
SELECT u.* FROM users AS u WHERE u.email = :email;

-- name: insert_user
-- Adds a user.
INSERT INTO users (email, name, role, password_hash, created_at)
VALUES (:email, :name, :role, :password_hash, :now)
RETURNING *;

-- name: update_password
-- Gives a user another password; returns the user.
UPDATE users SET password_hash = :password_hash WHERE id = :user_id RETURNING *;

-- name: update_user
-- Gives a user another role, and lets them in or keeps them out.
UPDATE users
SET role = :role, disabled_at = CASE WHEN :is_disabled = 0 THEN NULL ELSE coalesce(disabled_at, :now) END
WHERE id = :user_id
RETURNING *;

-- name: open_administrators
-- Counts the administrators who may come in. Locked: two must not be the last to let each other go.
SELECT u.id FROM users AS u WHERE u.role = 'admin' AND u.disabled_at IS NULL ORDER BY u.id /* lock u */;

-- name: insert_session
-- Lets a user in.
INSERT INTO sessions (token_hash, user_id, created_at, expires_at) VALUES (:token_hash, :user_id, :now, :expires_at);

-- name: user_of_session
-- Returns the user of a session that lasts, if they may still come in.
SELECT u.*
FROM sessions AS s
JOIN users AS u ON u.id = s.user_id
WHERE s.token_hash = :token_hash AND s.expires_at > :now AND u.disabled_at IS NULL;

-- name: end_session
-- Ends a session.
DELETE FROM sessions WHERE token_hash = :token_hash;

-- name: end_sessions
-- Ends every session of a user.
DELETE FROM sessions WHERE user_id = :user_id;

-- name: forget_sessions
-- Forgets sessions that are over.
DELETE FROM sessions WHERE expires_at <= :now;

-- name: insert_link
-- Makes a link that lets somebody in once.
INSERT INTO access_links (token_hash, role, user_id, created_by, created_by_id, created_at, expires_at)
VALUES (:token_hash, :role, :user_id, :created_by, :created_by_id, :now, :expires_at);

-- name: open_links
-- Returns the links that still let somebody in, the newest first, with the user whose password they change.
SELECT l.token_hash, l.role, l.user_id, l.created_by, l.created_by_id, l.created_at, l.expires_at, u.email
FROM access_links AS l
LEFT JOIN users AS u ON u.id = l.user_id
WHERE l.expires_at > :now
ORDER BY l.created_at DESC, l.token_hash;

-- name: revoke_links
-- Takes back links that nobody has used, given by their hashes.
DELETE FROM access_links WHERE token_hash IN (SELECT key FROM json_each(:links)) RETURNING token_hash;

-- name: maker
-- Returns a user or a token that makes a way in, locked: whoever is kept out meanwhile makes none.
SELECT u.id FROM users AS u WHERE 'user#' || CAST(u.id AS text) = :maker AND u.disabled_at IS NULL /* lock u */;

-- name: maker_token
-- The same of a token.
SELECT t.id FROM api_tokens AS t WHERE 'token#' || CAST(t.id AS text) = :maker AND t.revoked_at IS NULL /* lock t */;

-- name: user_locked
-- Returns a user, locked: nobody makes a way in for them to leave behind meanwhile.
SELECT u.* FROM users AS u WHERE u.id = :user_id /* lock u */;

-- name: sessions_of
-- Counts the sessions of a user that last.
SELECT count(*) AS many FROM sessions AS s WHERE s.user_id = :user_id AND s.expires_at > :now;

-- name: tokens_made_by
-- Returns every token that somebody made, or a token of theirs did.
WITH RECURSIVE made AS (
  SELECT t.id FROM api_tokens AS t WHERE t.created_by_id = CAST(:maker AS text)
  UNION
  SELECT t.id FROM made JOIN api_tokens AS t ON t.created_by_id = 'token#' || CAST(made.id AS text)
)
SELECT t.* FROM made JOIN api_tokens AS t ON t.id = made.id ORDER BY t.id;

-- name: link
-- Returns a link that is still good.
SELECT l.role, l.user_id, u.email, u.name
FROM access_links AS l
LEFT JOIN users AS u ON u.id = l.user_id
WHERE l.token_hash = :token_hash AND l.expires_at > :now;

-- name: use_link
-- Uses a link up: whoever gets its row was the first.
DELETE FROM access_links WHERE token_hash = :token_hash AND expires_at > :now RETURNING role, user_id;

-- name: drop_links
-- Drops the links for a user, and all that are over.
DELETE FROM access_links WHERE expires_at <= :now OR user_id = :user_id;

-- name: drop_setup_links
-- Drops the links that make an administrator while there is no user to have invited one.
DELETE FROM access_links WHERE user_id IS NULL AND role = 'admin' AND NOT EXISTS (SELECT 1 FROM users);

-- name: tokens
-- Returns every token, the newest first.
SELECT t.* FROM api_tokens AS t ORDER BY t.id DESC;

-- name: insert_token
-- Adds a token.
INSERT INTO api_tokens (name, prefix, token_hash, scopes, created_by, created_by_id, created_at, expires_at)
VALUES (:name, :prefix, :token_hash, :scopes, :created_by, :created_by_id, :now, :expires_at)
RETURNING *;

-- name: token_of_hash
-- Returns the token of a hash.
SELECT t.* FROM api_tokens AS t WHERE t.token_hash = :token_hash;

-- name: note_token_used
-- Notes that a token was used, once a minute at most.
UPDATE api_tokens
SET used_at = :now
WHERE id = :token_id AND (used_at IS NULL OR used_at <= :before);

-- name: revoke_token
-- Keeps a token from letting anybody in; returns nothing where it did not before.
UPDATE api_tokens SET revoked_at = :now WHERE id = :token_id AND revoked_at IS NULL RETURNING id;

-- name: failed_logins
-- Returns how often log-ins failed, and when last, of any of some.
SELECT f.who, f.failures, f.last_at FROM failed_logins AS f WHERE f.who IN (SELECT key FROM json_each(:who));

-- name: note_failed_login
-- Counts another log-in that failed; counted anew where the last one is long ago.
INSERT INTO failed_logins (who, failures, last_at) VALUES (:who, 1, :now)
ON CONFLICT (who) DO UPDATE SET
  failures = CASE WHEN failed_logins.last_at < :long_ago THEN 1 ELSE failed_logins.failures + 1 END,
  last_at = :now;

-- name: forget_failed_logins
-- Forgets the failures of somebody who has come in.
DELETE FROM failed_logins WHERE who = :who;

-- name: forget_old_failures
-- Forgets failures of long ago.
DELETE FROM failed_logins WHERE last_at < :long_ago;

-- name: log_deed
-- Writes down what somebody changed.
-- plan: kept
INSERT INTO audit_log (at, actor, deed, lead_id, details) VALUES (:now, :actor, :deed, :lead_id, :details);

-- name: forget_deeds
-- Keeps what was done to leads, and not to whom: their ids may be given again.
UPDATE audit_log SET lead_id = NULL WHERE lead_id IN (SELECT CAST(key AS bigint) FROM json_each(:leads));

-- name: audit_log
-- Returns what was changed before an entry, the latest first.
SELECT a.* FROM audit_log AS a WHERE a.id < :before ORDER BY a.id DESC LIMIT :most;

-- name: begin_answer
-- Makes a request the first of its key; returns nothing if there is one, once its transaction has ended. Keys are kept as
-- their hashes: a program may have made one of somebody's number. Earlier versions kept them as they are.
INSERT INTO answered_requests (actor, request_key, fingerprint, status, body, answered_at)
SELECT CAST(:actor AS text), CAST(:hashed_key AS text), CAST(:fingerprint AS text), 0, '', :now
WHERE NOT EXISTS (SELECT 1 FROM answered_requests AS r WHERE r.actor = :actor AND r.request_key = :request_key)
ON CONFLICT (actor, request_key) DO NOTHING
RETURNING request_key;

-- name: answered_request
-- Returns what was answered to a request before.
SELECT r.fingerprint, r.status, r.body
FROM answered_requests AS r
WHERE r.actor = :actor AND r.request_key IN (:hashed_key, :request_key);

-- name: keep_answer
-- Keeps what is answered to a request.
UPDATE answered_requests SET status = :status, body = :body WHERE actor = :actor AND request_key = :hashed_key;

-- name: forget_answers
-- Forgets what was answered long ago.
DELETE FROM answered_requests WHERE answered_at <= :since;
