"""What Meta posts to a webhook: every event is read, whatever stands beside it, and only what Meta signed."""

import hashlib
import hmac
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline import Rejected
from dripline.channels.whatsapp.webhook import CloudWebhook, events_of
from dripline.core.events.inbound import (
    AccountNotice,
    Delivery,
    MessageKind,
    Named,
    NumberChanged,
    Preference,
    Receipt,
    Reply,
    TemplateChanged,
)
from dripline.core.outcome import Scope
from dripline.errors import InvalidSettings

SECRET = "shhh-" + "0123456789abcdef"
NUMBER = "106540352242922"
META = CloudWebhook(SECRET, "mine")
AT = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = str(int(AT.timestamp()))


def posted(*changes: object, **entry: object) -> bytes:
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"changes": list(changes), **entry}]}).encode()


def messages(*written: object) -> dict[str, Any]:
    contacts = [{"profile": {"name": "Aina"}, "wa_id": "60123456789"}]
    value = {"metadata": {"phone_number_id": NUMBER}, "contacts": contacts, "messages": list(written)}
    return {"field": "messages", "value": value}


def statuses(*told: object) -> dict[str, Any]:
    return {"field": "messages", "value": {"metadata": {"phone_number_id": NUMBER}, "statuses": list(told)}}


def status(number: int = 1, state: str = "sent", **more: object) -> dict[str, Any]:
    return {"id": f"wamid.{number}", "status": state, "timestamp": STAMP, "recipient_id": "60123456789", **more}


def written(kind: str = "text", **content: object) -> dict[str, Any]:
    return {"id": "wamid.in", "from": "60123456789", "timestamp": STAMP, "type": kind, kind: content}


def test_only_what_meta_signed_is_genuine() -> None:
    body = posted(statuses(status()))
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()

    assert META.is_genuine({"x-hub-signature-256": signature}, body)
    assert not META.is_genuine({"x-hub-signature-256": signature}, body + b" ")
    assert not CloudWebhook("other-" + SECRET, "mine").is_genuine({"x-hub-signature-256": signature}, body)
    assert not META.is_genuine({"x-hub-signature-256": signature.removeprefix("sha256=")}, body)
    assert not META.is_genuine({"x-hub-signature-256": "sha256=ключ"}, body)
    assert not META.is_genuine({}, body)


def test_meta_is_answered_when_it_asks_whose_webhook_this_is() -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "mine", "hub.challenge": "1158201444"}

    assert META.challenge(asked) == "1158201444"
    assert META.challenge(asked | {"hub.verify_token": "other"}) is None
    assert META.challenge(asked | {"hub.mode": "unsubscribe"}) is None
    assert META.challenge({}) is None


def test_every_status_of_every_entry_and_change_is_read() -> None:
    changes = [statuses(*(status(10 * change + place) for place in range(10))) for change in range(50)]
    entry = {"changes": changes}
    body = json.dumps({"entry": [entry, {"changes": [statuses(status(9_999))]}]}).encode()

    read = [event.provider_id for event in events_of(body) if isinstance(event, Receipt)]
    assert read == [f"wamid.{number}" for number in [*range(500), 9_999]]


@pytest.mark.parametrize(
    ("told", "state"),
    [("sent", Delivery.SENT), ("delivered", Delivery.DELIVERED), ("read", Delivery.READ), ("played", Delivery.READ)],
)
def test_a_status_says_how_far_a_message_has_come(told: str, state: Delivery) -> None:
    (receipt,) = events_of(posted(statuses(status(7, told, biz_opaque_callback_data="7000000000001"))))

    assert receipt == Receipt(
        f"wamid.7:{state}:{STAMP}", provider_id="wamid.7", record_id=7_000_000_000_001, state=state, at=AT
    )


def test_a_failed_delivery_says_what_it_leads_to() -> None:
    error = {"code": 131026, "message": "Undeliverable", "error_data": {"details": "not on WhatsApp"}}
    (receipt,) = events_of(posted(statuses(status(1, "failed", errors=[error]))))

    assert isinstance(receipt, Receipt)
    assert receipt.failure == Rejected("WhatsApp error 131026: Undeliverable; not on WhatsApp", scope=Scope.CONTACT)


@pytest.mark.parametrize("given", ["", "abc", "-1", "1.5", "9" * 40, "٣", None, 5])
def test_what_is_no_record_of_ours_names_none(given: object) -> None:
    (receipt,) = events_of(posted(statuses(status(biz_opaque_callback_data=given))))

    assert isinstance(receipt, Receipt)
    assert receipt.record_id is None


@pytest.mark.parametrize(
    ("message", "text", "button", "kind"),
    [
        (written(body="STOP"), "STOP", "", "text"),
        (written("button", payload="x", text="Unsubscribe"), "Unsubscribe", "x", "button"),
        (
            written("interactive", type="button_reply", button_reply={"id": "1", "title": "Cancel"}),
            "Cancel",
            "1",
            MessageKind.BUTTON,
        ),
        (
            written("interactive", type="list_reply", list_reply={"id": "1", "title": "Express"}),
            "Express",
            "1",
            MessageKind.BUTTON,
        ),
        (written("image", caption="Taj Mahal", id="1"), "Taj Mahal", "", "picture"),
        (written("image", id="1"), "", "", "picture"),
        (written("location", latitude=1.0, longitude=2.0), "", "", "place"),
        (written("unsupported"), "", "", "other"),
        (written("a kind of next year", body={"new": 1}), "", "", "other"),
    ],
)
def test_what_people_write_is_a_reply(message: dict[str, Any], text: str, button: str, kind: str) -> None:
    assert events_of(posted(messages(message))) == [
        Reply(
            "wamid.in",
            account=NUMBER,
            phone="60123456789",
            name="Aina",
            text=text,
            button=button,
            kind=MessageKind(kind),
            at=AT,
        )
    ]


def test_a_changed_message_says_what_it_says_now() -> None:
    changed = {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "Stop"}}}

    assert events_of(posted(messages(written("edit", **changed)))) == [
        Reply("wamid.in", account=NUMBER, phone="60123456789", name="Aina", text="Stop", is_edit=True, at=AT)
    ]


@pytest.mark.parametrize(
    "message",
    [
        written("revoke", original_message_id="wamid.1"),
        written("request_welcome"),
        written(body="stop") | {"group_id": "Y2FwaV9ncm91cDox"},
    ],
)
def test_what_says_nothing_to_us_is_no_reply(message: dict[str, Any]) -> None:
    assert events_of(posted(messages(message))) == []


def test_a_phone_and_an_id_that_are_told_side_by_side_are_told_once_a_day() -> None:
    told = [status(number, recipient_user_id="MY.1349") for number in range(3)]
    named = [event for event in events_of(posted(statuses(*told))) if isinstance(event, Named)]

    assert named == [Named("named:60123456789:MY.1349:20260101", phone="60123456789", user_id="MY.1349", at=AT)]
    contacts = messages(written(body="Hi"))
    contacts["value"]["contacts"][0]["user_id"] = "MY.1349"
    assert named[0] in events_of(posted(contacts))


@pytest.mark.parametrize("field", ["smb_message_echoes", "history", "smb_app_state_sync", "new"])
def test_what_may_hold_peoples_words_is_passed_over(field: str) -> None:
    value = {"message_echoes": [written(body="words")], "history": [{"threads": [{"messages": [written(body="w")]}]}]}

    assert events_of(posted({"field": field, "value": value}, time=9)) == []


def test_a_person_who_hides_their_phone_is_known_by_their_id() -> None:
    message = written(body="Hi") | {"from_user_id": "MY.1349"}
    del message["from"]
    (reply,) = events_of(posted(messages(message)))

    assert isinstance(reply, Reply)
    assert (reply.phone, reply.user_id, reply.text) == (None, "MY.1349", "Hi")


def test_a_thumb_up_is_no_reply() -> None:
    assert events_of(posted(messages(written("reaction", emoji="👍", message_id="wamid.1")))) == []


def test_a_new_number_is_told() -> None:
    system = {"type": "user_changed_number", "wa_id": "60198765432", "body": "changed"}

    assert events_of(posted(messages(written("system", **system)))) == [
        NumberChanged("wamid.in", old="60123456789", new="60198765432", at=AT)
    ]


@pytest.mark.parametrize(("value", "is_wanted"), [("stop", False), ("resume", True)])
def test_what_people_tell_meta_about_marketing_is_read(value: str, *, is_wanted: bool) -> None:
    told = {"wa_id": "60123456789", "category": "marketing_messages", "value": value, "timestamp": int(STAMP)}
    change = {"field": "user_preferences", "value": {"user_preferences": [told]}}

    assert events_of(posted(change)) == [
        Preference(f"preference:60123456789:{value}:{STAMP}", phone="60123456789", is_wanted=is_wanted, at=AT)
    ]


@pytest.mark.parametrize(("event", "is_usable"), [("APPROVED", True), ("REINSTATED", True), ("PAUSED", False)])
def test_a_template_that_changes_is_told(event: str, *, is_usable: bool) -> None:
    value = {"event": event, "message_template_name": "warm_1", "message_template_language": "ms", "reason": "NONE"}
    (changed,) = events_of(posted({"field": "message_template_status_update", "value": value}, time=int(STAMP)))

    assert isinstance(changed, TemplateChanged)
    assert (changed.template, changed.language, changed.is_usable, changed.at) == ("warm_1", "ms", is_usable, AT)


def test_whatever_else_meta_says_is_for_the_operator() -> None:
    value = {"display_phone_number": "15550783881", "event": "FLAGGED", "current_limit": "TIER_250"}
    twice = [
        event for _ in range(2) for event in events_of(posted({"field": "account_alerts", "value": value}, time=9))
    ]
    other = events_of(posted({"field": "account_alerts", "value": value | {"event": "UNFLAGGED"}}, time=9))

    assert isinstance(twice[0], AccountNotice)
    assert (twice[0].what, twice[0].text) == ("account_alerts", "event FLAGGED, current limit TIER_250")
    assert twice[0] == twice[1]
    assert len({event.key for event in [*twice, *other]}) == 2


BROKEN: list[object] = [
    None,
    5,
    "x",
    [],
    {},
    {"id": 5},
    {"id": "w", "status": "sent"},
    {"id": "w", "status": "new", "timestamp": STAMP},
]


@pytest.mark.parametrize("broken", BROKEN)
def test_what_cannot_be_read_loses_nothing_beside_it(broken: object) -> None:
    body = posted(statuses(broken, status(1)), messages(broken, written(body="Hi")), broken)
    body = json.dumps({"entry": [broken, *json.loads(body)["entry"], broken]}).encode()

    assert [type(event) for event in events_of(body)] == [Receipt, Reply]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KNOWN = st.sampled_from(
    ["id", "status", "timestamp", "from", "type", "text", "body", "errors", "code", "system", "wa_id", "value", "event"]
)
THINGS = st.dictionaries(KNOWN, ANYTHING | st.sampled_from(["sent", "failed", STAMP, "text", "system", "stop"]))
FIELDS = st.sampled_from(["messages", "user_preferences", "message_template_status_update", "new"])
CHANGES = st.fixed_dictionaries(
    {
        "field": FIELDS | ANYTHING,
        "value": ANYTHING
        | st.dictionaries(st.sampled_from(["statuses", "messages", "contacts", "user_preferences"]), st.lists(THINGS)),
    }
)
ENTRIES = st.fixed_dictionaries({"changes": st.lists(CHANGES | ANYTHING)}, optional={"time": st.integers() | ANYTHING})


def test_a_body_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(ValueError, match="too deep"):
        events_of(b"[" * 100_000)


@given(st.lists(ENTRIES | ANYTHING), st.integers(0, 9))
def test_no_body_is_too_strange_and_none_loses_what_stands_beside_it(entries: list[object], place: int) -> None:
    entries.insert(place, {"changes": [statuses(status(77))]})

    assert "wamid.77" in [
        event.provider_id for event in events_of(json.dumps({"entry": entries}).encode()) if isinstance(event, Receipt)
    ]


@given(st.binary() | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_a_body_that_is_not_json_is_refused_and_any_other_read(body: bytes) -> None:
    with suppress(json.JSONDecodeError, UnicodeDecodeError):
        assert events_of(body) == []


@pytest.mark.parametrize("secret", ["", "x", "fifteen letters"])
def test_an_app_secret_that_is_guessed_is_refused(secret: str) -> None:
    with pytest.raises(InvalidSettings, match="app secret"):
        CloudWebhook(secret, "mine")
