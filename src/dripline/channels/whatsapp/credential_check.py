"""What Meta says of a sender's credential: is the token good, does the number belong to it, is its webhook subscribed?

Source: Meta, WhatsApp Cloud API v23.0 (phone number by id, subscribed apps of a business account), as of 2025-11.
"""

from dripline.channels.http.client import HttpResponse
from dripline.channels.http.foreign_json import Object, answered, as_object, as_objects, text_of
from dripline.channels.whatsapp.errors import error_text
from dripline.core.outcome import RetryLater, Unknown
from dripline.core.senders.credential import CredentialFact, FactCode, FactState, fails, holds, not_known

_TOKEN_CODES = frozenset({0, 102, 190, 463, 467})
"""The codes by which Meta says that a token is none, is over, or was taken back."""

_REFUSED = frozenset({401, 403})

Got = HttpResponse | RetryLater | Unknown


def number_facts(answer: Got) -> list[CredentialFact]:
    """Return what the answer to asking for a number says of the token and of the number."""
    if not isinstance(answer, HttpResponse):
        return [not_known(FactCode.LOGIN, answer.error), not_known(FactCode.ACCOUNT, answer.error)]
    body = answered(answer.body)
    if answer.is_success and text_of(body.get("id")):
        name = " ".join(filter(None, (text_of(body.get("display_phone_number")), text_of(body.get("verified_name")))))
        return [holds(FactCode.LOGIN, "the token is good"), holds(FactCode.ACCOUNT, f"the number is {name or 'there'}")]
    state, text = _refusal(answer, body)
    if state is FactState.FAILS:
        return [fails(FactCode.LOGIN, text), not_known(FactCode.ACCOUNT, "not asked, since the token is refused")]
    if state is FactState.HOLDS:
        return [holds(FactCode.LOGIN, "the token is good"), fails(FactCode.ACCOUNT, text)]
    return [not_known(FactCode.LOGIN, text), not_known(FactCode.ACCOUNT, text)]


def subscription_fact(answer: Got) -> CredentialFact:
    """Return what the answer to asking for subscribed apps says of the webhook."""
    if not isinstance(answer, HttpResponse):
        return not_known(FactCode.WEBHOOK, answer.error)
    body = answered(answer.body)
    if not answer.is_success or "data" not in body:
        return fails(FactCode.WEBHOOK, _refusal(answer, body)[1])
    apps = [as_object(one.get("whatsapp_business_api_data")) for one in as_objects(body["data"])]
    names = ", ".join(filter(None, (text_of(app.get("name")) for app in apps)))
    if not apps:
        return fails(
            FactCode.WEBHOOK, "no app is subscribed to the business account: subscribe yours in WhatsApp Manager"
        )
    return holds(FactCode.WEBHOOK, f"subscribed: {names or 'an app'}")


def _refusal(answer: HttpResponse, body: Object) -> tuple[FactState, str]:
    """Return whether the token held where something was refused, and what Meta said."""
    error = as_object(body.get("error"))
    code = error.get("code")
    if not isinstance(code, int):
        state = FactState.FAILS if answer.status in _REFUSED else FactState.UNKNOWN
        return state, f"the WhatsApp Cloud API answered {answer.status} and no error code: check the API address"
    if answer.is_server_error or error.get("is_transient") is True:
        return FactState.UNKNOWN, error_text(code, error)
    return (FactState.FAILS if code in _TOKEN_CODES else FactState.HOLDS), error_text(code, error)
