"""Records of which nobody knows whether they went: listed, and settled one by one or in bulk."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from dripline.app.permissions import UseCases, requires
from dripline.core.accounts.access import Scope
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.records.evidence import Evidence, EvidenceLine
from dripline.core.records.unknown import Resolution, Settled, UnknownFilter
from dripline.core.text import as_text
from dripline.core.views.records import UnknownRecord
from dripline.errors import InvalidFilter
from dripline.importing.evidence_file import read_evidence

BY_LIMIT = 120
"""How long the name of whoever settles is, in characters."""


_PLAIN = re.compile(r"[1-9][0-9]{6,14}|[a-z0-9._%+-]+@[a-z0-9.-]+")
"""What is in the form already in which leads have it."""


class UnknownRecords(UseCases):
    """The unknown records of the database.

    `by`: who says it, where a program says it for somebody; else whoever acts. It stands in each record's history.

    Raises:
        InvalidFilter: A filter names what does not exist.
        InvalidSequence: There is no sequence of that name.
        InvalidSender: There is no sender of that name.
    """

    @requires(Scope.RECORDS_READ)
    def all(self, *, most: int = 1_000) -> list[UnknownRecord]:
        """Return records of which nobody knows whether they went; those that wait for an answer or a person first."""
        return self._stores.reads.unknown(most)

    @requires(Scope.RECORDS_READ)
    def plan_settle(self, resolution: Resolution | str, wanted: UnknownFilter | None = None) -> Settled:
        """Say what `settle` would do now; nothing is changed."""
        return self._stores.deciding.plan(_read(resolution), self._meant(wanted), self._session.now())

    @requires(Scope.RECORDS_WRITE, audited_as="settle_unknown", is_long=True)
    def settle(
        self,
        resolution: Resolution | str,
        wanted: UnknownFilter | None = None,
        *,
        by: str | None = None,
        most: int | None = None,
        on_progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> Settled:
        """Settle unknown records as `sent`, `resend` or `skip`: all that wait now, or those that a filter finds.

        500 a transaction, so that sending goes on beside it. A record that a receipt or another person settled
        meanwhile is left, and so is what becomes unknown meanwhile. `most`: no more than so many.
        """
        return self._stores.deciding.settle(_read(resolution), self._meant(wanted), self._by(by), most, on_progress)

    @requires(Scope.LEADS_READ)
    def read_evidence(self, path: Path, *, zone: tzinfo | None = None, channel: str | None = None) -> Evidence:
        """Read what a provider exports, CSV or Excel; a phone without its country is one of this process's region.

        `zone` is where times are that say none, `channel` the one that the export is of, if not all.

        Raises:
            InvalidFile: It cannot be read, or it has no column of statuses or none that names messages, or a time in it
                cannot be read or says no zone.
        """
        return Evidence(read_evidence(path, region=self._application.region, zone=zone).lines, channel=channel)

    @requires(Scope.RECORDS_READ)
    def plan_settle_by_evidence(self, evidence: Evidence | None = None) -> Settled:
        """Say what `settle_by_evidence` would do now; nothing is changed."""
        return self._stores.proving.plan(self._held(evidence))

    @requires(Scope.RECORDS_WRITE, audited_as="settle_by_evidence", is_long=True)
    def settle_by_evidence(
        self,
        evidence: Evidence | None = None,
        *,
        by: str | None = None,
        on_progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> Settled:
        """Settle every unknown record of which a provider's export, or a receipt, proves whether it went.

        What went is completed under the provider's id, what did not go is sent again. Where nothing is proved, or where
        two messages fit, records are left and named, each with its reason.
        """
        return self._stores.proving.settle(self._held(evidence), self._by(by), on_progress)

    @requires(Scope.RECORDS_READ)
    def plan_settle_one(self, record_id: int, resolution: Resolution | str) -> Settled:
        """Say what `settle_one` would do now; nothing is changed."""
        return self._stores.deciding.plan_one(record_id, _read(resolution))

    @requires(Scope.RECORDS_WRITE, audited_as="settle_record")
    def settle_one(self, record_id: int, resolution: Resolution | str, *, by: str | None = None) -> Settled:
        """Settle one unknown record as `sent`, `resend` or `skip`; says why one is left as it is."""
        return self._stores.deciding.settle_one(record_id, _read(resolution), self._by(by))

    @requires(Scope.RECORDS_WRITE, audited_as="confirm_sent")
    def confirm_sent(self, record_id: int) -> bool:
        """Complete an unknown record that you know to have gone; its enrollment goes on. False if it is not unknown."""
        return bool(self.settle_one(record_id, Resolution.SENT).records)

    @requires(Scope.RECORDS_WRITE, audited_as="send_again")
    def send_again(self, record_id: int) -> bool:
        """Send an unknown record again that you know not to have gone. False if its enrollment does not wait for it."""
        return bool(self.settle_one(record_id, Resolution.RESEND).records)

    def _held(self, evidence: Evidence | None) -> Evidence:
        """Return evidence whose channel is there, and whose addresses are in the form in which leads have them."""
        given = evidence or Evidence()
        self._stores.deciding.check(UnknownFilter(channel=given.channel))
        return replace(given, lines=[self._line(line) for line in given.lines])

    def _line(self, line: EvidenceLine) -> EvidenceLine:
        written = line.address
        if written is None or _PLAIN.fullmatch(written):
            return line
        named = lead_ref(written)
        return replace(line, address=self._session.address(named.get("phone"), named.get("email")))

    def _by(self, by: str | None) -> str:
        return as_text((by or "").strip(), BY_LIMIT) or self._session.actor.name

    def _meant(self, wanted: UnknownFilter | None) -> UnknownFilter:
        """Return a filter whose addresses are in the form in which leads have them."""
        asked = wanted or UnknownFilter()
        if asked.leads is None:
            return asked
        named = map(lead_ref, asked.leads)
        return replace(asked, leads=[self._session.address(one.get("phone"), one.get("email")) for one in named])


def _read(resolution: Resolution | str) -> Resolution:
    try:
        return Resolution(resolution)
    except ValueError:
        known = ", ".join(Resolution)
        raise InvalidFilter(f"An unknown record is not settled as {resolution!r}: use one of {known}.") from None
