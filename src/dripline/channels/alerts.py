"""Tells operators, not leads: through apprise, which speaks to chats, phones and mail alike.

apprise says only whether it went: that is enough for an operator, and too little for a lead. It is an optional extra,
imported only where alerts are configured.
"""

import logging
from collections.abc import Iterable
from importlib import import_module
from typing import Protocol, cast

from dripline.errors import InvalidSettings

TITLE = "dripline"

_log = logging.getLogger("dripline.alerts")


class _Apprise(Protocol):
    def add(self, servers: str) -> bool: ...

    def notify(self, *, title: str, body: str) -> object: ...


class OperatorAlerts:
    """Tells whoever the apprise `urls` name. They hold secrets: none is in an error or in a log.

    Raises:
        InvalidSettings: apprise is not installed, or cannot use one of the URLs.
    """

    def __init__(self, urls: Iterable[str]) -> None:
        try:
            apprise = import_module("apprise")
        except ImportError as error:
            raise InvalidSettings(
                "Alerts need apprise, which is not installed: pip install 'dripline[alerts]'."
            ) from error
        # It logs addresses with what is secret in them.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        self._apprise = cast("_Apprise", apprise.Apprise())
        for place, url in enumerate(urls, start=1):
            if not self._apprise.add(url):
                raise InvalidSettings(
                    f"Alerts cannot go to the URL number {place}: write it as apprise's page of it says."
                )

    def tell(self, text: str) -> bool:
        """Tell everybody; False if somebody could not be told. Blocks until they are; never raises."""
        try:
            is_sent = bool(self._apprise.notify(title=TITLE, body=text))
        except Exception as error:  # noqa: BLE001  (170 plug-ins, and none may stop a worker)
            # Its words may hold an address.
            _log.warning("alerts.failed error=%s", type(error).__name__)
            return False
        if not is_sent:
            _log.warning("alerts.failed error=not_delivered")
        return is_sent
