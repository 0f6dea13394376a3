"""Leads over the pages: added, given and denied triggers, ended, barred, forgotten, and taken away as a file."""

from collections.abc import Iterator

import pytest
from site_of import Site, site

from dripline import Dripline, Sequence

LEAD = "60123456789"


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    with site(drip) as opened:
        opened.come_in("operator")
        yield opened


def test_a_lead_is_added_with_all_that_messages_may_say_of_it(shop: Site) -> None:
    more = "Target Status: prospect\n\nniche: EXAMA: the big one"
    told = shop.post("/leads/new", phone="012-345 6789", name="Aina", triggers="warmexama, later", more=more)
    lead = shop.drip.leads.with_address(phone=LEAD)[0]

    assert "The lead is added; 1 enrollment began." in told.text
    assert (lead.name, dict(lead.attributes)) == ("Aina", {"target_status": "prospect", "niche": "EXAMA: the big one"})


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "Aina"}, "neither a phone nor an e-mail address"),
        ({"phone": "12", "name": "Aina"}, "12"),
        ({"phone": LEAD, "name": "Aina", "more": "EXAMA"}, "has no name before a colon"),
        ({"phone": LEAD, "name": "Aina", "zone": "Mars"}, "Mars"),
    ],
)
def test_what_cannot_be_a_lead_is_told_above_what_was_written(shop: Site, fields: dict[str, str], told: str) -> None:
    answer = shop.post("/leads/new", **fields)

    assert answer.status_code == 422
    assert told in answer.text.split("<main")[1].split('action="/leads/new"')[0]
    assert 'value="Aina"' in answer.text


def test_a_trigger_is_given_and_taken_back(shop: Site) -> None:
    shop.drip.add_lead(phone=LEAD)
    assert "No trigger was written" in shop.post(f"/leads/{LEAD}/trigger", triggers=" , ").text
    assert "1 enrollment began" in shop.post(f"/leads/{LEAD}/trigger", triggers="warmexama").text
    told = shop.post(f"/leads/{LEAD}/untrigger", trigger="WARMEXAMA")

    assert "The trigger was removed; 0 enrollments ended." in told.text
    assert "none, so no sequence starts" in told.text


def test_a_sequence_is_ended_after_a_page_that_asks(shop: Site) -> None:
    shop.drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"])
    asked = shop.page(f"/leads/{LEAD}/stop?sequence=Warm%20EXAMA")
    assert "What was not sent yet is cancelled" in asked
    assert shop.drip.records.find_enrollments().rows[0].ended_at is None
    shop.post(f"/leads/{LEAD}/stop", sequence="Warm EXAMA", reason="asked by phone")

    assert shop.drip.records.find_enrollments().rows[0].end_reason == "asked by phone"


def test_a_person_is_barred_and_let_back_in(shop: Site) -> None:
    shop.drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"])
    assert "Opt out for good" in shop.page(f"/leads/{LEAD}/opt-out")
    assert "1 enrollment ended" in shop.post(f"/leads/{LEAD}/opt-out").text
    assert len(list(shop.drip.leads.suppressions())) == 1
    shop.post(f"/leads/{LEAD}/opt-in")

    assert list(shop.drip.leads.suppressions()) == []


def test_what_is_written_about_a_lead_is_shown_and_deleted(shop: Site) -> None:
    shop.drip.add_lead(phone=LEAD)
    told = shop.post(f"/leads/{LEAD}/notes", text="<b>Called</b>").text
    note = shop.drip.leads.timelines(phone=LEAD)[0].notes[0]

    assert "&lt;b&gt;Called&lt;/b&gt;" in told
    assert note.author == "user owner@shop.example"
    assert "A note has 1 to" in shop.post(f"/leads/{LEAD}/notes", text=" ").text
    assert "The note is deleted." in shop.post(f"/leads/{LEAD}/notes/{note.id}/drop").text
    assert shop.drip.leads.timelines(phone=LEAD)[0].notes == ()


def test_nobody_is_forgotten_before_their_address_was_typed(shop: Site) -> None:
    shop.drip.add_lead(phone=LEAD)
    assert f"Type {LEAD} to confirm" in shop.page(f"/leads/{LEAD}/forget")
    refused = shop.post(f"/leads/{LEAD}/forget", typed="60123456780")
    assert (refused.status_code, len(shop.drip.leads.with_address(phone=LEAD))) == (422, 1)
    told = shop.post(f"/leads/{LEAD}/forget", typed="+60 12-345 6789")

    assert "Deleted: 1 lead." in told.text
    assert shop.drip.leads.with_address(phone=LEAD) == []


def test_what_is_asked_of_nobody_is_not_there(shop: Site) -> None:
    shop.page(f"/leads/{LEAD}/forget", 404)
    shop.page(f"/leads/{LEAD}/explode", 404)


def test_leads_are_taken_away_as_a_file_that_is_no_formula(shop: Site) -> None:
    shop.drip.add_lead(phone=LEAD, name="=HYPERLINK(1)", triggers=["WARMEXAMA"])
    shop.drip.add_lead(phone="60123456780", name="Bala", triggers=["COLD"])
    assert "Export all as CSV" in shop.page("/leads")
    answer = shop.client.get("/leads/export.csv?trigger=warmexama")

    assert answer.content.startswith(b"\xef\xbb\xbfphone,email,name,zone,trigger")
    assert answer.text.splitlines()[1:] == [f"+{LEAD},,'=HYPERLINK(1),,WARMEXAMA"]
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''leads.csv"


def test_nobody_takes_leads_away_without_logging_in(shop: Site) -> None:
    shop.client.cookies.clear()

    assert shop.client.get("/leads/export.csv", follow_redirects=False).status_code == 303


def test_an_empty_list_says_how_to_begin(shop: Site) -> None:
    page = shop.page("/leads")

    assert "No leads yet" in page
    assert 'href="/leads/new?example=1"' in page
    assert "No matching leads" in shop.page("/leads?text=nobody")
