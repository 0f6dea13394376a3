"""What Twilio posts to a webhook: only what it signed, and what it says read."""

import base64
import hmac
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline import Dripline, Rejected, RetryLater, Sequence, Step, VirtualClock
from dripline.channels.capabilities import takes_in
from dripline.channels.twilio.channel import TwilioChannel
from dripline.channels.twilio.webhook import TwilioWebhook, events_of
from dripline.core.events.inbound import Delivery, Keyword, MessageKind, Receipt, Reply
from dripline.core.outcome import Scope
from dripline.errors import InvalidSettings

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
TOKEN = "token-" + "0123456789abcdef"
HOOK = "https://example.com/hooks/sms"
TWILIO = TwilioWebhook(TOKEN, HOOK)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SID = "SM" + "a" * 32

WRITTEN = {
    "ToCountry": "MY",
    "SmsMessageSid": SID,
    "NumMedia": "0",
    "SmsStatus": "received",
    "Body": "How much is it? 😊 +5%",
    "To": "+60300000001",
    "From": "+60123456789",
    "MessageSid": SID,
    "AccountSid": ACCOUNT_SID,
    "ApiVersion": "2010-04-01",
}


def posted(form: dict[str, str]) -> bytes:
    return urlencode(form).encode()


def status(state: str, **more: str) -> bytes:
    told = {"MessageSid": SID, "SmsSid": SID, "MessageStatus": state, "SmsStatus": state, "To": "+60123456789"}
    return posted({**told, "From": "+60300000001", **more})


def signed(form: dict[str, str], url: str = HOOK, token: str = TOKEN) -> dict[str, str]:
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return {"x-twilio-signature": base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()}


ORACLE = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
TWICE = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")]


@pytest.mark.parametrize(
    ("url", "body", "signature"),
    [
        (ORACLE, urlencode(CALL), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (ORACLE, urlencode(CALL), "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (ORACLE.replace(".com", ".com:1234"), urlencode(CALL), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (ORACLE.replace("https", "http"), urlencode(CALL), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (ORACLE.replace("https", "http").replace(".com", ".com:1234"), urlencode(CALL), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (ORACLE, urlencode(TWICE), "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ],
)
def test_signatures_that_twilios_own_library_takes_are_genuine(url: str, body: str, signature: str) -> None:
    """The vectors stand in the tests of twilio-python; two of them with a port that the address lacks, or has."""
    webhook = TwilioWebhook("12345", url)

    assert webhook.is_genuine({"x-twilio-signature": signature}, body.encode())
    assert not webhook.is_genuine({"x-twilio-signature": signature}, body.encode() + b"&x=1")


def test_only_what_twilio_signed_for_our_address_is_genuine() -> None:
    body = posted(WRITTEN)

    assert TWILIO.is_genuine(signed(WRITTEN), body)
    assert not TWILIO.is_genuine(signed(WRITTEN), body.replace(b"Body=How", b"Body=STOP"))
    assert not TWILIO.is_genuine(signed(WRITTEN, token="other"), body)
    assert not TWILIO.is_genuine(signed(WRITTEN, url=HOOK + "?record=1"), body)
    assert not TWILIO.is_genuine({"x-twilio-signature": "ключ"}, body)
    assert not TWILIO.is_genuine({}, body)
    assert not TWILIO.is_genuine(signed({}), b"&".join(b"x=1" for _ in range(2_000)))


def test_an_address_that_cannot_be_posted_to_is_refused() -> None:
    with pytest.raises(InvalidSettings):
        TwilioWebhook(TOKEN, "example.com/hooks")


def test_without_an_address_nothing_is_taken_in() -> None:
    deaf = TwilioChannel(ACCOUNT_SID, TOKEN, now=lambda: NOW)
    listening = TwilioChannel(ACCOUNT_SID, TOKEN, now=lambda: NOW, webhook=TWILIO)

    assert (takes_in(deaf), takes_in(listening)) == (False, True)
    assert not deaf.is_genuine(signed(WRITTEN), posted(WRITTEN))
    assert listening.is_genuine(signed(WRITTEN), posted(WRITTEN))
    assert listening.challenge({"hub.challenge": "1"}) is None


@pytest.mark.parametrize(
    ("more", "name", "text", "button"),
    [
        ({}, "", "How much is it? 😊 +5%", ""),
        ({"Body": "", "NumMedia": "1", "MediaUrl0": "https://example.com/1"}, "", "", ""),
        ({"From": "whatsapp:+60123456789", "To": "whatsapp:+60300000001", "ProfileName": "Aina"}, "Aina",
         "How much is it? 😊 +5%", ""),
        ({"Body": "Unsubscribe", "ButtonText": "Unsubscribe", "ButtonPayload": "x"}, "", "Unsubscribe", "x"),
        ({"Body": "Express", "ListId": "7", "ListTitle": "Express"}, "", "Express", "7"),
    ],
)  # fmt: skip
def test_what_people_write_is_a_reply(more: dict[str, str], name: str, text: str, button: str) -> None:
    kind = MessageKind.FILE if "MediaUrl0" in more else MessageKind.TEXT

    assert events_of(posted(WRITTEN | more), NOW) == [
        Reply(SID, account="+60300000001", phone="60123456789", name=name, text=text, button=button, at=NOW, kind=kind)
    ]


@pytest.mark.parametrize(
    ("told", "keyword"), [("STOP", Keyword.STOP), ("START", Keyword.START), ("HELP", Keyword.HELP)]
)
def test_what_twilio_took_the_words_for_is_told(told: str, keyword: Keyword) -> None:
    (reply,) = events_of(posted(WRITTEN | {"Body": "PARAR", "OptOutType": told}), NOW)

    assert isinstance(reply, Reply)
    assert (reply.keyword, reply.text) == (keyword, "PARAR")


def test_who_has_a_username_is_known_by_their_id() -> None:
    hidden = WRITTEN | {"From": "whatsapp:MY.1349", "ExternalUserId": "MY.1349"}
    beside = WRITTEN | {"From": "whatsapp:+60123456789", "ExternalUserId": "MY.1349"}
    alone = WRITTEN | {"From": "whatsapp:MY.1349"}

    found = [event for form in (hidden, beside, alone) for event in events_of(posted(form), NOW)]
    assert [(event.phone, event.user_id) for event in found if isinstance(event, Reply)] == [
        (None, "MY.1349"), ("60123456789", "MY.1349"), (None, "MY.1349")
    ]  # fmt: skip


def test_a_thumb_up_is_no_reply() -> None:
    assert events_of(posted(WRITTEN | {"MessageType": "reaction", "Body": "👍"}), NOW) == []


@pytest.mark.parametrize(
    ("told", "state"), [("sent", Delivery.SENT), ("delivered", Delivery.DELIVERED), ("read", Delivery.READ)]
)
def test_a_status_says_how_far_a_message_has_come(told: str, state: Delivery) -> None:
    assert events_of(status(told), NOW) == [Receipt(f"{SID}:{state}", provider_id=SID, state=state, at=NOW)]


@pytest.mark.parametrize(
    ("more", "failure"),
    [
        ({"ErrorCode": "30005"}, Rejected("Twilio error 30005: without a word", scope=Scope.CONTACT)),
        (
            {"ErrorCode": "63016", "ErrorMessage": "Old"},
            RetryLater("Twilio error 63016: Old", after=0, scope=Scope.CONVERSATION),
        ),
        ({"ErrorCode": "30003"}, RetryLater("Twilio error 30003: without a word")),
        ({"ErrorCode": "³"}, RetryLater("Twilio error -1: without a word")),
        ({"ErrorCode": "9" * 5_000}, RetryLater("Twilio error -1: without a word")),
        ({}, RetryLater("Twilio error -1: without a word")),
    ],
)
@pytest.mark.parametrize("state", ["failed", "undelivered"])
def test_a_failed_delivery_says_what_it_leads_to(state: str, more: dict[str, str], failure: object) -> None:
    (receipt,) = events_of(status(state, **more), NOW)

    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.failure) == (Delivery.FAILED, failure)


@pytest.mark.parametrize(
    "body",
    [
        status("queued"),
        status("sending"),
        status("a state of next year"),
        status("sent", MessageSid=""),
        posted(WRITTEN | {"From": "EXAMA"}),
        posted(WRITTEN | {"From": ""}),
        posted(WRITTEN | {"MessageSid": ""}),
        posted(CALL),
    ],
)
def test_what_says_nothing_to_us_is_passed_over(body: bytes) -> None:
    assert events_of(body, NOW) == []


@given(st.binary() | st.dictionaries(st.sampled_from([*WRITTEN, "MessageStatus", "ErrorCode"]), st.text()).map(posted))
def test_no_body_is_too_strange(body: bytes) -> None:
    TWILIO.is_genuine({"x-twilio-signature": "x"}, body)
    with suppress(ValueError):
        assert len(events_of(body, NOW)) <= 1


@pytest.mark.parametrize("body", [b"", b"&".join(b"x=1" for _ in range(2_000))])
def test_a_body_that_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a form|fields"):
        events_of(body, NOW)


def test_a_stop_word_by_sms_bars_and_a_reply_told_twice_counts_once(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    channel = TwilioChannel(ACCOUNT_SID, TOKEN, now=clock.now, webhook=TWILIO)
    with Dripline(str(tmp_path / "shop.db"), clock=clock, channels={"sms": channel}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", channel="sms", steps=[Step("One"), Step("Two", "12h")]))
        for form in (
            WRITTEN | {"Body": "WARM"},
            WRITTEN | {"Body": "WARM"},
            WRITTEN | {"Body": "Stop!", "MessageSid": "SM2"},
        ):
            assert drip.inbox.receive_webhook("sms", signed(form), posted(form))

        assert drip.inbox.process() == 2
        assert [barred.address for barred in drip.leads.suppressions()] == ["60123456789"]
        assert [record.status for record in drip.records(phone="60123456789")] == ["cancelled", "cancelled"]
        assert not drip.inbox.receive_webhook("sms", signed(WRITTEN, token="other"), posted(WRITTEN))
