"""Where this server is reached from outside, and the proxies that are believed, as settings write both."""

import ipaddress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from dripline.errors import InvalidSettings

PROXIES_LIMIT = 100
"""How many addresses and networks of proxies may be named."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Outside:
    """Where people and programs reach this server, if that is known, and the proxies that are believed."""

    url: str | None = None
    proxies: tuple[Network, ...] = field(default=(), kw_only=True)

    @classmethod
    def of(cls, url: str | None, proxies: str) -> Self:
        """Read both as settings write them; proxies are addresses or networks, divided by commas or blanks.

        Raises:
            InvalidSettings: One of them cannot be used.
        """
        named = proxies.replace(",", " ").split()
        if len(named) > PROXIES_LIMIT:
            raise InvalidSettings(f"More than {PROXIES_LIMIT} trusted proxies are named: name their networks.")
        return cls(None if url is None else _checked(url), proxies=tuple(map(_network, named)))

    def trusts(self, host: str | None) -> bool:
        """Return whether an address is that of a proxy that is believed."""
        try:
            address = ipaddress.ip_address(host or "")
        except ValueError:
            return False
        return any(address in network for network in self.proxies)


NOWHERE = Outside()
"""Where no address is known, and no proxy."""


def _checked(url: str) -> str:
    written = url.strip().rstrip("/")
    try:
        parts = urlsplit(written)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable, parts = False, urlsplit("")
    if not is_usable or "@" in parts.netloc or written != f"{parts.scheme}://{parts.netloc}" or not written.isascii():
        raise InvalidSettings(
            "DRIPLINE_WEB_URL cannot be used: write where people reach the dashboard, as https://drip.example.com, "
            "without a path."
        )
    return written.lower()


def _network(written: str) -> Network:
    try:
        return ipaddress.ip_network(written)
    except ValueError:
        raise InvalidSettings(
            f"DRIPLINE_WEB_TRUSTED_PROXIES cannot be used: {written[:60]!r} is neither an address nor a network. Write "
            "those of your proxies, as 10.0.0.5 or 10.0.0.0/24."
        ) from None
