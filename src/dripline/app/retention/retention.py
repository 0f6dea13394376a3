"""What ended long ago: how much of it there is, how it is written out and removed, and what proofs stay."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice

from dripline.app.permissions import UseCases, requires
from dripline.core.accounts.access import Scope
from dripline.core.records.send_proof import ProofKey, SendProof
from dripline.core.time.schedule import format_delay
from dripline.core.views.retention import EndedCounts
from dripline.core.workspace import KEEP_LEAST
from dripline.errors import InvalidInput, InvalidSettings
from dripline.store.retention.archive import Rows
from dripline.store.retention.retention import ALL_ENTRIES, PAGE

EARLIEST, LATEST = datetime.fromisoformat("1970-01-01T00:00Z"), datetime.fromisoformat("8999-12-31T00:00Z")
"""Between which instants proofs are looked for, unless others are given."""


class Retention(UseCases):
    """What ended before an instant, 30 days ago or longer: enrollments with their records, and entries of logs."""

    @requires(Scope.ADMIN)
    def count(self, before: datetime) -> EndedCounts:
        """Count what ended before an instant and is still there. It reads all of that.

        Raises:
            InvalidInput: The instant is less than 30 days ago, or than the longest `min_gap`.
        """
        return self._stores.retention.counts(self._checked(before))

    @requires(Scope.ADMIN)
    def write(
        self, before: datetime, to: Callable[[Rows], None], *, on_progress: Callable[[int], None] = lambda _count: None
    ) -> list[int]:
        """Give all that ended before an instant to `to`, rows by table, a batch at a time; returns the enrollments.

        `on_progress` is called with the number of enrollments of each batch. Nothing is removed.

        Raises:
            InvalidInput: The instant is less than 30 days ago, or than the longest `min_gap`.
        """
        checked, written = self._checked(before), list[int]()
        for page in filter(None, self._stores.retention.ended(checked)):
            to(self._stores.archive.rows(page))
            written += page
            on_progress(len(page))
        for entries in self._stores.archive.entries(checked):
            to(entries)
        return written

    @requires(Scope.ADMIN, audited_as="remove_ended", is_long=True)
    def remove(
        self, before: datetime, enrollments: list[int], *, on_progress: Callable[[int], None] = lambda _count: None
    ) -> EndedCounts:
        """Remove those of some enrollments that ended before an instant, and the logs' entries; say what was removed.

        A batch in each transaction, so that whoever sends waits for no more than one. What stays is described in
        docs/operating.md. `on_progress` is called with the number of enrollments of each batch.

        Raises:
            InvalidInput: The instant is less than 30 days ago, or than the longest `min_gap`.
            InvalidSettings: This process has no secret to make proofs with.
        """
        checked, key = self._checked(before), self._key()
        retention, removed, left = self._stores.retention, EndedCounts(), iter(enrollments)
        while page := list(islice(left, PAGE)):
            removed += retention.remove(page, checked, key, waits=True)
            on_progress(len(page))
            self._stores.store.give_way()
        while entries := retention.remove_entries(checked, entries=ALL_ENTRIES, waits=True):
            removed += EndedCounts(entries=entries)
        return removed

    @requires(Scope.LEADS_READ)
    def proofs(
        self,
        *,
        phone: str | None = None,
        email: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[SendProof]:
        """Return what went to an address, or may have, whose records were removed: from one instant to before another.

        Raises:
            InvalidLead: The address cannot be read, or none is given.
            InvalidSettings: This process has no secret to find proofs with.
        """
        key = self._key()
        address = self._session.address(phone, email)
        return self._stores.retention.proofs([key.of_address(address)], since or EARLIEST, until or LATEST)

    def _key(self) -> ProofKey:
        key = self._application.proof_key()
        if key is None:
            raise InvalidSettings(
                "There is no secret for proofs of messages: set DRIPLINE_WEB_SECRET, or web.secret in dripline.toml, "
                "to at least 32 characters at random."
            )
        return key

    def _checked(self, before: datetime) -> datetime:
        least = max(KEEP_LEAST, self._stores.retention.longest_gap())
        if before > self._session.now() - least:
            raise InvalidInput(f"What ended less than {format_delay(least)} ago stays: name an earlier day.")
        return before
