-- Who is told what happens, by posts to a URL. Ids are random: secrets and `webhook-id`s are made of them. generation:
-- which of its secrets it signs with; rotated_at: since when. failures: turns in a row that took nothing, since
-- failing_since; rest_until: it is told nothing before that.
CREATE TABLE event_subscriptions (
  id bigint PRIMARY KEY,
  url text NOT NULL,
  status text NOT NULL,
  reason text,
  generation integer NOT NULL DEFAULT 1,
  rotated_at INSTANT,
  created_at INSTANT NOT NULL,
  failures integer NOT NULL DEFAULT 0,
  failing_since INSTANT,
  rest_until INSTANT,
  CONSTRAINT subscription_status_is_known CHECK (status IN ('active', 'paused', 'disabled', 'ended')),
  CONSTRAINT disabled_subscription_has_a_reason CHECK (status <> 'disabled' OR reason IS NOT NULL)
);

-- What each is told of.
CREATE TABLE event_subscription_types (
  subscription_id bigint NOT NULL REFERENCES event_subscriptions (id),
  type text NOT NULL,
  PRIMARY KEY (type, subscription_id)
);

-- One event for one subscription, written in the transaction in which it happened. next_at: when it is tried next, or
-- until when the try under way is waited for. tries is the fencing token: whoever comes late with an answer writes none.
-- An id is never given twice: it is in the `webhook-id` by which receivers drop second copies. No reference to its
-- subscription: PostgreSQL would look that up for every row.
CREATE TABLE event_deliveries (
  id RECORD_IDENTITY,
  subscription_id bigint NOT NULL,
  type text NOT NULL,
  happened_at INSTANT NOT NULL,
  lead_id bigint,
  enrollment_id bigint,
  record_id bigint,
  sequence text,
  step integer,
  sender text,
  outcome text,
  reason text,
  state text NOT NULL DEFAULT 'waiting',
  tries integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  next_at INSTANT NOT NULL,
  give_up_at INSTANT NOT NULL,
  ended_at INSTANT,
  status_code integer,
  error text,
  CONSTRAINT delivery_state_is_known CHECK (state IN ('waiting', 'delivered', 'given_up')),
  CONSTRAINT ended_delivery_has_its_time CHECK ((state = 'waiting') = (ended_at IS NULL))
);

-- Each subscription finds what is due to it without looking at any other's.
CREATE INDEX event_deliveries_due ON event_deliveries (subscription_id, next_at, id) WHERE state = 'waiting';

CREATE INDEX event_deliveries_by_age ON event_deliveries (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX event_deliveries_by_lead ON event_deliveries (lead_id) WHERE lead_id IS NOT NULL;
