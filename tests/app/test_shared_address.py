"""Leads that come to share an address while messages are to come: by an edit, a list, another channel, or by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lists import bring_in, listed
from mail_shop import MAIL, OTHER, PHONE, Shop

from dripline.core.leads.intake import new_lead

Ask = Callable[[str], list[tuple[object, ...]]]
Plant = Callable[[str], None]

BALA = "bala@example.com"


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    made = Shop(url)
    with made.drip:
        yield made


@pytest.fixture
def two(shop: Shop) -> Shop:
    """Two leads with an address each; the first is one step further on."""
    shop.apply()
    shop.drip.add_lead(phone=PHONE, email=MAIL, triggers=["T"])
    shop.days(1)
    shop.drip.tick()
    shop.drip.add_lead(phone=OTHER, email=BALA, triggers=["T"])
    shop.drip.tick()
    return shop


def test_an_address_that_differs_in_case_is_the_same(shop: Shop) -> None:
    shop.apply()
    shop.drip.add_lead(phone=PHONE, email="Aina@Example.com", triggers=["T"])
    shop.drip.add_lead(phone=OTHER, email="aina@EXAMPLE.com", triggers=["T"])

    assert [text for _, text in shop.sent()] == ["S one", "S two"]


def test_an_address_that_is_changed_by_hand_is_held_to_one_run(two: Shop, plant: Plant) -> None:
    plant(f"UPDATE leads SET email = '{MAIL}' WHERE phone = '{OTHER}'")

    assert two.sent() == [(MAIL, "S one"), (MAIL, "S two"), (BALA, "S one")]


def test_an_address_that_is_changed_by_hand_is_free_for_others(two: Shop, plant: Plant) -> None:
    plant(f"UPDATE leads SET email = 'new@example.com' WHERE phone = '{OTHER}'")
    two.drip.tick()
    two.drip.add_lead(email=BALA, triggers=["T"])

    assert [to for to, _ in two.sent()] == [MAIL, MAIL, BALA, BALA, BALA, "new@example.com"]


def test_an_import_that_is_undone_gives_addresses_back(shop: Shop, tmp_path: Path, ask: Ask) -> None:
    shop.apply()
    shop.drip.add_lead(phone=OTHER, email=BALA, triggers=["T"])
    done = bring_in(shop.drip, listed(tmp_path, f"phone,email,trigger\n{OTHER},new@example.com,T\n"))
    assert ask("SELECT address FROM enrollments") == [("new@example.com",)]
    shop.drip.imports.undo(done.id)

    assert ask("SELECT address FROM enrollments") == [(BALA,)]
    assert shop.sent() == [(BALA, "S one"), (BALA, "S two")]


def test_an_import_is_undone_where_its_old_address_is_another_run_now(shop: Shop, tmp_path: Path) -> None:
    shop.apply()
    shop.drip.add_lead(phone=PHONE, email=MAIL, triggers=["T"])
    done = bring_in(shop.drip, listed(tmp_path, f"phone,email,trigger\n{PHONE},new@example.com,T\n"))
    shop.drip.add_lead(phone=OTHER, email=MAIL, triggers=["T"])
    shop.drip.imports.undo(done.id)

    assert [to for to, _ in shop.sent()] == [MAIL, MAIL]


@pytest.mark.parametrize("stored", [[], [PHONE]])
def test_what_an_import_would_enroll_is_what_it_enrolls(shop: Shop, tmp_path: Path, stored: list[str]) -> None:
    shop.apply()
    rows = [f"{phone},{MAIL},T\n" for phone in (PHONE, OTHER, "60123456782")]
    for phone in stored:
        shop.drip.add_lead(phone=phone, email=MAIL, triggers=["T"])
    upload = listed(tmp_path, "phone,email,trigger\n" + "".join(rows))
    planned = shop.drip.imports.plan(upload)

    assert sum(planned.expected.enrolled.values()) == bring_in(shop.drip, upload).enrolled


def test_who_starts_is_counted_by_address(shop: Shop) -> None:
    for phone in (PHONE, OTHER, "60123456782"):
        shop.drip.add_lead(phone=phone, email=MAIL, triggers=["T"])
    shop.drip.add_lead(email=BALA, triggers=["T"])
    planned = shop.plan()

    assert planned.starting.leads == 2
    assert "2 leads with T would not get it: 2 whose address another lead has" in " ".join(planned.notes)
    shop.apply()
    assert shop.drip.reports.counts()["enrollments"] == 2


def test_a_change_of_channel_that_makes_two_addresses_one_ends_one_run(shop: Shop) -> None:
    shop.apply(channel="wa")
    for phone in (PHONE, OTHER):
        shop.drip.add_lead(phone=phone, email=MAIL, triggers=["T"])
    shop.drip.tick()
    shop.apply(channel="mail")

    assert [to for to, _ in shop.sent()] == [PHONE, OTHER, MAIL]


def test_two_channels_that_reach_one_phone_are_two_sequences(shop: Shop) -> None:
    shop.apply("WhatsApp", "wa")
    shop.apply("Text", "wa", trigger="U")
    for triggers in (["T"], ["U"], ["T", "U"]):
        shop.drip.add_lead(phone=PHONE, triggers=triggers)

    assert [text for _, text in shop.sent()] == ["Text one", "Text two", "WhatsApp one", "WhatsApp two"]


def test_who_shares_an_address_starts_once_the_other_has_another_one(two: Shop) -> None:
    two.drip.add_lead(phone="60123456782", email=BALA, triggers=["T"])
    assert two.drip.reports.counts()["enrollments"] == 2
    two.drip.leads.exit(phone=OTHER)
    two.drip.add_leads([new_lead(phone=OTHER, email="new@example.com"), new_lead(phone="60123456782", name="C")])

    assert [text for to, text in two.sent() if to == BALA] == ["S one", "S one", "S two"]


def test_the_doctor_names_a_run_that_sends_elsewhere_than_is_written_down(two: Shop, plant: Plant) -> None:
    plant("UPDATE enrollments SET address = 'typo@example.com' WHERE id = 2")

    (breach,) = two.drip.verify()
    assert "typo@example.com" not in str(breach)
    assert breach.id == 2
