"""What people and programs look at: leads, records, attempts. Never writes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Listing
from datetime import datetime, timedelta
from functools import lru_cache

from dripline.core.enrollments.enrolling import Candidate, answers, reason
from dripline.core.events.inbound import Delivery
from dripline.core.explain import words, words_or_none
from dripline.core.leads.attribute import OWN_FIELDS
from dripline.core.leads.identity import Identity
from dripline.core.leads.lead import Lead
from dripline.core.reason import code_of, facts_of
from dripline.core.records.record import StepRecord
from dripline.core.records.why import Around, DeliveryReport, TimeChange, time_change
from dripline.core.sequences.policy import ReEntry
from dripline.core.time.lead_zone import lead_zone
from dripline.core.views.records import StepCount, UnknownRecord
from dripline.core.views.timeline import Attempt, Candidacy, Enrollment, NotEnrolled, Timeline
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.leads.notes import note_of
from dripline.store.reasons import known_reason_of, reason_in, reason_of
from dripline.store.records.expected import Expecting
from dripline.store.rows import lead_of, record_of

PAGE = 1_000
"""How many records a listing reads at a time."""


class Timelines:
    """Everything that only looks, on one database."""

    def __init__(self, database: Database, expecting: Expecting | None = None) -> None:
        self._database = database
        self._expecting = expecting

    def attribute_names(self) -> list[str]:
        """Return the attributes that leads are known to have."""
        return [row["name"] for row in self._database.run("attribute_names")]

    def lacking(self, trigger: str, attribute: str) -> tuple[int, int]:
        """Return how many leads have a trigger, and how many of them have no value for an attribute."""
        # As text: a quote inside a value is written \\", so that no value looks like a key.
        if attribute in OWN_FIELDS:
            row = self._database.run("lacking_field", trigger=trigger, field=attribute)[0]
        else:
            row = self._database.run("lacking", trigger=trigger, written=f'"{attribute}": ')[0]
        return row["leads"], row["lacking"]

    def idle_triggers(self) -> list[str]:
        """Return the triggers that leads have and no sequence starts on."""
        return [row["trigger"] for row in self._database.run("idle_triggers")]

    def leads(self, address: str) -> list[Lead]:
        """Return the leads that have an address, in its stored form."""
        return [lead_of(row) for row in self._database.run("leads_of_address", address=address)]

    def lead(self, lead_id: int) -> Lead | None:
        """Return a lead by its id; None if there is none."""
        return next(map(lead_of, self._database.run("lead_of_id", lead_id=lead_id)), None)

    def due(self, now: datetime) -> list[StepRecord]:
        """Return what the mission's query finds: every record that is active and due, and nothing else."""
        return [record_of(row) for row in self._database.run("due", now=now)]

    def count_due(self, now: datetime) -> int:
        """Count every record that is active and due."""
        return int(self._database.run("count_due", now=now)[0]["many"])

    def records_of(self, lead: Lead) -> list[StepRecord]:
        """Return every record of a lead, enrollment by enrollment, in step order."""
        return [record_of(row) for row in self._database.run("records_of_lead", lead_id=lead.id)]

    def all_records(self) -> Iterator[StepRecord]:
        """Yield every record there is, in the order of their ids, a page at a time."""
        last = 0
        while page := self._database.run("all_records", after=last, page=PAGE):
            last = page[-1]["id"]
            yield from (record_of(row) for row in page)

    def step_counts(self) -> list[StepCount]:
        """Count the records of each step by status and reason."""
        return [_step_count(row) for row in self._database.run("step_counts")]

    def lateness(self) -> Counter[int]:
        """Count completed records by how many seconds after their planned time they were accepted."""
        late: Counter[int] = Counter()
        last = 0
        while page := self._database.run("completed", after=last, page=PAGE):
            last = page[-1]["id"]
            late.update(_seconds_between(row["planned_time"], row["completed_at"]) for row in page)
        return late

    def other_channels(self, channels: Iterable[str]) -> list[str]:
        """Return the channels that sequences name and that are none of `channels`."""
        return [row["channel"] for row in self._database.run("other_channels", channels=dict.fromkeys(channels))]

    def waiting_for_channel(self, channels: Iterable[str], now: datetime) -> dict[str, int]:
        """Count due records whose channel is none of `channels`, by channel."""
        known = dict.fromkeys(channels)
        if not self.other_channels(known):
            return {}
        rows = self._database.run("count_waiting_for_channel", channels=known, now=now)
        return {row["channel"]: row["waiting"] for row in rows}

    def unknown(self, limit: int) -> list[UnknownRecord]:
        """Return the records of which nobody knows whether they went; those that wait for somebody first."""
        return [_unknown(row) for row in self._database.run("unknown_records", most=limit)]

    def counts(self) -> dict[str, int]:
        """Count leads, enrollments, and records by status, by the tallies."""
        counts = {"leads": 0, "enrollments": 0}
        for row in self._database.run("tally_totals"):
            what = _counted(row["sequence_id"], row["step"], row["status"])
            counts[what] = counts.get(what, 0) + row["many"]
        return {what: count for what, count in counts.items() if count or what in {"leads", "enrollments"}}

    def timeline(self, lead: Lead, now: datetime) -> Timeline:
        """Return everything about one lead, as of one instant."""
        with self._database.snapshot():
            candidates = list(self._candidates(lead, now))
            rows = self._database.run("circumstances_of_lead", lead_id=lead.id)
            zone = self._zone(lead, rows)
            return Timeline(
                lead,
                triggers=tuple(
                    (row["trigger"], instant(row["gained_at"]))
                    for row in self._database.run("triggers_of_lead", lead_id=lead.id)
                ),
                enrollments=tuple(self._enrollments(lead)),
                records=tuple(self.records_of(lead)),
                attempts=tuple(self._attempts(lead)),
                not_enrolled=tuple(_not_enrolled(candidates)),
                candidacies=tuple(
                    Candidacy(one.sequence, is_live=one.is_live, answers=tuple(answers(one))) for one in candidates
                ),
                identities=tuple(
                    Identity(row["channel"], value=row["value"])
                    for row in self._database.run("names_of_lead", lead_id=lead.id)
                ),
                notes=tuple(map(note_of, self._database.run("notes_of_lead", lead_id=lead.id))),
                around=self._around(lead, rows, zone, now),
                zone=zone,
            )

    def _zone(self, lead: Lead, rows: Listing[Row]) -> str:
        """Return where a lead is: as its latest run has it, else by its own word, its phone, or the workspace."""
        sequence = rows[-1]["sequence_zone"] if rows else None
        workspace = self._database.run("workspace")[0]["zone"]
        return lead_zone(lead=lead.zone, phone=lead.phone, sequence=sequence, workspace=workspace)

    def _around(self, lead: Lead, rows: Listing[Row], zone: str, now: datetime) -> dict[int, Around]:
        """Return what the answer of each of a lead's records is made of."""
        open_runs = {row["enrollment_id"] for row in rows if row["is_open"]}
        expected = self._expecting.of(open_runs, now) if self._expecting else {}
        moves: dict[int, list[TimeChange]] = {}
        for row in self._database.run("moves_of_lead", lead_id=lead.id):
            moves.setdefault(row["record_id"], []).append(time_change(instant(row["moved_to"]), known_reason_of(row)))
        return {
            row["id"]: Around(
                moves=tuple(moves.get(row["id"], ())),
                expected=expected.get(row["id"]),
                sender=row["sender"],
                delivery=_delivery(row),
                zone=zone,
            )
            for row in rows
        }

    def _candidates(self, lead: Lead, now: datetime) -> Iterator[Candidate]:
        for row in self._database.run("candidacies", lead_id=lead.id, now=now):
            yield Candidate(
                row["sequence"],
                trigger=row["trigger"],
                address_kind=row["address_kind"],
                has_address=bool(row["has_address"]),
                gained_at=instant_or_none(row["gained_at"]),
                twin=row["twin"],
                suppressed=words_or_none(reason_in(row["barred"])),
                goal=row["goal"],
                runs=row["runs"],
                is_live=bool(row["is_live"]),
                re_entry=ReEntry(row["re_entry"]),
                began_at=instant_or_none(row["began_at"]),
                between_runs=timedelta(seconds=row["re_entry_gap_seconds"]),
                group=row["exclusive_group"],
                rival=row["rival"],
                is_invited=bool(row["is_invited"]),
            )

    def _enrollments(self, lead: Lead) -> Iterator[Enrollment]:
        for row in self._database.run("enrollments_of_lead", lead_id=lead.id):
            end = reason_of(row, "end")
            yield Enrollment(
                row["id"],
                sequence=row["sequence"],
                trigger=row["trigger"],
                version=row["version"],
                enrolled_at=instant(row["enrolled_at"]),
                ended_at=instant_or_none(row["ended_at"]),
                end_reason=words_or_none(end),
                end_code=code_of(end),
                end_facts=facts_of(end),
            )

    def _attempts(self, lead: Lead) -> Iterator[Attempt]:
        return map(attempt_of, self._database.run("attempts_of_lead", lead_id=lead.id))


def _step_count(row: Row) -> StepCount:
    reason = reason_of(row)
    return StepCount(
        row["sequence"],
        step=row["current_step"],
        status=row["status"],
        reason=words_or_none(reason),
        reason_code=code_of(reason),
        reason_facts=facts_of(reason),
        many=row["many"],
    )


def _unknown(row: Row) -> UnknownRecord:
    reason = known_reason_of(row)
    return UnknownRecord(
        row["id"],
        sequence=row["sequence"],
        step=row["current_step"],
        address=row["address"],
        name=row["name"],
        tried_at=instant(row["tried_at"]),
        reason=words(reason),
        reason_code=reason.code,
        reason_facts=reason.facts,
        waits=row["ended_at"] is None,
    )


def attempt_of(row: Row) -> Attempt:
    """Read a try."""
    return Attempt(
        row["record_id"],
        number=row["number"],
        worker=row["worker"],
        started_at=instant(row["started_at"]),
        finished_at=instant_or_none(row["finished_at"]),
        outcome=row["outcome"],
        provider_id=row["provider_id"],
        error=row["error"],
        text=row["text"],
        delivery=row["delivery"],
        delivery_at=instant_or_none(row["delivery_at"]),
        delivery_error=row["delivery_error"],
    )


def _not_enrolled(candidates: Iterable[Candidate]) -> Iterator[NotEnrolled]:
    """Yield the sequences that a lead's triggers start and in which it never was, each with what stood in the way."""
    for one in candidates:
        if one.gained_at is not None and not one.runs:
            yield NotEnrolled(one.sequence, reason=reason(one))


def _counted(sequence_id: int, step: int, status: str) -> str:
    """Return what a tally counts: leads, enrollments, or records of a status."""
    if step == 0:
        return "enrollments" if sequence_id else "leads"
    return "unknown" if status == "held" else status


def _delivery(row: Row) -> DeliveryReport | None:
    """Read what the provider reported of a message after it had accepted it; None where it reported nothing."""
    if row["delivery"] is None:
        return None
    return DeliveryReport(
        Delivery(row["delivery"]), at=instant_or_none(row["delivery_at"]), error=row["delivery_error"]
    )


@lru_cache(maxsize=4_096)
def _seconds_between(planned: object, completed: object) -> int:
    """Return the seconds from one instant to another; many records share both."""
    return (instant(completed) - instant(planned)) // timedelta(seconds=1)
