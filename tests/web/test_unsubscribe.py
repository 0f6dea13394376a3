"""Unsubscribe links: one click bars, looking does not, and nobody can write a link but we."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline import Dripline
from dripline.core.messages.unsubscribe_links import UnsubscribeLinks
from dripline.core.reason import ReasonCode
from dripline.errors import InvalidSettings
from dripline.web.app import application

LINKS = UnsubscribeLinks("https://drip.example.com/", secret="0123456789abcdef")
AINA = "aina@example.com"


@pytest.fixture
def shop() -> Iterator[Dripline]:
    with Dripline("sqlite://") as drip:
        drip.add_lead(phone="60123456789", email=AINA)
        yield drip


def ask(drip: Dripline, method: str, url: str, *, links: UnsubscribeLinks | None = LINKS) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(application(drip, links))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(method, url, data={"List-Unsubscribe": "One-Click"})

    return asyncio.run(once())


def barred(drip: Dripline) -> dict[str, ReasonCode]:
    return {barred.address: barred.reason_code for barred in drip.leads.suppressions()}


def test_one_click_bars_the_person_for_good(shop: Dripline) -> None:
    answer = ask(shop, "POST", LINKS.url(AINA))

    assert answer.status_code == 200
    assert barred(shop) == {AINA: ReasonCode.UNSUBSCRIBED, "60123456789": ReasonCode.UNSUBSCRIBED}
    assert ask(shop, "POST", LINKS.url(AINA)).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_a_link_bars_nobody(shop: Dripline, method: str) -> None:
    answer = ask(shop, method, LINKS.url(AINA))

    assert answer.status_code == 200
    assert (AINA in answer.text and "<form" in answer.text) is (method == "GET")
    assert barred(shop) == {}


def test_an_address_is_shown_as_text(shop: Dripline) -> None:
    answer = ask(shop, "GET", LINKS.url("<img/src=x>@example.com"))

    assert "<img" not in answer.text
    assert "&lt;img/src=x&gt;@example.com" in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_is_not_ours_does_nothing(shop: Dripline, method: str) -> None:
    other = UnsubscribeLinks("https://drip.example.com", secret="another secret of theirs")

    assert ask(shop, method, other.url(AINA)).status_code == 404
    assert ask(shop, method, "https://drip.example.com/unsubscribe/guess").status_code == 404
    assert ask(shop, method, LINKS.url(AINA), links=None).status_code == 404
    assert barred(shop) == {}


@given(st.text(min_size=1), st.text())
def test_only_the_very_link_names_its_address(address: str, tail: str) -> None:
    token = LINKS.url(address).rpartition("/")[2] if is_utf8(address) else ""

    assert LINKS.address(token) == (address if is_utf8(address) else None)
    assert LINKS.address(tail) is None
    assert LINKS.address(f"{token.partition('.')[0]}.") is None
    assert LINKS.address(token[1:]) is None


def is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


@pytest.mark.parametrize("secret", ["", "short", " " * 40])
def test_a_secret_that_could_be_guessed_is_refused(secret: str) -> None:
    with pytest.raises(InvalidSettings, match="16 characters"):
        UnsubscribeLinks("https://drip.example.com", secret=secret)


def test_the_secret_is_not_shown() -> None:
    assert "0123456789abcdef" not in repr(LINKS)
