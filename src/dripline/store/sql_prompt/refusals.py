"""What either database refuses at a SQL prompt, since it would be taken for something else, or stop everybody."""

from collections.abc import Iterable
from dataclasses import dataclass, field

ADDRESS = "digits with the country code, as 60123456789, or an e-mail address in small letters"
TRIGGER = "one word in capital letters, as leads have it"
WHO = "what is one lead''s becomes another''s only where the two are merged"
ONLY_ROW = "it has one row, which everything reads"

IS_MERGED = "EXISTS (SELECT 1 FROM merged_leads AS m WHERE m.id = OLD.lead_id AND m.lead_id = NEW.lead_id)"
IS_OF_ITS_RUN = "EXISTS (SELECT 1 FROM enrollments AS e WHERE e.id = NEW.enrollment_id AND e.lead_id = NEW.lead_id)"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change of a table that is refused with a sentence.

    `on`: what the statement does. `when` asks the row alone; `if_`, which may ask other tables, is asked only where
    `when` holds.
    """

    name: str
    on: str = field(kw_only=True)
    when: str = field(kw_only=True)
    if_: str | None = field(default=None, kw_only=True)
    sentence: str = field(kw_only=True)

    @property
    def is_deletion(self) -> bool:
        """Whether it is about rows that go."""
        return self.on.startswith("DELETE")


def _is_no_address(column: str) -> str:
    of = f"NEW.{column}"
    is_mail = f"{of} <> replace({of}, '@', '')"
    return f"substr({of}, 1, 1) = '+' OR {of} <> replace({of}, ' ', '') OR ({is_mail} AND {of} <> lower({of}))"


def _addresses() -> Iterable[Refusal]:
    for table, column in (("suppressions", "address"), ("other_addresses", "address"), ("leads", "email")):
        for event, on in (("new", "INSERT"), ("changed", f"UPDATE OF {column}")):
            yield Refusal(
                f"read_{event}_{table}_{column}",
                on=f"{on} ON {table}",
                when=_is_no_address(column),
                sentence=f"{table}.{column} is {ADDRESS}",
            )


NAMES = {"senders": ("name", "pool", "channel"), "sequences": ("name", "channel"), "steps": ("message", "step_key")}
"""Texts that are never empty."""


def _names() -> Iterable[Refusal]:
    for table, column in ((table, column) for table, columns in NAMES.items() for column in columns):
        yield Refusal(
            f"name_{table}_{column}",
            on=f"UPDATE OF {column} ON {table}",
            when=f"NEW.{column} = ''",
            sentence=f"{table}.{column} is never empty",
        )


def _triggers() -> Iterable[Refusal]:
    for column in ("trigger", "goal", "then_trigger"):
        yield Refusal(
            f"capital_{column}",
            on=f"UPDATE OF {column} ON sequences",
            when=f"NEW.archived_at IS NULL AND NEW.{column} <> upper(trim(NEW.{column}))",
            sentence=f"sequences.{column} is {TRIGGER}",
        )


def _owners() -> Iterable[Refusal]:
    for table, may_be_given in (("enrollments", IS_MERGED), ("sequence_contacts", f"{IS_MERGED} OR {IS_OF_ITS_RUN}")):
        yield Refusal(
            f"keep_lead_of_{table}",
            on=f"UPDATE OF lead_id ON {table}",
            when="NEW.lead_id <> OLD.lead_id",
            if_=f"NOT ({may_be_given})",
            sentence=f"lead_id of {table} cannot be changed: {WHO}",
        )


def _rows() -> Iterable[Refusal]:
    for table in ("workspace", "enrolling", "folding"):
        yield Refusal(
            f"keep_row_of_{table}",
            on=f"DELETE ON {table}",
            when="OLD.id IS NOT NULL",
            sentence=f"{table} cannot be emptied: {ONLY_ROW}",
        )
    yield Refusal(
        "keep_steps",
        on="DELETE ON steps",
        when="OLD.sequence_id IS NOT NULL",
        if_="EXISTS (SELECT 1 FROM sequences AS s WHERE s.id = OLD.sequence_id AND s.deleted_at IS NULL)"
        " OR EXISTS (SELECT 1 FROM enrollments AS e WHERE e.sequence_id = OLD.sequence_id)",
        sentence="a step cannot be deleted while its sequence is there: apply the sequence without it",
    )
    yield Refusal(
        "keep_what_is_sent",
        on="DELETE ON sequence_contacts",
        when="OLD.status = 'sending' AND OLD.begun_at IS NOT NULL",
        sentence="a record cannot be deleted while it is being sent: wait for its answer",
    )
    yield Refusal(
        "keep_version_of_steps",
        on="UPDATE OF version, sequence_id ON steps",
        when="NEW.version <> OLD.version OR NEW.sequence_id <> OLD.sequence_id",
        sentence="version, sequence_id of steps cannot be changed: records name them",
    )
    yield Refusal(
        "keep_version",
        on="UPDATE OF version ON sequences",
        when="NEW.version <> OLD.version",
        if_="NOT EXISTS (SELECT 1 FROM steps AS st WHERE st.sequence_id = NEW.id AND st.version = NEW.version)",
        sentence="sequences.version is a version that has steps",
    )


REFUSALS = (*_addresses(), *_names(), *_triggers(), *_owners(), *_rows())


def sqlite_refusals() -> Iterable[tuple[str, str, str]]:
    """Yield the name, the event and the body of each trigger of a SQLite."""
    for one in REFUSALS:
        when = f"({one.when})" + (f" AND ({one.if_})" if one.if_ else "")
        yield one.name, f"{one.on} WHEN {when}", f"SELECT RAISE(ABORT, '{one.sentence}');"


def postgresql_refusals() -> Iterable[str]:
    """Yield the statements that make each trigger of a PostgreSQL."""
    for one in REFUSALS:
        table = one.on.rpartition(" ")[2]
        raises = f"RAISE EXCEPTION '{one.sentence}';"
        body = f"IF {one.if_} THEN {raises} END IF;" if one.if_ else raises
        yield (
            f"CREATE OR REPLACE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}"
            f" RETURN {'OLD' if one.is_deletion else 'NEW'}; END $$"
        )
        yield f"DROP TRIGGER IF EXISTS {one.name} ON {table}"
        yield f"CREATE TRIGGER {one.name} BEFORE {one.on} FOR EACH ROW WHEN ({one.when}) EXECUTE FUNCTION {one.name}()"
