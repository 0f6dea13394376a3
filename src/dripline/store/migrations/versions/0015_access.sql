-- People who may come in, programs that may call, and what each of them changed. Nothing that lets anybody in is kept as
-- it is: passwords as argon2 hashes, everything that is drawn by chance (256 bits) as its SHA-256.

CREATE TABLE users (
  id IDENTITY,
  email text NOT NULL CONSTRAINT one_user_per_email UNIQUE,
  name text NOT NULL,
  role text NOT NULL,
  password_hash text NOT NULL,
  created_at INSTANT NOT NULL,
  disabled_at INSTANT,
  CONSTRAINT role_is_known CHECK (role IN ('viewer', 'operator', 'admin'))
);

-- Who is logged in, and until when.
CREATE TABLE sessions (
  token_hash text PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id),
  created_at INSTANT NOT NULL,
  expires_at INSTANT NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);

-- Links that let somebody in once: the first administrator, a user who is invited, one who has lost their password.
CREATE TABLE access_links (
  token_hash text PRIMARY KEY,
  role text NOT NULL,
  user_id bigint REFERENCES users (id),
  created_at INSTANT NOT NULL,
  expires_at INSTANT NOT NULL,
  CONSTRAINT link_role_is_known CHECK (role IN ('viewer', 'operator', 'admin'))
);

-- What programs call with. prefix: how it begins, for people to tell it by; scopes: JSON keys of an object.
CREATE TABLE api_tokens (
  id IDENTITY,
  name text NOT NULL,
  prefix text NOT NULL,
  token_hash text NOT NULL CONSTRAINT one_token_per_hash UNIQUE,
  scopes text NOT NULL,
  created_by text NOT NULL,
  created_at INSTANT NOT NULL,
  expires_at INSTANT,
  used_at INSTANT,
  revoked_at INSTANT
);

-- Log-ins that failed, by who tried and from where, so that nobody tries all passwords.
CREATE TABLE failed_logins (
  who text PRIMARY KEY,
  failures integer NOT NULL,
  last_at INSTANT NOT NULL
);

-- Every change that somebody made who had to come in first: who, what, to which lead or what else. No lead is named but
-- by its id, which is taken away when the lead is forgotten.
CREATE TABLE audit_log (
  id IDENTITY,
  at INSTANT NOT NULL,
  actor text NOT NULL,
  deed text NOT NULL,
  lead_id bigint,
  details text NOT NULL
);

CREATE INDEX audit_log_by_lead ON audit_log (lead_id) WHERE lead_id IS NOT NULL;

-- What was answered to a program that says which of its requests is which, so that a second copy changes nothing.
CREATE TABLE answered_requests (
  actor text NOT NULL,
  request_key text NOT NULL,
  fingerprint text NOT NULL,
  status integer NOT NULL,
  body text NOT NULL,
  answered_at INSTANT NOT NULL,
  PRIMARY KEY (actor, request_key)
);

CREATE INDEX answered_requests_by_age ON answered_requests (answered_at);
