"""Where events may be posted: a URL that a person wrote must not lead into the network that dripline runs in.

A name may lead anywhere, and elsewhere a moment later: what it leads to is asked of `is_public` at each connection.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from dripline.core.text import is_text
from dripline.errors import InvalidSubscription

URL_LIMIT = 2_000
"""The longest URL, in characters."""

_PORTS = frozenset({80, 443})
_FIRST_FREE_PORT = 1_024

_BLOCKED = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this host and network (RFC 791)
            "10.0.0.0/8",
            "100.64.0.0/10",  # behind carriers; Alibaba's metadata
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's metadata, in a public range
            "169.254.0.0/16",  # link-local; the metadata of most clouds
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
"""IPv4 that is not public, after IANA's registry of special-purpose addresses, as of 2026-10."""

_GLOBAL = IPv6Network("2000::/3")
"""The only IPv6 that is given out."""

_BLOCKED_6 = tuple(
    map(
        ip_network,
        (
            "2001::/23",  # protocols; Teredo is in it
            "2001:db8::/32",
            "2002::/16",  # 6to4 leads to any IPv4
            "3fff::/20",
        ),
    )
)

_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Return whether an address, as a resolver writes it, belongs to the public internet and to nobody's own network.

    One that holds another (IPv4-mapped, NAT64) is what that one is; what cannot be read is not public.
    """
    try:
        read = ip_address(address)
    except ValueError:
        return False
    if isinstance(read, IPv4Address):
        return not any(read in network for network in _BLOCKED)
    held = read.ipv4_mapped or _behind_nat64(read)
    if held is not None:
        return is_public(str(held))
    return read.scope_id is None and read in _GLOBAL and not any(read in network for network in _BLOCKED_6)


def checked_target(url: str, *, allow_private: bool) -> str:
    """Return a URL that events may be posted to, blank space around it dropped.

    Raises:
        InvalidSubscription: It cannot be used; the sentence does not hold it, since it may hold a secret.
    """
    written = url.strip()
    try:
        parts = urlsplit(written)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidSubscription(UNREADABLE) from None
    if parts.scheme not in {"http", "https"} or not host or not _is_plain(written):
        raise InvalidSubscription(UNREADABLE)
    if parts.username is not None or parts.password is not None:
        raise InvalidSubscription("The URL of a subscription holds a login: leave it out, events are signed.")
    if port is not None and port not in _PORTS and port < _FIRST_FREE_PORT:
        raise InvalidSubscription("The URL of a subscription names a port of another service: use 80, 443 or 1024 on.")
    if not allow_private and _is_private(host):
        raise InvalidSubscription(NOT_PUBLIC)
    return written


UNREADABLE = f"The URL of a subscription cannot be used: write https://host/path, at most {URL_LIMIT} characters."

NOT_PUBLIC = (
    "The URL of a subscription leads to an address that is not public: write one that is, or set "
    "DRIPLINE_WEB_ALLOW_PRIVATE_TARGETS if events may go into your own network."
)


def _behind_nat64(address: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _is_plain(url: str) -> bool:
    return len(url) <= URL_LIMIT and is_text(url) and url.isprintable() and " " not in url and "\\" not in url


def _is_private(host: str) -> bool:
    """Return whether a host is an address that is not public, or a name that always leads to one."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return not is_public(name)
