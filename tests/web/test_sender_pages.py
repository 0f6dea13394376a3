"""Senders over the pages: added, changed after saying what that does, paused, retired."""

from collections.abc import Iterator

import pytest
from site_of import Site, site

from dripline import Dripline, FakeChannel, Sender, Sequence, Step


@pytest.fixture
def shop(drip: Dripline) -> Iterator[Site]:
    with site(drip) as opened:
        opened.come_in("operator")
        yield opened


def only(shop: Site) -> Sender:
    (state,) = shop.drip.senders.all()
    return state.sender


def test_a_sender_that_prints_is_there_in_one_click(shop: Site) -> None:
    assert "Try it with a practice sender" in shop.page("/senders")
    told = shop.post("/senders", name="console", channel="console", gap="0s")

    assert told.url.path == "/senders/console"
    assert (only(shop).channel, only(shop).pace.gap) == ("console", "0s")


def test_a_sender_is_added_with_all_its_limits(shop: Site) -> None:
    limits = {"gap": "10s-30s", "burst": "3", "hourly_cap": "40", "daily_cap": "250", "warm_up": "20, 40 80"}
    quiet = {"quiet": "21:00-08:00", "zone": "Asia/Kuala_Lumpur"}
    shop.post("/senders", name="jb-1", channel="console", account="7", pool="jb", **limits, **quiet)
    pace = only(shop).pace

    assert (pace.burst, pace.hourly_cap, pace.daily_cap, pace.warm_up) == (3, 40, 250, (20, 40, 80))
    assert (only(shop).account, only(shop).pool, pace.quiet) == ("7", "jb", "21:00-08:00")


def test_a_sender_is_tried_with_a_message_to_oneself(shop: Site, fake: FakeChannel) -> None:
    shop.drip.senders.apply(Sender("jb-1", channel="console"))
    assert "This is a test message from dripline." in shop.page("/senders/jb-1")
    told = shop.post("/senders/jb-1/try", to="60123456789", text="<b>Hi</b>")
    assert "Accepted for 60123456789" in told.text
    assert [message.text for message in fake.accepted] == ["<b>Hi</b>"]

    assert "A test message has 1 to" in shop.post("/senders/jb-1/try", to="60123456789", text=" ").text
    assert len(fake.offered) == 1


def test_what_would_change_is_said_and_nothing_is_changed(shop: Site) -> None:
    shop.post("/senders", name="jb-1", channel="console", daily_cap="250")
    form = shop.page("/senders/jb-1/edit")
    assert 'value="250"' in form
    fields = {"name": "jb-1", "channel": "console", "daily_cap": "90", "known": "1"}
    told = shop.post("/senders", look="1", **fields)
    assert "daily cap 250 → 90" in told.text
    assert only(shop).pace.daily_cap == 250
    shop.post("/senders", **fields)

    assert only(shop).pace.daily_cap == 90


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": ""}, "needs a name"),
        ({"daily_cap": "many"}, "The most a day is &#39;many&#39;: write a number"),
        ({"gap": "soon"}, "soon"),
        ({"warm_up": "0"}, "warm_up is 0"),
        ({"quiet": "21:00-08:00"}, "Quiet hours need a time zone"),
        ({"channel": "pigeon"}, "pigeon"),
    ],
)
def test_what_cannot_be_a_sender_is_told_above_what_was_written(shop: Site, fields: dict[str, str], told: str) -> None:
    answer = shop.post("/senders", **{"name": "jb-1", "channel": "console", "account": "kept"} | fields)

    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="kept"' in answer.text
    assert shop.drip.senders.all() == []


def test_a_sender_is_replaced_by_another(shop: Site) -> None:
    for name in ("jb-1", "jb-2"):
        shop.post("/senders", name=name, channel="console")
    shop.drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("One")], senders=["jb-1", "jb-2"]))
    shop.drip.add_lead(phone="60123456789", triggers=["WARM"])
    name = next(state.sender.name for state in shop.drip.senders.all() if state.live)
    other = {"jb-1": "jb-2", "jb-2": "jb-1"}[name]
    told = shop.post(f"/senders/{name}/archive", to=other)

    assert f"{name} is retired; 1 enrollment moved to other senders." in told.text


def test_a_sender_that_is_not_there_says_so(shop: Site) -> None:
    assert "There is no sender" in shop.page("/senders/nobody/edit", 404)


def test_a_viewer_adds_no_sender(shop: Site) -> None:
    shop.come_in("viewer", "viewer@shop.example")
    assert "Add a sender" not in shop.page("/senders")

    assert shop.post("/senders", name="jb-1", channel="console").status_code == 403
