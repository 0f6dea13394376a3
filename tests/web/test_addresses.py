"""Whatever a sequence or a sender is called, its pages and its address in the API open, and lead back to it."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_of import Site, site

from dripline import Dripline, Sender, Sequence, Step
from dripline.web.path_segments import in_address, name_in

NAMES = [
    "COLD/WARM",
    "/",
    "a/edit",
    "..",
    ".",
    "new",
    "~new",
    "~~..",
    "50% off?",
    "a#b",
    "a%2Fb",
    "Ünïcödé 🎉",
    "a b",
    "~x",
]


@pytest.fixture
def shop(drip: Dripline) -> Iterator[Site]:
    with site(drip) as opened:
        opened.come_in()
        yield opened


@pytest.mark.parametrize("name", NAMES)
def test_a_sequence_of_any_name_can_be_opened_over_the_api(shop: Site, name: str) -> None:
    shop.drip.apply(Sequence(name, trigger="T", steps=[Step("Hi")]))
    answer = shop.client.get(f"/api/v1/sequences/{in_address(name)}", headers=shop.token())

    assert answer.status_code == 200, answer.text
    assert answer.json()["name"] == name


@pytest.mark.parametrize("name", NAMES)
def test_the_pages_of_a_sequence_of_any_name_open_from_the_list(shop: Site, name: str) -> None:
    shop.drip.apply(Sequence(name, trigger="T", steps=[Step("Said only here")]))
    (where,) = re.findall(r'<td><a href="(/sequences/[^"]+)"', shop.page("/sequences"))
    shop.drip.pause(sequence=name)

    assert "Said only here" in shop.page(f"{where}/edit")
    assert "Said only here" in shop.page(f"{where}?a=1")
    assert shop.client.get(f"{where}/resume").status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_a_sender_of_any_name_opens_from_the_list(shop: Site, name: str) -> None:
    shop.drip.senders.apply(Sender(name, channel="console"))
    (where,) = re.findall(r'<a class="clip" href="(/senders/[^"]+)"', shop.page("/senders"))

    assert "Pause" in shop.page(where)
    assert "Save" in shop.page(f"{where}/edit")
    answer = shop.client.post(f"/api/v1/senders/{in_address(name)}/pause", headers=shop.token(), json={"reason": "x"})
    assert answer.status_code == 200, answer.text


def test_an_address_with_a_slash_is_found_again_after_logging_in(shop: Site) -> None:
    shop.client.cookies.clear()
    answer = shop.client.get("/sequences/COLD%2FWARM", follow_redirects=False)

    assert unquote(urlsplit(answer.headers["location"]).query) == "next=/sequences/COLD%2FWARM"


def test_a_lead_whose_mail_address_has_a_slash_can_be_opened(shop: Site) -> None:
    shop.drip.add_lead(email="sales/malaysia@shop.example", name="Aina")

    assert "Aina" in shop.page("/leads/sales%2Fmalaysia@shop.example")
    answer = shop.client.get("/api/v1/leads/sales%2Fmalaysia@shop.example", headers=shop.token())
    assert answer.status_code == 200


@given(st.text(alphabet="~./newa%"))
def test_every_name_has_an_address_of_its_own(name: str) -> None:
    segment = unquote(in_address(name))

    assert segment not in {".", "..", "new"}
    assert name_in(segment) == name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/lead/sales%2Fshop@a.example?a=1", "/leads/sales%2Fshop@a.example?a=1"),
        ("/record/7", "/messages/7"),
        ("/r%65cord/7", "/messages/7"),
        ("/records/7", "/messages/7"),
        ("/records?status=failed&step=2", "/messages?status=failed&step=2"),
        ("/activity", "/messages"),
        ("/processor", "/settings/system"),
    ],
)
def test_an_old_address_leads_to_the_new_one(shop: Site, old: str, new: str) -> None:
    told = shop.client.get(old, follow_redirects=False)

    assert (told.status_code, told.headers["location"]) == (308, new)
