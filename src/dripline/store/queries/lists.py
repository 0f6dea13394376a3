"""Lists with free filters, a page at a time: the order of each, and which of its filters an index finds.

Every list goes by an index. Of several filters the one that an index finds decides the order; the rest are looked at
row by row, and of those a page looks at no more than `SCAN_LIMIT`. Records are found by their sequences, statuses and
hours together, whatever is asked for.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import replace
from datetime import datetime
from typing import Any

from dripline.core.queries.filters import (
    LAST_LETTER,
    AttemptFilter,
    EnrollmentFilter,
    LeadFilter,
    Order,
    RecordFilter,
    SuppressionFilter,
    TextKind,
    TextSearch,
    span,
)
from dripline.core.queries.listing import Page, SortOrder
from dripline.core.reason import ReasonCode
from dripline.core.records.unknown import Settlement
from dripline.core.text import is_text
from dripline.core.views.leads import Suppression
from dripline.core.views.lists import EnrollmentDetail, ListedAttempt, ListedEnrollment, ListedLead, ListedRecord
from dripline.core.views.records import Excerpt
from dripline.errors import InvalidFilter, InvalidSender, InvalidSequence
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import keys
from dripline.store.leads.stopping import suppression_of
from dripline.store.queries.keyset import Keyset, KeysetQuery, PageKeys, Source
from dripline.store.queries.list_rows import (
    excerpt_of,
    listed_attempt,
    listed_enrollment,
    listed_lead,
    listed_record,
    settlement_of,
)
from dripline.store.queries.record_sources import record_sources
from dripline.store.records.expected import Expecting

PEOPLE_LIMIT = 1_000
"""How many leads a text may mean where their records are asked for."""

HIGHEST_ID = 2**63 - 1

_BY_TEXT = {TextKind.PHONE: "leads_by_phone", TextKind.EMAIL: "leads_by_email", TextKind.NAME: "leads_by_name"}

_BY_ID = SortOrder("id", int, ties=(int,), goes_down=True)
_BY_ADDRESS = SortOrder("address", str, ties=(int,))
_BY_CREATION = SortOrder("creation", datetime, ties=(int,), goes_down=True)
_ATTEMPTS = SortOrder("attempts", datetime, ties=(int, int), goes_down=True)
_SUPPRESSIONS_BY_AGE = SortOrder("barred", datetime, ties=(str,), goes_down=True)
_SUPPRESSIONS_BY_ADDRESS = SortOrder("barred.address", str, ties=(str,))


class Lists:
    """Every list, on one database."""

    def __init__(self, database: Database, expecting: Expecting) -> None:
        self._database = database
        self._expecting = expecting
        self._keyset = Keyset(database)

    def leads(
        self, wanted: LeadFilter, looked: TextSearch | None, cursor: str | None, *, size: int, now: datetime
    ) -> Page[ListedLead]:
        """Return a page of leads: by what `looked` begins, by the address that is suppressed, else the newest first."""
        with self._database.snapshot():
            query = self._query_leads(wanted, looked)
            found = self._keyset.page(query, cursor, size)
            ids = [position.ties[0] for position in found.positions]
            return _page(found, self._listed_leads(ids, now))

    def records(
        self,
        wanted: RecordFilter,
        looked: TextSearch | None,
        cursor: str | None,
        *,
        size: int,
        now: datetime | None = None,
    ) -> Page[ListedRecord]:
        """Return a page of records, by their hours; with what is expected of each as of `now`, where that is given."""
        with self._database.snapshot():
            found = self._keyset.page(self._query_records(wanted, looked), cursor, size)
            return _page(found, self.listed_records([position.ties[0] for position in found.positions], now))

    def record_ids(self, wanted: RecordFilter, looked: TextSearch | None, limit: int) -> list[int]:
        """Return the ids of at most so many records, in no order."""
        with self._database.snapshot():
            return self._keyset.any(self._query_records(wanted, looked), limit)

    def enrollments(
        self, wanted: EnrollmentFilter, cursor: str | None, *, size: int, now: datetime
    ) -> Page[ListedEnrollment]:
        """Return a page of enrollments, the newest first."""
        with self._database.snapshot():
            found = self._keyset.page(self._query_enrollments(wanted), cursor, size)
            return _page(found, self.listed_enrollments([position.ties[0] for position in found.positions], now))

    def attempts(self, wanted: AttemptFilter, cursor: str | None, size: int) -> Page[ListedAttempt]:
        """Return a page of tries, the newest first."""
        with self._database.snapshot():
            asked = {
                "outcome": wanted.outcome,
                "delivery": wanted.delivery,
                "sender_id": self._sender(wanted.sender),
                "sequence_id": self._sequence(wanted.sequence),
            }
            source = Source("attempts_by_start", asked=asked, unindexed=_asks(asked))
            low, high = span(wanted.since, wanted.until)
            found = self._keyset.page(KeysetQuery(_ATTEMPTS, sources=[source], low=low, high=high), cursor, size)
            rows = self._tried([(int(position.ties[0]), int(position.ties[1])) for position in found.positions])
            return _page(found, map(listed_attempt, rows))

    def suppressions(self, wanted: SuppressionFilter, cursor: str | None, size: int) -> Page[Suppression]:
        """Return a page of suppressed addresses: by address where they begin with something, else the newest first."""
        asked = {"code": wanted.reason_code}
        query = KeysetQuery(
            _SUPPRESSIONS_BY_AGE,
            sources=[Source("suppressions_by_age", asked=asked, unindexed=_asks(asked))],
            low=span(None, None)[0],
            high=span(None, None)[1],
        )
        if wanted.address is not None:
            source = Source("suppressions_by_address", asked=asked, unindexed=_asks(asked))
            low = _checked(wanted.address)
            query = KeysetQuery(_SUPPRESSIONS_BY_ADDRESS, sources=[source], low=low, high=low + LAST_LETTER)
        with self._database.snapshot():
            found = self._keyset.page(query, cursor, size)
            rows = self._in_order(
                "listed_suppressions", "addresses", [position.ties[0] for position in found.positions], "address"
            )
            return _page(found, map(suppression_of, rows))

    def listed_records(self, ids: Iterable[object], now: datetime | None) -> list[ListedRecord]:
        """Return what a list shows of records, in the order of `ids`."""
        listed = [listed_record(row) for row in self._in_order("listed_records", "records", list(ids))]
        live = {record.enrollment_id for record in listed if not record.is_over}
        expected = self._expecting.of(live, now) if now is not None and live else {}
        return [
            replace(record, expected_at=one.at, waits_for=one.waits_for) if (one := expected.get(record.id)) else record
            for record in listed
        ]

    def listed_enrollments(self, ids: Iterable[object], now: datetime) -> list[ListedEnrollment]:
        """Return what a list shows of enrollments, in the order of `ids`."""
        rows = self._in_order("listed_enrollments", "enrollments", list(ids))
        expected = self._expecting.of((row["id"] for row in rows if row["ended_at"] is None), now)
        return [listed_enrollment(row, expected) for row in rows]

    def enrollment(self, enrollment_id: int, now: datetime) -> EnrollmentDetail | None:
        """Return an enrollment and its records; None if there is none."""
        with self._database.snapshot():
            found = self.listed_enrollments([enrollment_id], now)
            records = self._database.run("records_of_enrollment", enrollment_id=enrollment_id)
            listed = self.listed_records([row["id"] for row in records], now)
            return EnrollmentDetail(found[0], records=tuple(listed)) if found else None

    def words(self, record_id: int) -> tuple[str, str | None]:
        """Return the message and the subject of the step that a record is of."""
        row = self._database.run("step_of_record", record_id=record_id)[0]
        return row["message"], row["subject"]

    def excerpts(self, ids: Iterable[int]) -> dict[int, Excerpt]:
        """Return what records say."""
        given = keys(ids)
        rows = self._database.run("excerpts_of_records", records=given) if given else []
        return {row["id"]: excerpt_of(row) for row in rows}

    def reasons(self, ids: Iterable[int]) -> list[tuple[int, ReasonCode, datetime]]:
        """Return why and when records ended; of those that have no reason or have not ended, nothing."""
        given = keys(ids)
        rows = self._database.run("reasons_of_records", records=given) if given else []
        return [(row["id"], ReasonCode(row["reason_code"]), instant(row["ended_at"])) for row in rows]

    def settlements(self, record_id: int) -> list[Settlement]:
        """Return as what a record was settled while it was unknown, the first time first."""
        return [settlement_of(row) for row in self._database.run("settlements_of_record", record_id=record_id)]

    def _listed_leads(self, ids: Listing[object], now: datetime) -> Iterable[ListedLead]:
        leads = keys(ids)
        triggers = _by_lead(self._database.run("triggers_of_leads", leads=leads)) if leads else {}
        standing = _by_lead(self._database.run("standing_of_listed_leads", leads=leads)) if leads else {}
        live = {row["enrollment_id"] for rows in standing.values() for row in rows if row["is_live"]}
        expected = self._expecting.of(live, now)
        for row in self._in_order("listed_leads", "leads", ids):
            yield listed_lead(row, triggers.get(row["id"], ()), standing.get(row["id"], ()), expected)

    def _query_leads(self, wanted: LeadFilter, looked: TextSearch | None) -> KeysetQuery:
        since, until = span(wanted.since, wanted.until)
        sequence = self._sequence(wanted.sequence)
        asked: dict[str, Any] = {
            "has_trigger": wanted.trigger,
            "lives_in": sequence,
            "is_barred": None if wanted.is_barred is None else int(wanted.is_barred),
        }
        spans = {"since": since, "until": until}
        has_span = wanted.since is not None or wanted.until is not None

        def source(statement: str, *drives: str, spans_too: bool = has_span, **own: object) -> Source:
            beside = {name: None if name in drives else value for name, value in asked.items()}
            unindexed = spans_too or _asks(beside)
            return Source(statement, asked={**beside, **spans, **own}, unindexed=unindexed)

        if looked is not None:
            low = self._lowered(looked)
            return KeysetQuery(_BY_ADDRESS, sources=[source(_BY_TEXT[looked.kind])], low=low, high=low + LAST_LETTER)
        if wanted.is_barred:
            suppressed = [source("barred_by_phone", "is_barred"), source("barred_by_email", "is_barred")]
            return KeysetQuery(_BY_ADDRESS, sources=suppressed, low="", high=LAST_LETTER)
        if sequence is not None:
            by_sequence = source("leads_of_sequence", "lives_in", sequence=sequence)
            return KeysetQuery(_BY_ID, sources=[by_sequence], low=0, high=HIGHEST_ID)
        if wanted.trigger is not None:
            by_trigger = source("leads_of_trigger", "has_trigger", trigger=wanted.trigger)
            return KeysetQuery(_BY_ID, sources=[by_trigger], low=0, high=HIGHEST_ID)
        if has_span:
            by_creation = source("leads_by_creation", spans_too=False)
            return KeysetQuery(_BY_CREATION, sources=[by_creation], low=since, high=until)
        return KeysetQuery(_BY_ID, sources=[source("leads_by_id")], low=0, high=HIGHEST_ID)

    def _query_records(self, wanted: RecordFilter, looked: TextSearch | None) -> KeysetQuery:
        asked = {
            "sequence_id": self._sequence(wanted.sequence),
            "step": wanted.step,
            "step_id": wanted.step_id,
            "sender_id": self._sender(wanted.sender),
            "is_held": None if wanted.is_held is None else int(wanted.is_held),
            "reason_code": wanted.reason_code,
            "due_after": span(wanted.due_after, None)[0],
        }
        low, high = span(wanted.since, wanted.until)
        return KeysetQuery(
            SortOrder(f"records.{wanted.order}", datetime, ties=(int,), goes_down=wanted.order == Order.LATEST),
            sources=record_sources(self._database, wanted, asked, self._people(wanted.lead_id, looked)),
            low=low,
            high=high,
        )

    def _query_enrollments(self, wanted: EnrollmentFilter) -> KeysetQuery:
        sequence = self._sequence(wanted.sequence)
        return KeysetQuery(_BY_ID, sources=self._enrollment_sources(wanted, sequence), low=0, high=HIGHEST_ID)

    def _enrollment_sources(self, wanted: EnrollmentFilter, sequence: int | None) -> list[Source]:
        own = {"sequence_id": sequence, "code": wanted.end_code}
        if wanted.lead_id is not None:
            is_live = None if wanted.is_live is None else int(wanted.is_live)
            return [Source("enrollments_of_person", asked={**own, "lead": wanted.lead_id, "is_live": is_live})]
        if wanted.end_code is not None:
            # What is live has not ended for any reason.
            by_reason = Source("enrollments_by_reason", asked=own, unindexed=sequence is not None)
            return [] if wanted.is_live else [by_reason]
        if sequence is None and wanted.is_live is None:
            return [Source("enrollments_by_id")]
        streams = {str(of): {"sequence": of} for of in self._sequences(sequence)}
        both = {"enrollments_of_sequences": True, "ended_of_sequences": False}
        return [
            Source(statement, asked={"streams": streams})
            for statement, is_live in both.items()
            if wanted.is_live in {None, is_live}
        ]

    def _people(self, lead_id: int | None, looked: TextSearch | None) -> dict[str, None] | None:
        """Return the leads whose records are asked for; None for everybody's.

        Raises:
            InvalidFilter: A text means too many.
        """
        if looked is None:
            return None if lead_id is None else keys([lead_id])
        ids = self._keyset.any(self._query_leads(LeadFilter(), looked), PEOPLE_LIMIT + 1)
        if len(ids) > PEOPLE_LIMIT:
            raise InvalidFilter(f"More than {PEOPLE_LIMIT:,} leads begin with {looked.text!r}: write more of it.")
        return keys(one for one in ids if lead_id in {None, one})

    def _lowered(self, looked: TextSearch) -> str:
        """Return a text as the database compares it."""
        if looked.kind is not TextKind.NAME:
            return looked.text
        return str(self._database.run("lowered", text=looked.text)[0]["text"])

    def _sequences(self, sequence: int | None) -> list[int]:
        return [row["id"] for row in self._database.run("sequence_ids")] if sequence is None else [sequence]

    def _sequence(self, name: str | None) -> int | None:
        if name is None:
            return None
        found = [row["id"] for row in self._database.run("sequence_ids") if row["name"] == name]
        if not found:
            raise InvalidSequence(f"There is no sequence {name!r}: apply it, or name another.")
        return int(found[0])

    def _sender(self, name: str | None) -> int | None:
        if name is None:
            return None
        found = [row["id"] for row in self._database.run("sender_ids") if row["name"] == name]
        if not found:
            raise InvalidSender(f"There is no sender {name!r}: see dripline senders for those there are.")
        return int(found[0])

    def _in_order(self, statement: str, batch: str, ids: Listing[object], key: str = "id") -> list[Row]:
        """Run a statement on ids and return its rows in their order; one that is gone is left out."""
        if not ids:
            return []
        rows = {row[key]: row for row in self._database.run(statement, **{batch: keys(ids)})}
        return [rows[one] for one in ids if one in rows]

    def _tried(self, tries: Listing[tuple[int, int]]) -> list[Row]:
        given = {f"{record}:{number}": {"record": record, "number": number} for record, number in tries}
        found = self._database.run("listed_attempts", attempts=given) if given else []
        rows = {(row["record_id"], row["number"]): row for row in found}
        return [rows[one] for one in tries if one in rows]


def _page(found: PageKeys, rows: Iterable[Any]) -> Page[Any]:
    return Page(tuple(rows), next=found.next, previous=found.previous)


def _asks(beside: Mapping[str, object]) -> bool:
    return any(value is not None for value in beside.values())


def _by_lead(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["lead_id"], []).append(row)
    return found


def _checked(text: str) -> str:
    if not is_text(text):
        raise InvalidFilter("What is looked for holds a character that is not text: remove it.")
    return text.strip()
