-- Credentials of senders: encrypted before they come here, and never read by any other statement.

-- name: credential_revisions
-- Returns which senders have a credential, and what has to be made anew where it changed.
SELECT s.name, s.channel, s.account, c.hook, c.revision
FROM sender_credentials AS c
JOIN senders AS s ON s.id = c.sender_id
ORDER BY s.name;

-- name: credentials_of
-- Returns the credentials of senders by their names, as they are kept.
SELECT s.id, s.name, s.channel, s.account, c.sealed, c.key_id, c.shown, c.hook, c.revision, c.set_at, c.set_by, c.called_at
FROM sender_credentials AS c
JOIN senders AS s ON s.id = c.sender_id
WHERE s.name IN (SELECT key FROM json_each(:names))
ORDER BY s.name;

-- name: put_credential
-- Keeps the credential of a sender, in the place of the one before; its address stays the same.
INSERT INTO sender_credentials (sender_id, sealed, key_id, shown, hook, set_at, set_by)
SELECT s.id, CAST(:sealed AS text), CAST(:key_id AS text), CAST(:shown AS text), CAST(:hook AS text), :now, CAST(:set_by AS text)
FROM senders AS s WHERE s.name = :name
ON CONFLICT (sender_id) DO UPDATE
SET sealed = excluded.sealed, key_id = excluded.key_id, shown = excluded.shown, set_at = excluded.set_at,
  set_by = excluded.set_by, revision = sender_credentials.revision + 1;

-- name: drop_credential
-- Deletes the credential of a sender.
DELETE FROM sender_credentials WHERE sender_id IN (SELECT s.id FROM senders AS s WHERE s.name = :name);

-- name: forget_own_mailbox
-- Forgets how far the mailbox of a sender was read: its next credential may be that of another mailbox.
DELETE FROM mailboxes WHERE (channel, name) IN (SELECT s.channel, s.name FROM senders AS s WHERE s.name = :name);

-- name: reseal_credential
-- Writes a credential as it is encrypted with another key, unless it was changed meanwhile; what it says is the same.
UPDATE sender_credentials SET sealed = :sealed, key_id = :key_id
WHERE sender_id = :sender_id AND sealed = :before;

-- name: sealed_with_others
-- Returns credentials that another key than this one encrypts.
SELECT s.id, s.name, c.sealed, c.key_id
FROM sender_credentials AS c
JOIN senders AS s ON s.id = c.sender_id
WHERE c.key_id <> :key_id
ORDER BY s.id;

-- name: note_called
-- Notes that a sender's provider posted to its address; not where it did so a moment ago.
UPDATE sender_credentials SET called_at = :now
WHERE hook = :hook AND (called_at IS NULL OR called_at < :before);
