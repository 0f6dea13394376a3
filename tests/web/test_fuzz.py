"""Whatever is posted to a webhook: no answer is a failure of ours, and no valid event beside it is lost.

`make fuzz` posts 20,000 bodies.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dripline import Dripline, VirtualClock
from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
from dripline.channels.whatsapp.webhook import CloudWebhook
from dripline.web.app import application

BODIES = int(os.environ.get("DRIPLINE_FUZZ", "200"))
SECRET = "shhh-" + "0123456789abcdef"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = itertools.count()

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
WORDS = st.sampled_from(
    ["id", "status", "timestamp", "from", "from_user_id", "type", "text", "body", "errors", "code", "system", "wa_id"]
)
THINGS = st.dictionaries(
    WORDS,
    ANYTHING | st.sampled_from(["sent", "failed", "1767225600", "text", "system", "stop", "60123456789", "STOP"]),
    max_size=8,
)
VALUES = st.dictionaries(
    st.sampled_from(["statuses", "messages", "contacts", "metadata", "user_preferences"]),
    st.lists(THINGS | ANYTHING, max_size=4) | ANYTHING,
    max_size=4,
)
FIELDS = st.sampled_from(["messages", "user_preferences", "message_template_status_update", "account_update", ""])
CHANGES = st.fixed_dictionaries({"field": FIELDS | ANYTHING, "value": VALUES | ANYTHING})
ENTRIES = st.fixed_dictionaries({}, optional={"time": SCALARS, "changes": st.lists(CHANGES | ANYTHING, max_size=3)})


@pytest.fixture(scope="module")
def drip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dripline]:
    clock = VirtualClock(NOW)
    meta = WhatsAppCloudChannel("token", webhook=CloudWebhook(SECRET, "mine"), now=clock.now)
    path: Path = tmp_path_factory.mktemp("fuzz") / "shop.db"
    with Dripline(str(path), clock=clock, channels={"whatsapp": meta}) as opened:
        yield opened


def post(drip: Dripline, body: bytes, *, signature: str | None = None) -> int:
    """Post a body, signed unless told otherwise, and return the status of the answer."""
    signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()

    async def once() -> int:
        transport = httpx.ASGITransport(application(drip))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            headers = [(b"X-Hub-Signature-256", (signed if signature is None else signature).encode("latin-1"))]
            return (await client.post("/hooks/whatsapp", content=body, headers=headers)).status_code

    return asyncio.run(once())


@settings(
    max_examples=BODIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(entries=st.lists(ENTRIES | ANYTHING, max_size=4), place=st.integers(0, 4))
def test_no_body_loses_the_valid_event_in_it(drip: Dripline, entries: list[object], place: int) -> None:
    status = {"id": f"wamid.{next(NUMBERS)}", "status": "sent", "timestamp": "1767225600"}
    entries.insert(place, {"changes": [{"field": "messages", "value": {"statuses": [status]}}]})

    assert post(drip, json.dumps({"entry": entries}).encode()) == 200
    assert drip.inbox.process() >= 1


@settings(
    max_examples=BODIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(body=st.binary(max_size=200) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_no_body_is_a_failure_of_ours(drip: Dripline, body: bytes) -> None:
    assert post(drip, body) == 200
    assert drip.inbox.process() >= 0


@settings(
    max_examples=BODIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(body=st.binary(max_size=50), signature=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"])))
def test_no_signature_but_the_right_one_opens(drip: Dripline, body: bytes, signature: str) -> None:
    assert post(drip, body, signature=signature) == 401
