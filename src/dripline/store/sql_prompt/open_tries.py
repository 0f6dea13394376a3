"""A person who takes a record out of "sending" does not undo its try: it is written, and stays open for its answer."""

from collections.abc import Iterable

BROKEN_OFF = "OLD.status = 'sending' AND NEW.status <> 'sending' AND NEW.begun_at IS NOT NULL"
"""dripline's own moves out of "sending" set begun_at to NULL: what this finds, somebody else changed."""

WRITTEN = (
    "INSERT INTO attempts (record_id, number, worker, started_at, sender_id)"
    " VALUES (NEW.id, NEW.attempt, OLD.worker, NEW.begun_at, OLD.sender_id) ON CONFLICT DO NOTHING;"
    " UPDATE sequence_contacts SET begun_at = NULL WHERE id = NEW.id;"
)

ON = "UPDATE OF status ON sequence_contacts"


def sqlite_guards() -> Iterable[tuple[str, str, str]]:
    """Yield the name, the event and the body of the trigger of a SQLite."""
    yield "write_open_try", f"{ON} WHEN {BROKEN_OFF}", WRITTEN


def postgresql_guards() -> Iterable[str]:
    """Yield the statements that make the trigger of a PostgreSQL."""
    yield (
        "CREATE OR REPLACE FUNCTION write_open_try() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{WRITTEN} RETURN NULL; END $$"
    )
    yield "DROP TRIGGER IF EXISTS write_open_try ON sequence_contacts"
    yield (
        f"CREATE TRIGGER write_open_try AFTER {ON} FOR EACH ROW WHEN ({BROKEN_OFF}) EXECUTE FUNCTION write_open_try()"
    )
