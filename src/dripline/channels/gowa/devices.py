"""A GOWA gateway's devices: whether one may send, and linking one to a phone.

The gateway posts nothing when a device is logged out or loses its connection: it has to be asked. It calls a device
that lost its connection "not logged in" too; only one that is linked to no phone cannot be reconnected.

Source: GOWA (go-whatsapp-web-multidevice) 9.0.0, its OpenAPI document and its use cases, as of 2026-08.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta

from dripline.channels.accounts import Pairing
from dripline.channels.gowa.gateway import NOT_FOUND, Gateway, GatewayResponse, segment
from dripline.channels.http.foreign_json import text_of
from dripline.core.senders.health import Health, Unsure, Unwell, Well

NOT_CONNECTED = "its device is not connected to WhatsApp, and was asked to reconnect"

NO_PHONE = Unwell("its device is linked to no phone", needs_pairing=True)

_NO_PHONE = re.compile(r"logged in|session|not initialized|not found", re.IGNORECASE)
"""How the gateway says why a device that is linked to no phone cannot be reconnected."""


@dataclass(frozen=True, slots=True)
class Link:
    """How a device stands: linked to a phone or not, connected to WhatsApp or not."""

    is_logged_in: bool
    is_connected: bool = field(kw_only=True)

    @property
    def is_up(self) -> bool:
        """Whether it can send."""
        return self.is_logged_in and self.is_connected


async def health_of(gateway: Gateway, device: str) -> Health:
    """Say whether a device can send; one that lost its connection is asked to reconnect, once."""
    found = await link_of(gateway, device)
    if not isinstance(found, Link):
        return found
    if found.is_up:
        return Well()
    asked = await gateway.tell(f"/devices/{segment(device)}/reconnect")
    if isinstance(asked, Unsure):
        return asked
    if not asked.is_success:
        unlinked = not found.is_logged_in and (asked.status == NOT_FOUND or _NO_PHONE.search(asked.text))
        return NO_PHONE if unlinked else Unwell(f"{NOT_CONNECTED}: {asked.text}")
    again = await link_of(gateway, device)
    if not isinstance(again, Link):
        return again
    return Well() if again.is_up else Unwell(NOT_CONNECTED)


async def link_of(gateway: Gateway, device: str) -> Link | Unwell | Unsure:
    """Return how a device stands."""
    asked = await gateway.ask(f"/devices/{segment(device)}/status")
    if isinstance(asked, Unsure):
        return asked
    if not asked.is_success:
        is_gone = asked.status == NOT_FOUND or "not found" in asked.text.lower()
        return NO_PHONE if is_gone else Unsure(asked.text)
    logged_in, connected = asked.results.get("is_logged_in"), asked.results.get("is_connected")
    if not isinstance(logged_in, bool) or not isinstance(connected, bool):
        return Unsure("the GOWA gateway does not say whether the device is logged in")
    return Link(logged_in, is_connected=connected)


async def pair(gateway: Gateway, device: str, phone: str | None) -> Pairing | Unsure:
    """Begin to link a device to a phone; one that is not there is made."""
    made = await _made(gateway, device)
    if isinstance(made, Unsure):
        return made
    place = f"/devices/{segment(device)}/login"
    if phone is not None:
        begun = await gateway.tell(f"{place}/code", query={"phone": phone})
    else:
        begun = await gateway.ask(place)
    pairing = begun if isinstance(begun, Unsure) else _pairing(begun)
    if isinstance(pairing, Unsure) or pairing.qr_link is None:
        return pairing
    return replace(pairing, qr_png=await gateway.picture(pairing.qr_link))


async def _made(gateway: Gateway, device: str) -> GatewayResponse | Unsure:
    """Return a device, made if it is not there."""
    found = await gateway.ask(f"/devices/{segment(device)}")
    if isinstance(found, Unsure) or found.is_success:
        return found
    if found.status != NOT_FOUND and "not found" not in found.text.lower():
        return Unsure(found.text)
    made = await gateway.tell("/devices", body={"device_id": device})
    return made if isinstance(made, Unsure) or made.is_success else Unsure(made.text)


def _pairing(begun: GatewayResponse) -> Pairing | Unsure:
    code, link = text_of(begun.results.get("pair_code")), text_of(begun.results.get("qr_link"))
    if not begun.is_success or not (code or link):
        return Unsure(begun.text)
    seconds = begun.results.get("qr_duration")
    lasts = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else None
    return Pairing(code=code or None, qr_link=link or None, lasts=lasts)
