"""What is around every page: where it is, whether messages go out, what came of a form; and how much of it is sent."""

import gzip
import re
from collections.abc import Iterator

import pytest
from site_of import Site, site
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dripline import Dripline, Sequence
from dripline.web.app import application
from dripline.web.connection_pool import ConnectionPool
from dripline.web.layout.navigation import PLACES, place_of
from dripline.web.layout.toasts import TOAST_COOKIE
from dripline.web.render import back
from dripline.web.security.outside import NOWHERE

PAGE_LIMIT = 60_000
"""Bytes that a first visit to a page may take, packed, with its style sheets and scripts."""


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
    drip.tick()
    with site(drip) as opened:
        opened.come_in()
        yield opened


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "Today"),
        ("/resume", "Today"),
        ("/imports/7", "Leads"),
        ("/leads/60123456789", "Leads"),
        ("/messages/7", "Messages"),
        ("/unknown", "Messages"),
        ("/sequences/Warm/edit", "Sequences"),
        ("/simulate", "Sequences"),
        ("/settings/system", "Settings"),
        ("/api", "Settings"),
    ],
)
def test_a_page_marks_the_place_it_belongs_to(path: str, name: str) -> None:
    place = place_of(path)

    assert place is not None
    assert place.name == name


def test_an_address_that_only_begins_like_a_place_marks_none() -> None:
    assert place_of("/leadsman") is None


def test_every_place_of_the_navigation_opens_and_is_marked(shop: Site) -> None:
    for place in PLACES:
        marked = re.findall(r'<a class="nav-item" href="([^"]+)"[^>]* aria-current="page"', shop.page(place.href))

        assert marked == [place.href]


def test_all_sending_is_paused_from_any_page_and_leads_back_to_it(shop: Site) -> None:
    answer = shop.post("/pause", reason="a wrong price", next="/leads?text=Aina")

    assert str(answer.url).endswith("/leads?text=Aina")
    assert "Paused all sending." in answer.text
    assert "a wrong price" in answer.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_form_leads_back_to_a_page_of_ours_only(shop: Site, elsewhere: str) -> None:
    assert shop.post("/pause", next=elsewhere).url.path == "/"


def test_what_came_of_a_form_is_shown_once_and_is_in_no_address(shop: Site) -> None:
    answer = shop.post("/pause", reason="no")

    assert (answer.url.query, "Paused all sending." in answer.text) == (b"", True)
    assert "Paused all sending." not in shop.page("/")


@pytest.mark.parametrize("letter", ["a", "ك", "课", "\ud800"])
def test_a_toast_of_any_length_fits_into_its_cookie(letter: str) -> None:
    def answer(request: Request) -> Response:
        del request
        return back("/", done=letter * 5_000, refused=letter * 5_000)

    app = Starlette(routes=[Route("/", answer)])
    app.state.outside = NOWHERE
    cookie = TestClient(app, follow_redirects=False).get("/").headers["set-cookie"]

    assert 1_000 < len(cookie) < 4_096


def test_what_a_page_shows_is_not_taken_by_what_looks_whether_it_has_changed(shop: Site) -> None:
    found = re.search(r'name="csrf" value="(\w+)"', shop.page("/"))
    assert found
    shop.client.post("/pause", data={"csrf": found[1]}, follow_redirects=False)
    shop.client.get("/", headers={"x-live": "1"})

    assert "Paused all sending." in shop.page("/")


def test_nobody_but_this_session_can_have_a_page_show_something(shop: Site) -> None:
    found = re.search(r'name="csrf" value="(\w+)"', shop.page("/"))
    assert found
    shop.client.post("/pause", data={"csrf": found[1]}, follow_redirects=False)
    of_another = shop.client.cookies[TOAST_COOKIE]
    shop.come_in("viewer", email="viewer@shop.example")
    shop.client.cookies[TOAST_COOKIE] = of_another

    assert "Paused all sending." not in shop.page("/")
    assert "evil" not in shop.page("/?done=evil&refused=evil")


def test_a_page_with_its_styles_and_scripts_is_small(shop: Site) -> None:
    for path in ("/", "/leads", "/messages", "/sequences", "/settings", "/leads/60123456789"):
        page = shop.page(path)
        files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        sent = [page, *(shop.page(file) for file in files)]

        assert len(files) > 5
        assert sum(len(gzip.compress(part.encode())) for part in sent) < PAGE_LIMIT, path


def test_files_are_packed_and_pages_are_not(shop: Site) -> None:
    asked = {"accept-encoding": "gzip"}

    assert shop.client.get("/static/tokens.css", headers=asked).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in shop.client.get("/", headers=asked).headers


def test_the_kit_is_shown_only_where_it_was_asked_for(shop: Site) -> None:
    with ConnectionPool(shop.drip) as pool:
        developing = TestClient(application(shop.drip, pool=pool, kit=True), cookies=shop.client.cookies)
        shown = developing.get("/_kit?drawer=1")

    assert (shown.status_code, "Every component in each state" in shown.text) == (200, True)
    shop.page("/_kit", 404)


def test_what_went_wrong_leads_back_to_where_it_was_asked(shop: Site) -> None:
    came = {"referer": f"{shop.client.base_url}/leads?text=Ai"}
    answer = shop.client.get("/leads/60999999999", headers=came)

    assert answer.status_code == 404
    assert 'href="/leads?text=Ai" data-act="back"' in answer.text
    for elsewhere in ("https://evil.example/", "https://[evil"):
        answer = shop.client.get("/leads/60999999999", headers={"referer": elsewhere})
        assert (answer.status_code, "evil" in answer.text) == (404, False)


def test_whoever_is_logged_in_keeps_the_navigation_around_what_went_wrong(shop: Site) -> None:
    inside = shop.page("/leads/60999999999", 404)
    shop.client.cookies.clear()
    outside = shop.client.get("/hooks/none").text + shop.client.get("/nowhere").text

    assert 'class="nav-item"' in inside
    assert "Nothing is here" in inside
    assert 'class="nav-item"' not in outside


def test_a_filter_that_cannot_be_read_is_called_one(shop: Site) -> None:
    assert "is no instant" in shop.client.get("/messages?since=yesterday").text
