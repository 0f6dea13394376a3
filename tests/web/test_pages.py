"""The pages, as what they are without a browser: HTML that is right, and open to nobody who was not let in."""

import re
from collections.abc import Iterator

import pytest
from site_of import PASSWORD, Site, site

from dripline import Dripline, Sequence
from dripline.core.accounts.logins import FREE_TRIES

PAGES = [
    *(
        "/",
        "/sequences",
        "/leads",
        "/messages",
        "/messages/attempts",
        "/senders",
        "/settings/system",
        "/settings",
        "/resume",
        "/api",
    ),
    *("/calendar", "/simulate", "/sequences/new", "/imports", "/leads/new", "/senders/new", "/senders/new/connect"),
]
IN_THE_SETTINGS = ["/settings/events", "/settings/intake"]

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    drip.add_lead(phone="60123456789", name=MARKUP, triggers=["WARMEXAMA"])
    drip.tick()
    with site(drip) as opened:
        yield opened


@pytest.mark.parametrize("path", [*PAGES, *IN_THE_SETTINGS])
def test_a_page_leads_whoever_is_not_logged_in_to_the_log_in(shop: Site, path: str) -> None:
    answer = shop.client.get(path, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}")


@pytest.mark.parametrize("path", [*PAGES, *IN_THE_SETTINGS, "/leads/60123456789", "/sequences/Warm%20EXAMA"])
def test_a_page_opens_and_shows_a_name_that_is_markup_as_text(shop: Site, path: str) -> None:
    shop.come_in()

    assert MARKUP not in shop.page(path)


def test_the_api_is_documented_by_its_own_description(shop: Site) -> None:
    shop.come_in()
    page = shop.page("/api")
    described = shop.client.get("/api/v1/openapi.json", headers=shop.token()).json()["paths"]

    assert len(described) > 30
    assert [path for path in described if path not in page] == []
    assert "However it is written: 012-345 6789" in page
    assert not re.search("(src|href)=.https?:", page)


def test_a_leads_page_says_of_every_record_why(shop: Site) -> None:
    shop.come_in()
    page = shop.page("/leads/60123456789")

    assert "accepted at" in page
    assert "waits for step 2 to end" in page


def test_a_number_of_today_opens_the_rows_it_counts(shop: Site) -> None:
    shop.come_in()
    assert 'href="/messages?status=completed"><strong>1</strong>' in shop.page("/")

    assert len(re.findall(r'message=\d+"', shop.page("/messages?status=completed"))) == 1


def test_a_form_without_what_the_page_knows_changes_nothing(shop: Site) -> None:
    shop.come_in()
    answer = shop.client.post("/pause", data={"csrf": "0" * 64})

    assert answer.status_code == 403
    assert shop.drip.workspace.state().pause_reason is None


def test_a_form_of_another_site_changes_nothing(shop: Site) -> None:
    shop.come_in()
    shop.client.headers["sec-fetch-site"] = "cross-site"
    answer = shop.client.post("/login", data={"email": "owner@shop.example", "password": "x"})

    assert answer.status_code == 403


def test_everything_is_paused_and_resumed_with_its_foresight(shop: Site) -> None:
    shop.come_in()
    shop.post("/pause", reason="a wrong price")
    assert "All sending is paused" in shop.page("/leads")
    assert "Nothing is due" in shop.page("/resume")
    shop.post("/resume")

    assert shop.drip.workspace.state().pause_reason is None
    assert [deed.deed for deed in shop.drip.accounts.audit()][:2] == ["resume", "pause"]


def test_a_lead_is_stopped_by_hand(shop: Site) -> None:
    shop.come_in("operator")
    shop.post("/leads/60123456789/stop", sequence="Warm EXAMA")

    assert "cancelled" in shop.page("/leads/60123456789")


def test_a_viewer_is_shown_no_button_and_refused_behind_it(shop: Site) -> None:
    shop.come_in("viewer")
    assert "Pause all sending" not in shop.page("/settings/system")
    answer = shop.post("/pause", reason="no")

    assert answer.status_code == 403
    assert shop.drip.workspace.state().pause_reason is None


def test_a_wrong_password_is_refused_in_words(shop: Site) -> None:
    answer = shop.client.post("/login", data={"email": "nobody@shop.example", "password": "x"})

    assert answer.status_code == 401
    assert "No user has that e-mail address and password" in answer.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_log_in_leads_to_a_page_of_ours_only(shop: Site, elsewhere: str) -> None:
    shop.come_in()
    fields = {"email": "owner@shop.example", "password": "correct horse battery", "next": elsewhere}
    answer = shop.client.post("/login", data=fields, follow_redirects=False)

    assert answer.headers["location"] == "/"


def test_a_browser_that_has_logged_in_is_known_and_comes_in_where_others_wait(shop: Site) -> None:
    shop.come_in()
    known = shop.client.cookies["dripline_known"]
    given = {"email": "owner@shop.example", "password": PASSWORD}
    shop.client.cookies.clear()
    for _ in range(FREE_TRIES):
        shop.client.post("/login", data={**given, "password": "a wrong one"})
    unknown = shop.client.post("/login", data=given, follow_redirects=False)
    shop.client.cookies["dripline_known"] = known
    comes = shop.client.post("/login", data=given, follow_redirects=False)

    assert (unknown.status_code, comes.status_code) == (429, 303)


def test_every_answer_keeps_what_is_not_ours_out(shop: Site) -> None:
    answer = shop.client.get("/login")

    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert answer.headers["cache-control"] == "no-store"


def test_a_page_that_is_not_there_says_so(shop: Site) -> None:
    shop.come_in()

    assert "No lead has the address" in shop.page("/leads/60999999999", 404)
    assert "There is no record 1" in shop.page("/messages/1", 404)
