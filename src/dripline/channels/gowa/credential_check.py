"""What a GOWA gateway says of a sender's credential: is the login good, is the device linked, does it post to us?

Source: GOWA (go-whatsapp-web-multidevice) 9.0.0, its OpenAPI document, as of 2026-08.
"""

from dripline.channels.gowa.gateway import NOT_FOUND, Gateway, segment
from dripline.channels.http.foreign_json import text_of
from dripline.core.senders.credential import CredentialFact, FactCode, fails, holds, not_known
from dripline.core.senders.health import Unsure

LOGIN_REFUSED = "refused its login"
"""How the gateway's own words are told where the login is wrong (`Gateway`)."""


async def facts_of(gateway: Gateway, device: str, webhook: str | None) -> list[CredentialFact]:
    """Return what the gateway says of a device, and of where it posts to."""
    asked = await gateway.ask(f"/devices/{segment(device)}/status")
    if isinstance(asked, Unsure):
        login = fails if LOGIN_REFUSED in asked.reason else not_known
        return [
            login(FactCode.LOGIN, asked.reason),
            *(not_known(code, "not asked, since the gateway did not let us in") for code in _OTHERS),
        ]
    login = holds(FactCode.LOGIN, "the gateway lets us in")
    is_gone = asked.status == NOT_FOUND or "not found" in asked.text.lower()
    if is_gone:
        return [
            login,
            fails(FactCode.ACCOUNT, "the device is not there yet: pair it"),
            not_known(FactCode.WEBHOOK, "not asked, since the device is not there yet"),
        ]
    is_up = asked.results.get("is_logged_in") is True and asked.results.get("is_connected") is True
    linked = (
        holds(FactCode.ACCOUNT, "the device is linked to a phone")
        if is_up
        else fails(FactCode.ACCOUNT, "the device is linked to no phone, or not connected: pair it")
    )
    return [login, linked, await _webhook_fact(gateway, device, webhook)]


_OTHERS = (FactCode.ACCOUNT, FactCode.WEBHOOK)


async def _webhook_fact(gateway: Gateway, device: str, webhook: str | None) -> CredentialFact:
    asked = await gateway.ask(f"/devices/{segment(device)}/webhook")
    if isinstance(asked, Unsure) or not asked.is_success:
        return not_known(FactCode.WEBHOOK, asked.reason if isinstance(asked, Unsure) else asked.text)
    url = text_of(asked.results.get("webhook_url"))
    if not url:
        return not_known(FactCode.WEBHOOK, "the device has no webhook of its own: it may be the gateway's own one")
    if webhook is None:
        return not_known(FactCode.WEBHOOK, "where the dashboard is reached is not set (web.url)")
    if url == webhook:
        return holds(FactCode.WEBHOOK, "the device posts to us")
    return fails(FactCode.WEBHOOK, "the device posts to another address")
