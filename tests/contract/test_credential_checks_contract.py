"""What providers are asked of a credential is valid by their own specifications, and their answers are understood."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Protocol

import pytest

from dripline import CredentialFact, FactCode, FactState
from dripline.channels.accounts import ChecksCredentials
from dripline.channels.contract import Closable
from dripline.channels.gowa.channel import GowaChannel
from dripline.channels.twilio.channel import TwilioChannel
from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
from support.prism import serving
from support.secrets_of_tests import ACCOUNT_SID, GOWA, META, TWILIO, secrets_in

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOOK = "https://example.com/webhook"


@pytest.fixture(scope="module")
def meta() -> Iterator[str]:
    with serving("whatsapp-cloud-business-messaging-api_v23.0.yaml") as url:
        yield url


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with serving("gowa-openapi-9.0.0.yaml") as url:
        yield url


@pytest.fixture(scope="module")
def twilio() -> Iterator[str]:
    with serving("twilio-messages-subset.json") as url:
        yield url


class Checked(ChecksCredentials, Closable, Protocol):
    """A channel that can be asked, and holds connections."""


def states(channel: Checked, account: str, hook: str) -> dict[FactCode, FactState]:
    """Ask for the facts of a credential; none tells a secret."""

    async def once() -> list[CredentialFact]:
        try:
            return list(await channel.check_credential(account, hook))
        finally:
            await channel.aclose()

    found = asyncio.run(once())
    assert secrets_in(repr(found).encode()) == []
    return {fact.code: fact.state for fact in found}


def test_meta_says_whose_number_it_is_and_which_apps_are_subscribed(meta: str) -> None:
    channel = WhatsAppCloudChannel(META, base_url=meta, business_account_id="1234567890123456", now=lambda: NOW)

    assert states(channel, "106853218861309", HOOK) == {
        FactCode.LOGIN: FactState.HOLDS,
        FactCode.ACCOUNT: FactState.HOLDS,
        FactCode.WEBHOOK: FactState.HOLDS,
    }


def test_the_gateway_says_whether_a_device_is_linked_and_where_it_posts_to(gateway: str) -> None:
    channel = GowaChannel(gateway, username="drip", password=GOWA, now=lambda: NOW)

    assert states(channel, "jb-1", HOOK) == {
        FactCode.LOGIN: FactState.HOLDS,
        FactCode.ACCOUNT: FactState.HOLDS,
        FactCode.WEBHOOK: FactState.HOLDS,
    }


def test_twilio_lists_messages_to_whoever_it_lets_in(twilio: str) -> None:
    channel = TwilioChannel(ACCOUNT_SID, TWILIO, base_url=twilio, now=lambda: NOW)

    assert states(channel, "+14155552345", HOOK)[FactCode.LOGIN] is FactState.HOLDS
