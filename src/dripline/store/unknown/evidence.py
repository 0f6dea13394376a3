"""Unknown records settled by what a provider says of them, a batch of people at a time."""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.events.inbound import Delivery
from dripline.core.records.evidence import Evidence, EvidenceLine, Matching, Proof, Tried, one_line_a_message
from dripline.core.records.unknown import Settled, Subject, UnknownFilter, Unsettled, settled_as, unsettled
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import SECOND, Store, keys
from dripline.store.leads.identities import Identities
from dripline.store.records.receipts import RANK
from dripline.store.unknown.manual_settlement import ManualSettlement, Progress, Verdict, in_batches
from dripline.store.unknown.unknown_filter import UnknownQueries

LONGEST_AGO = timedelta(days=366)
"""How long ago a message may have gone whose time is believed."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of evidence by what they name."""

    by_record: Mapping[int, list[EvidenceLine]] = field(kw_only=True)
    by_id: Mapping[str, list[EvidenceLine]] = field(kw_only=True)
    by_address: Mapping[str, list[EvidenceLine]] = field(kw_only=True)

    def about(self, address: str | None, tries: Iterable[Tried]) -> list[EvidenceLine]:
        """Return the lines that may be about one of the tries that were sent to an address."""
        own = list(tries)
        found = [*self.by_address.get(address or "", ())]
        for record in {one.record_id for one in own}:
            found += self.by_record.get(record, ())
        for provider_id in {one.provider_id for one in own if one.provider_id is not None}:
            found += self.by_id.get(provider_id, ())
        return list({line.number: line for line in found}.values())


class EvidenceSettlement:
    """Settles by evidence, on one database."""

    def __init__(self, database: Database, store: Store, deciding: ManualSettlement) -> None:
        self._database = database
        self._store = store
        self._deciding = deciding
        self._asking = UnknownQueries(database)
        self._identities = Identities(database)

    def plan(self, evidence: Evidence) -> Settled:
        """Say what settling by evidence would do; nothing is changed."""
        lines = _by_name(evidence)
        total = Settled()
        for batch in in_batches(self._whose()):
            verdicts, remaining, _ = self._judged(batch, lines, evidence)
            effects, left = self._deciding.planned({verdict.record_id: verdict for verdict in verdicts})
            total += settled_as(effects, [*remaining, *left])
        return total

    def settle(self, evidence: Evidence, by: str, on_progress: Progress) -> Settled:
        """Settle what is proved, and name what is not."""
        lines, whose = _by_name(evidence), self._whose()
        total, done = Settled(), 0
        for batch in in_batches(whose):
            total += self._store.together(lambda batch=batch: self._settled(batch, lines, evidence, by))
            done += len(batch)
            on_progress(done, len(whose))
            if done < len(whose):
                self._store.give_way()
        return total

    def _whose(self) -> list[tuple[int, int, str | None]]:
        """Return every unknown record, its last try and its address, by address."""
        found = self._asking.find(self._asking.check(UnknownFilter(with_ended=True)))
        subjects = (subject for batch in in_batches(list(found)) for subject in self._asking.subjects(batch))
        whose = ((one.record_id, found[one.record_id], one.address) for one in subjects)
        return sorted(whose, key=lambda one: (one[2] or "", one[0]))

    def _settled(
        self, batch: Listing[tuple[int, int, str | None]], lines: _Lines, evidence: Evidence, by: str
    ) -> Settled:
        self._store.hold_records(record for record, _, _ in batch)
        verdicts, remaining, proofs = self._judged(batch, lines, evidence)
        effects, left = self._deciding.settle_batch(verdicts, by)
        self._note_deliveries([(one, proofs[one.record_id]) for one, _ in effects], self._store.now())
        return settled_as(effects, [*remaining, *left])

    def _judged(
        self, batch: Listing[tuple[int, int, str | None]], lines: _Lines, evidence: Evidence
    ) -> tuple[list[Verdict], list[Unsettled], dict[int, Proof]]:
        """Say of each record as what it is proved to be settled, or why it is left."""
        tries = self._tries({address for _, _, address in batch if address is not None}, evidence.channel)
        subjects = {subject.record_id: subject for subject in self._asking.subjects(one[0] for one in batch)}
        verdicts: list[Verdict] = []
        remaining: list[Unsettled] = []
        proofs: dict[int, Proof] = {}
        for record, tried, address in batch:
            own = tries.get(address or "", [])
            proof = Matching(own, lines=lines.about(address, own), within=evidence.within).prove(record)
            if isinstance(proof, Proof):
                proofs[record] = proof
                verdicts.append(
                    Verdict(
                        record,
                        attempt=tried,
                        resolution=proof.resolution,
                        provider_id=proof.provider_id,
                        proof=proof.text,
                    )
                )
            elif record in subjects:
                remaining.append(unsettled(subjects[record], proof))
        return verdicts, remaining, proofs

    def _tries(self, addresses: set[str], channel: str | None) -> dict[str, list[Tried]]:
        """Return every try that was sent to one of some addresses, by address."""
        tries: dict[str, list[Tried]] = {}
        for row in self._database.run("tries_at_addresses", addresses=keys(addresses), channel=channel):
            tries.setdefault(row["address"], []).append(_tried(row))
        return tries

    def _note_deliveries(self, proved: Listing[tuple[Subject, Proof]], now: datetime) -> None:
        """Write how far messages came whose ids are known, and which record's they are: receipts may follow."""
        went = [(one, proof, proof.provider_id) for one, proof in proved if proof.provider_id and proof.delivery]
        rows = [
            {
                "record": one.record_id,
                "provider": provider_id,
                "state": proof.delivery,
                "rank": RANK[proof.delivery],
                "delay": (_reported_at(proof, now) - now) // SECOND,
                "error": proof.text if proof.delivery is Delivery.FAILED else None,
            }
            for one, proof, provider_id in went
            if proof.delivery is not None
        ]
        if rows:
            self._database.change("note_deliveries", receipts=rows, now=now)
            self._identities.note_sent((one.channel, provider_id, one.record_id) for one, _, provider_id in went)


def _reported_at(proof: Proof, now: datetime) -> datetime:
    """Return when a provider says that a message came so far; an instant that cannot be one is now."""
    return proof.at if proof.at is not None and now - LONGEST_AGO <= proof.at <= now else now


def _by_name(evidence: Evidence) -> _Lines:
    by_record: dict[int, list[EvidenceLine]] = {}
    by_id: dict[str, list[EvidenceLine]] = {}
    by_address: dict[str, list[EvidenceLine]] = {}
    for line in one_line_a_message(evidence.lines):
        if line.record_id is not None:
            by_record.setdefault(line.record_id, []).append(line)
        if line.provider_id is not None:
            by_id.setdefault(line.provider_id, []).append(line)
        if line.address is not None:
            by_address.setdefault(line.address, []).append(line)
    return _Lines(by_record=by_record, by_id=by_id, by_address=by_address)


def _tried(row: Row) -> Tried:
    return Tried(
        row["record_id"],
        number=row["number"],
        address=row["address"],
        started_at=instant(row["started_at"]),
        is_open=row["outcome"] in {None, "unknown"},
        is_accepted=row["outcome"] == "accepted",
        provider_id=row["provider_id"],
    )
