"""Operators are told beside the processor, in a thread of their own: nothing that is sent ever waits for that."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from dripline.app import Dripline
from dripline.config.secret_references import read_secret
from dripline.config.settings import Settings
from dripline.errors import DatabaseProblem

LOOK_EVERY = timedelta(minutes=1)
"""How often it is looked for what waits for a person, at most."""

_log = logging.getLogger("dripline.alerts")


class Watch:
    """Looks, after a pass, for what waits for a person, and tells whoever is to know."""

    def __init__(self, drip: Dripline, tell: Callable[[str], bool]) -> None:
        self._drip = drip
        self._tell = tell
        self._looked_at: datetime | None = None
        self._looking: threading.Thread | None = None

    def look(self) -> None:
        """Begin to look, unless that was done within the last minute or is under way. Returns at once."""
        now = self._drip.now()
        is_early = self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY
        if is_early or (self._looking is not None and self._looking.is_alive()):
            return
        self._looked_at = now
        # A daemon: a provider that is slow to take an alert does not keep the processor from ending.
        self._looking = threading.Thread(target=self._alert, name="alerts", daemon=True)
        self._looking.start()

    def _alert(self) -> None:
        try:
            self._drip.alerts.send(self._tell)
        except DatabaseProblem as problem:
            _log.warning("alerts.not_looked error=%s", problem)
        except Exception:  # noqa: BLE001  (as below)
            # The edge of a thread: what is wrong with alerts must not be wrong with anything else.
            _log.exception("alerts.not_looked")


def watching(drip: Dripline) -> Callable[[], None]:
    """Return what is to be called after each pass: nothing happens where no alerts are configured.

    Raises:
        InvalidSettings: What alerts are given cannot be used, or apprise is not installed.
    """
    alerts = Settings.load().alerts
    if alerts is None:
        return lambda: None
    from dripline.channels.alerts import OperatorAlerts

    return Watch(drip, OperatorAlerts(read_secret("alerts.urls", alerts.urls).split()).tell).look
