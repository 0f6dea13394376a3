"""Somebody who has never seen it: from the printed link to the first message sent, by what the pages say alone."""

import re
from collections.abc import Iterator

import pytest
from site_of import PASSWORD, Site, site

from dripline import Dripline, FakeChannel, Sequence


@pytest.fixture
def empty(drip: Dripline) -> Iterator[Site]:
    with site(drip) as opened:
        yield opened


def ticked(page: str) -> list[str]:
    steps = re.findall(r'<li class="done">.*?<strong>(.*?)</strong>', page, re.DOTALL)
    return steps[2:]  # after the account and the time zone


def links(page: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', page.split('id="begin"')[1].split("</section>", maxsplit=1)[0])


def test_the_list_leads_to_the_first_message_and_ticks_off(empty: Site, warm: Sequence, fake: FakeChannel) -> None:
    link = empty.drip.accounts.setup_link()
    answer = empty.client.post(
        f"/welcome/{link}", data={"email": "owner@shop.example", "name": "Owner", "password": PASSWORD}
    )
    assert "The console sender is ready: messages are printed where dripline runs" in answer.text
    assert ticked(answer.text) == ["A practice sender"]
    assert "/sequences/new?example=warm" in links(answer.text)
    empty.drip.apply(warm)
    page = empty.page("/")
    assert ticked(page) == ["A practice sender", "A sequence"]
    assert "/leads/new?example=1" in links(page)
    form = empty.page("/leads/new?example=1")
    fields = dict(re.findall(r'<input id="\w+" name="(phone|name|triggers)"[^>]* value="([^"]*)"', form))
    told = empty.post("/leads/new", **fields)
    assert "The lead is added; 1 enrollment began." in told.text
    assert told.url.path == "/leads/60123456789"
    assert ticked(empty.page("/")) == ["A practice sender", "A sequence", "A lead"]
    empty.drip.tick()
    page = empty.page("/")

    assert [message.text for message in fake.accepted] == ["One for Aina"]
    assert "The first message was sent" in page
    assert "/leads/60123456789" in links(page)


def test_a_lead_without_the_trigger_is_told_why_nothing_goes(empty: Site, warm: Sequence) -> None:
    empty.come_in()
    empty.drip.add_lead(phone="60123456789")
    assert "waits for a sequence" in empty.page("/")
    empty.drip.apply(warm)

    assert "none has a trigger that starts a sequence" in empty.page("/")


def test_whoever_is_beyond_the_first_message_sees_no_list(empty: Site, warm: Sequence) -> None:
    empty.come_in()
    empty.drip.apply(warm)
    for number in (0, 1):
        empty.drip.add_lead(phone=f"6012345678{number}", triggers=["WARMEXAMA"])
    empty.drip.tick()

    assert 'id="first"' not in empty.page("/")
