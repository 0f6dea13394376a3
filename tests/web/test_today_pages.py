"""Today and the calendar: every number leads on, every trouble has its button, and each state says what it is."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from site_of import Site, site

from dripline import Dripline, Pace, Sender, Sequence, Step, VirtualClock


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    for number in (0, 1):
        drip.add_lead(phone=f"6012345678{number}", triggers=["WARMEXAMA"])
    drip.tick()
    with site(drip) as opened:
        yield opened


def today(shop: Site) -> str:
    shop.come_in()
    return shop.page("/")


def test_with_nothing_wrong_all_is_clear_and_the_next_message_is_told(shop: Site) -> None:
    page = today(shop)

    assert "All clear. Next: 2 messages" in page
    assert "Nothing is due." in page
    assert re.search(r'href="/messages\?status=completed"><strong>2</strong> messages sent', page)
    assert re.search(r"<bdi>Warm EXAMA</bdi>, step 2 <span class=\"muted\">to 2 people", page)


def test_what_waits_says_why_and_leads_to_its_messages(shop: Site) -> None:
    shop.drip.senders.apply(Sender("jb & co", channel="console", pace=Pace(daily_cap=1)))
    shop.drip.apply(Sequence("Slow", trigger="SLOW", senders=["jb & co"], steps=[Step("one")]))
    for number in range(3):
        shop.drip.add_lead(phone=f"6019345678{number}", triggers=["SLOW"])
    shop.drip.tick()
    page = today(shop)

    assert "<bdi>jb &amp; co</bdi>, limit reached" in page
    assert 'href="/messages?due=1&amp;sender=jb+%26+co"' in page
    assert "None is late" in page
    assert len(re.findall(r'message=\d+"', shop.page("/messages?due=1&sender=jb+%26+co"))) == 2


def test_while_all_is_paused_the_page_says_so_and_counts_what_waits(shop: Site, clock: VirtualClock) -> None:
    shop.drip.pause(reason="moving house")
    clock.advance(timedelta(hours=13))
    page = today(shop)

    assert "All sending is paused:" in page
    assert "All sending is paused: moving house" in page
    assert "All sending is paused: these are the times" in shop.page("/calendar")


def test_without_a_worker_what_needs_a_person_is_one(shop: Site, clock: VirtualClock) -> None:
    clock.advance(timedelta(hours=13))
    page = today(shop)

    assert "No worker is running" in page
    assert re.search(r'href="/settings/system">What to do', page.split('id="attention"')[1])


def test_the_calendar_has_a_cell_for_each_day_on_which_something_goes(shop: Site) -> None:
    shop.come_in()
    page = shop.page("/calendar")
    links = re.findall(r'<td class="[^"]*"><a href="([^"]+)">', page)

    assert 2 <= len(links) <= 3
    assert all(link.startswith("/messages?sequence=Warm+EXAMA&amp;status=active") for link in links)
    assert 'aria-current="date"' in page


def test_a_paused_sequence_has_no_day_and_says_how_many_wait(shop: Site) -> None:
    shop.drip.pause(sequence="Warm EXAMA")
    shop.come_in()

    assert "6 paused" in shop.page("/calendar")


def test_weeks_are_turned_over_by_links(shop: Site) -> None:
    shop.come_in()
    after = re.search(r'href="(/calendar\?from=[\d-]+)" aria-label="Week after"', shop.page("/calendar"))
    assert after
    later = shop.page(after[1])

    assert later.count('scope="col"') == 8
    assert 'class="today"' not in later


@pytest.mark.parametrize("asked", ["from=Tuesday", "day=2026-13-01", "from=2001-01-01"])
def test_a_day_that_is_none_is_refused_in_a_sentence(shop: Site, asked: str) -> None:
    shop.come_in()

    assert "such as 2026-11-30" in (page := shop.page(f"/calendar?{asked}", 422)) or "name such a day" in page


def test_an_empty_calendar_says_what_will_be_there(drip: Dripline) -> None:
    with site(drip) as empty:
        empty.come_in()

        assert "No sequences yet" in empty.page("/calendar")
