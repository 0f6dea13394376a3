"""One person is one lead, and one inbox gets a sequence once, whatever leads share it."""

import itertools
import threading
from collections.abc import Callable, Iterator

import pytest
from mail_shop import DAY, MAIL, OTHER, PHONE, Shop

from dripline import AddressKind, Dripline, FakeChannel, Policy, Sequence, Step
from dripline.core.leads.intake import new_lead
from dripline.core.leads.lead_ref import LeadRef
from dripline.errors import InvalidLead, InvalidPhone


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    made = Shop(url)
    with made.drip:
        yield made


ROWS: list[LeadRef] = [{"phone": PHONE}, {"email": MAIL}, {"phone": PHONE, "email": MAIL}]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("together", ["in one batch", ""])
def test_rows_that_name_one_person_in_any_order_are_one_lead(shop: Shop, order: tuple[int, ...], together: str) -> None:
    shop.apply()
    rows = [ROWS[place] for place in order]
    if together:
        shop.drip.add_leads([new_lead(**row, triggers=["T"]) for row in rows])
    else:
        for row in rows:
            shop.drip.add_lead(**row, triggers=["T"])
            shop.drip.tick()

    assert shop.sent() == [(MAIL, "S one"), (MAIL, "S two")]
    (lead,) = shop.drip.leads.with_address(email=MAIL)
    assert (lead.phone, lead.email) == (PHONE, MAIL)
    assert shop.drip.reports.counts()["leads"] == 1


@pytest.mark.parametrize("re_entry", ["once", "after_exit", "restart"])
def test_leads_that_share_an_address_are_one_inbox(shop: Shop, re_entry: str) -> None:
    shop.apply(policy=Policy(re_entry=re_entry))
    for phone in (PHONE, OTHER, "60123456782"):
        shop.drip.add_lead(phone=phone, email=MAIL, triggers=["T"])
        shop.drip.tick()

    (second,) = shop.drip.leads.timelines(phone=OTHER)
    (why,) = second.not_enrolled
    assert "has the same e-mail address" in why.reason
    assert shop.sent() == [(MAIL, "S one"), (MAIL, "S two")]


def test_leads_of_one_address_that_were_there_before_the_sequence_are_one_inbox(shop: Shop) -> None:
    for phone in (PHONE, OTHER):
        shop.drip.add_lead(phone=phone, email=MAIL, triggers=["T"])
    shop.apply()
    shop.days()
    shop.drip.add_lead(phone=OTHER, name="Later", triggers=["T"])

    assert shop.sent() == [(MAIL, "S one"), (MAIL, "S two")]


def test_who_gets_the_address_of_another_run_leaves_its_own(shop: Shop) -> None:
    shop.apply()
    shop.drip.add_lead(phone=PHONE, email=MAIL, triggers=["T"])
    shop.drip.tick()
    shop.clock.advance(DAY)
    shop.drip.tick()
    shop.drip.add_lead(phone=OTHER, email="other@example.com", triggers=["T"])
    shop.drip.tick()
    shop.drip.add_lead(phone=OTHER, email=MAIL)

    assert [text for to, text in shop.sent() if to == MAIL] == ["S one", "S two"]


def test_two_leads_may_change_addresses_with_each_other(shop: Shop) -> None:
    shop.apply()
    shop.drip.add_lead(phone=PHONE, email=MAIL, triggers=["T"])
    shop.drip.add_lead(phone=OTHER, email="b@example.com", triggers=["T"])
    shop.drip.tick()
    shop.drip.add_leads([new_lead(phone=PHONE, email="b@example.com"), new_lead(phone=OTHER, email=MAIL)])

    assert [to for to, _ in shop.sent()] == [MAIL, MAIL, "b@example.com", "b@example.com"]


def test_merged_leads_bring_everything_along(shop: Shop) -> None:
    shop.apply("Mail")
    shop.apply("Phone", "wa", trigger="P")
    shop.drip.add_lead(email=MAIL, name="Aina", triggers=["T"], attributes={"niche": "EXAMA", "day": 1})
    shop.drip.leads.add_note("Called.", email=MAIL)
    shop.drip.add_lead(phone=PHONE, triggers=["P"], attributes={"day": 2, "city": "KL"})
    shop.drip.tick()

    plan = shop.drip.leads.plan_merge(PHONE, MAIL)
    assert plan == shop.drip.leads.merge(PHONE, MAIL)
    (told,) = shop.drip.leads.timelines(phone=PHONE)
    assert (told.lead.id, told.lead.email, told.lead.name) == (plan.kept.id, MAIL, "Aina")
    assert told.lead.attributes == {"niche": "EXAMA", "day": 1, "city": "KL"}
    assert [trigger for trigger, _ in told.triggers] == ["P", "T"]
    assert [note.text for note in told.notes] == [
        f"Merged with lead {plan.gone.id} ({PHONE}): they are one person.",
        "Called.",
    ]
    assert shop.sent() == [
        (PHONE, "Phone one"), (PHONE, "Phone two"), (MAIL, "Mail one"), (MAIL, "Mail two")
    ]  # fmt: skip
    assert shop.drip.leads.forget(email=MAIL) == 1
    assert shop.drip.reports.counts() == {"leads": 0, "enrollments": 0}


def test_of_two_runs_the_one_that_is_further_on_stays(shop: Shop) -> None:
    kind = FakeChannel(address_kind=AddressKind.ANY)
    with Dripline(shop.url, clock=shop.clock, channels={"any": kind}) as drip:
        drip.apply(
            Sequence("S", trigger="T", channel="any", steps=[Step("one"), Step("two", "1d"), Step("three", "1d")])
        )
        drip.add_lead(email=MAIL, triggers=["T"])
        drip.tick()
        shop.clock.advance(DAY)
        drip.add_lead(phone=PHONE, triggers=["T"])
        drip.tick()
        drip.add_lead(phone=PHONE, email=MAIL)
        for _ in range(3):
            shop.clock.advance(DAY)
            drip.tick()

        assert [one.text for one in kind.accepted] == ["one", "two", "one", "three"]
        assert drip.verify() == []


def test_merged_leads_are_in_one_sequence_of_a_group(shop: Shop) -> None:
    shop.apply("A", "mail", group="g")
    shop.apply("B", "wa", trigger="P", group="g")
    shop.drip.add_lead(email=MAIL, triggers=["T"])
    shop.drip.tick()
    shop.drip.add_lead(phone=PHONE, triggers=["P"])
    assert shop.drip.leads.plan_merge(MAIL, PHONE).ending == (
        "lead 2 leaves 'B', at step 1: another run is further on",
    )
    shop.drip.add_lead(phone=PHONE, email=MAIL)

    assert shop.sent()[:2] == [(PHONE, "B one"), (PHONE, "B two")] or shop.sent() == [(MAIL, "A one"), (MAIL, "A two")]


@pytest.mark.parametrize("barred", [PHONE, MAIL])
def test_an_opt_out_of_one_bars_both(shop: Shop, barred: str) -> None:
    shop.apply("Mail")
    shop.apply("Phone", "wa", trigger="P")
    shop.drip.add_lead(email=MAIL, triggers=["T"])
    shop.drip.add_lead(phone=PHONE, triggers=["P"])
    shop.drip.opt_out(**{"phone" if barred == PHONE else "email": barred})
    shop.drip.add_lead(phone=PHONE, email=MAIL, triggers=["T", "P"])

    assert shop.sent() == []
    assert {one.address for one in shop.drip.leads.suppressions()} == {PHONE, MAIL}


def test_two_phones_are_two_people_unless_a_person_says_so(shop: Shop) -> None:
    for phone in (PHONE, OTHER):
        shop.drip.add_lead(phone=phone, email=MAIL)
    assert shop.drip.reports.counts()["leads"] == 2
    shop.drip.leads.merge(PHONE, OTHER)

    assert shop.drip.reports.counts()["leads"] == 1


@pytest.mark.parametrize("pair", [(PHONE, PHONE), (PHONE, "nobody@example.com"), ("x", PHONE)])
def test_a_merge_needs_two_leads(shop: Shop, pair: tuple[str, str]) -> None:
    shop.drip.add_lead(phone=PHONE, email=MAIL)

    with pytest.raises((InvalidLead, InvalidPhone)):
        shop.drip.leads.merge(*pair)


def test_an_import_again_after_a_merge_changes_nothing(shop: Shop) -> None:
    shop.apply()
    *_, last = [shop.drip.add_lead(**row, triggers=["T"]) for row in (*ROWS, *ROWS)]

    assert (last.added, last.updated, last.enrolled) == (0, 0, 0)


def test_racing_imports_never_run_an_address_twice(url: str) -> None:
    shop = Shop(url)
    with shop.drip:
        shop.apply()
        ready = threading.Barrier(6)

        def add(row: LeadRef) -> None:
            with Dripline(url, clock=shop.clock, channels={"mail": shop.mails, "wa": shop.phones}) as own:
                ready.wait()
                own.add_lead(**row, triggers=["T"])

        rows: list[LeadRef] = [
            *ROWS,
            {"phone": OTHER, "email": MAIL},
            {"phone": "60123456782", "email": MAIL},
            {"email": MAIL},
        ]
        racing = [threading.Thread(target=add, args=(row,)) for row in rows]
        for one in racing:
            one.start()
        for one in racing:
            one.join()

        assert shop.sent() == [(MAIL, "S one"), (MAIL, "S two")]


def test_the_database_itself_holds_an_address_to_one_run(
    shop: Shop, ask: Callable[[str], list[tuple[object, ...]]]
) -> None:
    shop.apply()
    shop.drip.add_lead(phone=PHONE, email=MAIL, triggers=["T"])
    shop.drip.add_lead(phone=OTHER, email="b@example.com", triggers=["T"])

    assert sorted(ask("SELECT address FROM enrollments")) == [(MAIL,), ("b@example.com",)]
    with pytest.raises(Exception, match=r"(?i)unique"):
        shop.drip._session.database.change("write_addresses", enrollments={"2": {"address": MAIL}})  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
