"""Checks: the invariants, what can be mended, and a backup that was put back."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from dripline.app.unknown import UnknownCases
from dripline.core.trouble import Trouble, jumped_clock
from dripline.core.views.operations import Repair, Suspects
from dripline.core.views.records import StepCount
from dripline.errors import InvalidInput
from dripline.store.records.repair import repair
from dripline.store.restored import count_suspects
from dripline.verify import Breach, verify


class CheckCases(UnknownCases):
    """What can be asked about the state of the database."""

    def plan_restored(self, since: datetime | None = None) -> Suspects:
        """Count what may have gone since a backup that was put back: everything that was due by now.

        Raises:
            InvalidInput: The backup's instant, `since`, is still to come.
        """
        now = self._now()
        _check_backup(since, now)
        return count_suspects(self._database, now)

    def restored(self, since: datetime | None = None) -> int:
        """Say that a backup was put back: what was due by now may have gone meanwhile and waits for a person.

        It becomes unknown, and what follows it in an enrollment too, once it is next. What was paused because the copy
        was seen goes on, unless somebody had paused everything before. Returns how many records wait now. Opt-outs
        since the backup are not known any more: bar those people again. `since`: the backup's last instant, for whoever
        reads the reason later.

        Raises:
            InvalidInput: The instant is still to come.
        """
        now = self._now()
        _check_backup(since, now)
        self._passes.count(now)
        waiting = self._deciding.suspect_all(since)
        if self._passes.settle():
            self._stopping.resume_copy()
        return waiting

    def counts(self) -> dict[str, int]:
        """Count leads, enrollments, and records by status."""
        return self._reads.counts()

    def step_counts(self) -> list[StepCount]:
        """Count the records of each step of each sequence by status and reason."""
        return self._reads.step_counts()

    def lateness(self) -> Mapping[int, int]:
        """Count completed records by how many seconds after their planned time they were accepted."""
        return self._reads.lateness()

    def troubles(self) -> list[Trouble]:
        """Return what waits for a person.

        Broken senders, paused steps, missing channels, messages nobody knows of, subscriptions that take nothing, this
        machine's clock where it is wrong by the database server's, or was set and there is no other.
        """
        jumps = self._origin._jumps  # noqa: SLF001  (another one of our own)
        ahead = timedelta(0) if jumps is None else jumps.look()
        return [*self._troubles.found(self._channels, self._now()), *([jumped_clock(ahead)] if ahead else [])]

    def alert(self, tell: Callable[[str], bool]) -> int:
        """Tell a person of `troubles`, each once a day or when it has changed; returns how many were told.

        `tell` is given a sentence a line, and returns whether the person got them: if not, they are told the next time.
        Any number of processes may do this on one database: one of them tells.
        """
        untold = self._troubles.take_untold(self.troubles(), self._now())
        if untold and not tell("\n".join(trouble.told for trouble in untold)):
            self._troubles.take_back(untold)
            return 0
        return len(untold)

    def verify(self) -> list[Breach]:
        """Return every breach of the invariants; none when all is well."""
        return verify(self._database, self._now())

    def repair(self) -> list[Repair]:
        """Mend those breaches that can be mended without guessing whether a message went, and say what was done."""
        return repair(self._database, self._store, self._now())


def _check_backup(since: datetime | None, now: datetime) -> None:
    if since is not None and since > now:
        raise InvalidInput(f"The backup cannot be of {since:%Y-%m-%d %H:%M} UTC, which is still to come.")
