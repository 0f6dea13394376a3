"""Alerts: what waits for a person, and who is told of it."""

from collections.abc import Callable
from datetime import timedelta

from dripline.app.permissions import UseCases, public, requires
from dripline.core.accounts.access import Scope
from dripline.core.alerts import Alert, jumped_clock


class Alerts(UseCases):
    """What waits for a person."""

    @requires(Scope.REPORTS_READ)
    def all(self) -> list[Alert]:
        """Return what waits for a person.

        Broken senders, paused steps, missing channels, messages nobody knows of, subscriptions that take nothing, this
        machine's clock where it is wrong by the database server's, or was set and there is no other.
        """
        jumps = self._application.jumps
        ahead = timedelta(0) if jumps is None else jumps.look()
        return [
            *self._stores.alerts.found(self._session.channels, self._session.now()),
            *([jumped_clock(ahead)] if ahead else []),
        ]

    @public
    def send(self, tell: Callable[[str], bool]) -> int:
        """Tell a person of `all`, each once a day or when it has changed; returns how many were told.

        `tell` is given a sentence a line, and returns whether the person got them: if not, they are sent the next time.
        Any number of processes may do this on one database: one of them tells.
        """
        unreported = self._stores.alerts.take_unreported(self.all(), self._session.now())
        if unreported and not tell("\n".join(alert.told for alert in unreported)):
            self._stores.alerts.take_back(unreported)
            return 0
        return len(unreported)
