"""Who asks, as far as an address tells: what one client may have is counted by this."""

import ipaddress

from starlette.requests import HTTPConnection

UNKNOWN = "unknown"
"""Whoever has no address."""


def client_of(host: str | None) -> str:
    """Return what stands for the client at an address: of IPv6 the network of 64 bits, which one client has alone.

    What is no address is taken as it is, up to a length.
    """
    try:
        address = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return (host or UNKNOWN)[:100]
    if address.version == 4:  # noqa: PLR2004  (the version of IP)
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))


PROVED = "has_proved_itself"
"""Where the state of a request says that its client is no stranger."""


def prove(request: HTTPConnection) -> None:
    """Note that whoever asks brought a token, a session or a signature: its connections outlast those of strangers."""
    setattr(request.state, PROVED, True)
