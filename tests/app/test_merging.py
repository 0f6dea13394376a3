"""Leads that are merged while messages wait, are on their way, or may have gone; and what stays barred."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lists import bring_in, listed
from mail_shop import DAY, MAIL, OTHER, PHONE, Shop

from dripline import AddressKind, Dripline, FakeChannel, Message, Sequence, Step
from dripline.core.leads.lead_ref import LeadRef, lead_ref
from dripline.errors import BusyLead, InvalidLead

Ask = Callable[[str], list[tuple[object, ...]]]
Plant = Callable[[str], None]

BALA = "bala@example.com"
STEPS = [Step("one"), Step("two", "1d"), Step("three", "1d")]


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    made = Shop(url)
    with made.drip:
        yield made


@pytest.fixture
def anyhow(shop: Shop) -> Iterator[tuple[Dripline, FakeChannel]]:
    """A channel that reaches phones and e-mail addresses, and a sequence in which two leads of one person are."""
    channel = FakeChannel(address_kind=AddressKind.ANY)
    with Dripline(shop.url, clock=shop.clock, channels={"any": channel}) as drip:
        drip.apply(Sequence("S", trigger="T", channel="any", steps=STEPS))
        drip.add_lead(email=MAIL, name="Aina", triggers=["T"])
        drip.tick()
        shop.clock.advance(DAY)
        drip.add_lead(phone=PHONE, name="A.", triggers=["T"])
        yield drip, channel


def days(shop: Shop, drip: Dripline, many: int = 4) -> None:
    for _ in range(many):
        drip.tick()
        shop.clock.advance(DAY)
    assert drip.verify() == []


def test_a_plan_names_the_run_that_ends_and_the_merge_ends_that_one(
    shop: Shop, anyhow: tuple[Dripline, FakeChannel]
) -> None:
    drip, channel = anyhow
    planned = drip.leads.plan_merge(MAIL, PHONE)
    before = drip.reports.counts(), drip.records()
    assert before == (drip.reports.counts(), drip.records())
    assert planned.ending == ("lead 2 leaves 'S', at step 1: another run is further on",)
    assert drip.leads.merge(PHONE, MAIL) == planned
    days(shop, drip)

    assert [message.text for message in channel.accepted] == ["one", "two", "three"]
    assert {message.to for message in channel.accepted[1:]} == {PHONE}


@pytest.mark.parametrize("status", ["sending", "unknown"])
def test_a_run_whose_message_may_be_on_its_way_stays_before_one_that_waits(
    shop: Shop, anyhow: tuple[Dripline, FakeChannel], plant: Plant, status: str
) -> None:
    drip, channel = anyhow
    plant(
        f"UPDATE sequence_contacts SET status = '{status}', attempt = 1, reason_code = 'worker_lost', lease_until ="
        " '2026-01-06 00:05:00'"
        + (", worker = 'w'" if status == "sending" else "")
        + " WHERE lead_id = 2 AND current_step = 1;"
        "INSERT INTO attempts (record_id, number, worker, started_at) SELECT id, 1, 'w', '2026-01-06 00:00:00'"
        " FROM sequence_contacts WHERE lead_id = 2 AND current_step = 1"
    )
    merged = drip.leads.merge(MAIL, PHONE)
    days(shop, drip)

    assert merged.ending == ("lead 1 leaves 'S', at step 2: another run is further on",)
    assert [message.text for message in channel.accepted] == ["one", "two", "three"]


def test_messages_of_both_that_are_on_their_way_make_a_merge_wait(
    shop: Shop, anyhow: tuple[Dripline, FakeChannel]
) -> None:
    drip, _ = anyhow
    refused: list[str] = []
    joined: list[int] = []

    def merge(_message: Message) -> None:
        with Dripline(shop.url, clock=shop.clock) as other:
            try:
                other.leads.merge(MAIL, PHONE)
            except BusyLead as busy:
                refused.append(str(busy))
            joined.append(other.add_lead(phone=PHONE, email=MAIL).updated)

    with Dripline(shop.url, clock=shop.clock, channels={"any": FakeChannel(merge)}) as sending:
        sending.tick()
    assert refused[0] == (
        "Messages to both leads are on their way, or nobody knows whether they went: try again in a few minutes, "
        "or say what became of them with dripline unknown first."
    )
    assert joined[0] == 1
    drip.add_lead(phone=PHONE, email=MAIL)

    assert drip.reports.counts()["leads"] == 1
    days(shop, drip)


def test_what_is_on_its_way_when_its_lead_is_merged_is_settled(shop: Shop) -> None:
    merged: list[str] = []

    def merge(_message: Message) -> None:
        with Dripline(shop.url, clock=shop.clock) as other:
            merged.append(other.leads.merge(PHONE, MAIL).result.email or "")

    channel = FakeChannel(merge, address_kind=AddressKind.EMAIL)
    with Dripline(shop.url, clock=shop.clock, channels={"mail": channel, "wa": shop.phones}) as drip:
        drip.apply(Sequence("S", trigger="T", channel="mail", steps=STEPS[:1]))
        drip.add_lead(phone=PHONE)
        drip.add_lead(email=MAIL, triggers=["T"])
        days(shop, drip, 1)

        assert merged == [MAIL]
        assert [record.status for record in drip.records(phone=PHONE)] == ["completed"]


@pytest.mark.parametrize("out", [PHONE, MAIL])
@pytest.mark.parametrize("joins", ["row", "hand"])
def test_what_one_opted_out_of_the_other_never_gets(
    shop: Shop, anyhow: tuple[Dripline, FakeChannel], out: str, joins: str
) -> None:
    drip, channel = anyhow
    drip.opt_out(**lead_ref(out), reason="the lead asked")
    drip.tick()
    shop.clock.advance(DAY)
    sent = len(channel.accepted)
    if joins == "row":
        drip.add_lead(phone=PHONE, email=MAIL, triggers=["T"])
    else:
        drip.leads.merge(PHONE, MAIL)

    assert {one.address: one.reason for one in drip.leads.suppressions()} == dict.fromkeys(
        [PHONE, MAIL], "the lead asked"
    )
    assert {record.status for record in drip.records(phone=PHONE)} <= {"completed", "cancelled"}
    days(shop, drip)
    assert len(channel.accepted) == sent


def test_merged_leads_go_on_by_the_pauses_and_senders_of_the_run_that_stays(shop: Shop) -> None:
    shop.apply("Mail")
    shop.apply("Phone", "wa", trigger="P")
    shop.drip.add_lead(email=MAIL, triggers=["T"])
    shop.drip.add_lead(phone=PHONE, triggers=["P"])
    shop.drip.pause(email=MAIL)
    shop.drip.leads.merge(PHONE, MAIL)

    assert shop.sent() == [(PHONE, "Phone one"), (PHONE, "Phone two")]
    assert shop.drip.resume(phone=PHONE) == 1
    assert shop.sent()[2:] == [(MAIL, "Mail one"), (MAIL, "Mail two")]


def test_what_runs_once_runs_once_for_both(shop: Shop) -> None:
    shop.apply()
    shop.drip.add_lead(email=MAIL, triggers=["T"])
    shop.days()
    shop.drip.add_lead(phone=PHONE, triggers=["T"])
    shop.drip.add_lead(phone=PHONE, email=MAIL, triggers=["T"])

    assert shop.sent() == [(MAIL, "S one"), (MAIL, "S two")]


def test_a_lead_that_is_merged_starts_what_it_lacked_an_address_for(shop: Shop) -> None:
    shop.apply()
    shop.drip.add_lead(phone=PHONE, triggers=["T"])
    shop.drip.add_lead(email=MAIL)
    shop.drip.leads.merge(PHONE, MAIL)

    assert shop.sent() == [(MAIL, "S one"), (MAIL, "S two")]


def test_a_merged_lead_is_forgotten_with_all_of_both(shop: Shop, ask: Ask) -> None:
    shop.apply("Mail")
    shop.apply("Phone", "wa", trigger="P")
    shop.drip.add_lead(email=MAIL, triggers=["T"])
    shop.drip.add_lead(phone=PHONE, triggers=["P"])
    shop.days()
    shop.drip.leads.merge(PHONE, MAIL)
    shop.drip.leads.forget(phone=PHONE)

    for table in ("leads", "enrollments", "sequence_contacts", "attempts", "lead_triggers", "lead_notes"):
        assert ask(f"SELECT count(*) FROM {table}") == [(0,)]
    assert shop.drip.verify() == []


def test_three_leads_become_one_whatever_joins_them(shop: Shop) -> None:
    shop.apply("Mail")
    people: list[LeadRef] = [{"email": BALA}, {"email": MAIL}, {"phone": PHONE}]
    for one in people:
        shop.drip.add_lead(**one, triggers=["T"])
    shop.drip.leads.merge(MAIL, BALA)
    shop.drip.leads.merge(PHONE, MAIL)

    assert shop.drip.reports.counts()["leads"] == 1
    assert shop.sent() == [(BALA, "Mail one"), (BALA, "Mail two")]


def test_a_merged_lead_is_counted_once(shop: Shop) -> None:
    shop.apply()
    shop.drip.add_lead(email=MAIL, triggers=["T"])
    shop.drip.add_lead(phone=PHONE)
    shop.drip.leads.merge(PHONE, MAIL)
    shop.days()
    report = shop.drip.reports.overview()

    assert (report.leads, report.sequences[0].enrollments.finished, report.sequences[0].tally.sent.many) == (1, 1, 2)


@pytest.fixture
def both(shop: Shop) -> Shop:
    """A lead of two phones and two e-mail addresses, of which the older ones are sent to."""
    shop.apply()
    shop.apply("Phone", "wa", trigger="P")
    shop.drip.add_lead(phone=PHONE, email=MAIL, name="Aina")
    shop.drip.add_lead(phone=OTHER, email=BALA, triggers=["P"])
    assert shop.drip.leads.merge(OTHER, PHONE).others == (OTHER, BALA)
    return shop


@pytest.mark.parametrize("named", [{"phone": PHONE}, {"phone": OTHER}, {"email": MAIL}, {"email": BALA}])
def test_a_merged_lead_is_known_by_every_address_of_both(both: Shop, named: LeadRef) -> None:
    both.drip.add_lead(**named, name="Aina B.", triggers=["T"])
    (lead,) = both.drip.leads.with_address(**named)

    assert (lead.id, lead.phone, lead.email, lead.name) == (1, PHONE, MAIL, "Aina B.")
    assert both.drip.reports.counts()["leads"] == 1
    assert both.sent() == [
        (PHONE, "Phone one"), (PHONE, "Phone two"), (MAIL, "S one"), (MAIL, "S two")
    ]  # fmt: skip


def test_a_merged_lead_is_known_by_the_ids_of_both(both: Shop) -> None:
    for lead_id in (1, 2):
        found = both.drip.leads.get(lead_id)
        assert found is not None
        assert found.lead.id == 1


def test_an_import_reaches_a_merged_lead_by_the_addresses_of_both(both: Shop, tmp_path: Path) -> None:
    upload = listed(tmp_path, f"phone,email,name,trigger\n{OTHER},,Bala,T\n,{BALA},Bala,T\n")
    planned = both.drip.imports.plan(upload).expected
    done = bring_in(both.drip, upload)

    assert (planned.new, planned.updated, planned.enrolled) == (0, 1, {"S": 1})
    assert (done.added, done.enrolled, both.drip.reports.counts()["leads"]) == (0, 1, 1)


@pytest.mark.parametrize("out", [OTHER, BALA])
def test_who_opts_out_by_an_address_that_is_not_sent_to_is_sent_nothing(both: Shop, out: str) -> None:
    both.drip.inbox.receive("STOP", **lead_ref(out))

    assert both.sent() == []
    assert {one.address for one in both.drip.leads.suppressions()} == {PHONE, OTHER, MAIL, BALA}


def test_a_row_that_names_an_address_of_another_person_makes_no_new_lead(both: Shop) -> None:
    both.drip.add_lead(email="c@example.com", triggers=["T"])
    both.drip.add_lead(phone=OTHER, email="c@example.com")

    assert both.drip.reports.counts()["leads"] == 1
    assert both.drip.leads.with_address(phone=OTHER)[0].email == "c@example.com"


def test_addresses_of_who_is_forgotten_are_free(both: Shop, ask: Ask) -> None:
    both.drip.leads.forget(email=BALA)
    assert (ask("SELECT * FROM other_addresses"), ask("SELECT * FROM merged_leads")) == ([], [])
    both.drip.add_lead(phone=OTHER, email=BALA)

    assert both.drip.leads.with_address(phone=PHONE) == []
    assert both.drip.leads.with_address(email=BALA)[0].phone == OTHER


def test_merging_again_changes_nothing(both: Shop) -> None:
    for pair in ((PHONE, OTHER), (BALA, PHONE)):
        with pytest.raises(InvalidLead, match="Both addresses are lead 1 already"):
            both.drip.leads.merge(*pair)


@pytest.mark.parametrize("how", ["merged", "joined by a row"])
def test_who_is_merged_with_a_buyer_is_at_the_goal(shop: Shop, how: str) -> None:
    channel = FakeChannel(address_kind=AddressKind.ANY)
    with Dripline(shop.url, clock=shop.clock, channels={"any": channel}) as drip:
        drip.apply(Sequence("S", trigger="T", channel="any", steps=STEPS, goal="BOUGHT"))
        drip.add_lead(phone=PHONE, triggers=["T"])
        drip.add_lead(email=MAIL, triggers=["BOUGHT"])
        drip.tick()
        planned = drip.leads.plan_merge(PHONE, MAIL)
        if how == "merged":
            drip.leads.merge(PHONE, MAIL)
        else:
            drip.add_lead(phone=PHONE, email=MAIL)
        days(shop, drip)

        assert planned.ending == ("lead 1 leaves 'S', at step 2: the goal BOUGHT is reached",)
        assert [message.text for message in channel.accepted] == ["one"]
        assert drip.records.find_enrollments().rows[0].end_reason == "the lead reached the goal BOUGHT"
