"""What is posted is bounded, and whoever has no right to post is refused before a byte of it is read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from site_of import PASSWORD, Site, site

from dripline import Dripline
from dripline.web.security import body_limits
from dripline.web.security.body_limits import API_LIMIT, BULK_LIMIT, STRANGER_LIMIT, bound_of

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
FILE = b'--x\r\nContent-Disposition: form-data; name="email"; filename="a"\r\n\r\n'


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Site]:
    with Dripline(str(tmp_path / "shop.db")) as drip, site(drip) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/login", FORM, 413),
        ("/welcome/x", FORM, 413),
        ("/unsubscribe/x", FORM, 413),
        ("/hooks/sms", "application/json", 413),
        ("/intake/x", "application/json", 413),
        ("/api/v1/leads", "application/json", 413),
        ("/imports", PARTS, 413),
        ("/settings/workspace", FORM, 413),
        ("/login", PARTS, 413),
    ],
)
def test_a_body_of_a_stranger_is_refused_by_its_declared_size(shop: Site, path: str, kind: str, status: int) -> None:
    declared = {"content-type": kind, "content-length": "600000000"}
    answer = shop.client.post(path, content=b"", headers=declared, follow_redirects=False)

    assert answer.status_code == status


@pytest.mark.parametrize("content", [b"[[", [b"[[", b"[["]])
def test_a_call_without_a_token_is_refused_whatever_its_body(shop: Site, content: bytes | list[bytes]) -> None:
    answer = shop.client.post("/api/v1/leads", content=content, headers={"content-type": "application/json"})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_says_no_size_is_counted_as_it_comes(shop: Site) -> None:
    pieces = (b"x" * 65_536 for _ in range(API_LIMIT // 65_536 + 1))
    answer = shop.client.post("/api/v1/leads", content=pieces, headers=shop.token())

    assert (answer.status_code, "1,048,576 bytes" in answer.json()["detail"]) == (413, True)


def test_a_log_in_that_says_no_size_is_counted_as_well(shop: Site) -> None:
    pieces = (b"x" * 1_024 for _ in range(STRANGER_LIMIT // 1_024 + 1))
    answer = shop.client.post("/login", content=pieces, headers={"content-type": FORM})

    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/login", "/settings/workspace", "/api/v1/leads"])
def test_a_file_is_taken_only_where_one_is_expected(shop: Site, path: str) -> None:
    answer = shop.client.post(path, content=FILE, headers={"content-type": PARTS, **shop.token()})

    assert answer.status_code == 415


def test_a_large_form_is_for_those_who_are_logged_in(shop: Site) -> None:
    large = {"name": "x" * STRANGER_LIMIT}
    stranger = shop.client.post("/settings/users", data=large, follow_redirects=False)
    shop.come_in()
    somebody = shop.client.post("/settings/users", data=large)

    assert (stranger.status_code, stranger.headers["location"]) == (303, "/login?next=/")
    assert somebody.status_code in {400, 403}


def test_a_call_that_brings_much_may_be_larger() -> None:
    assert bound_of("/api/v1/unknown/evidence").limit == BULK_LIMIT > bound_of("/api/v1/leads").limit


def test_what_is_held_of_all_bodies_is_bounded(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limits, "HELD_LIMIT", 1_000)
    refused = shop.client.post("/hooks/sms", content=b"x" * 1_001)
    taken = shop.client.post("/hooks/sms", content=b"x" * 1_000)

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert taken.status_code == 404


def test_a_form_of_a_page_that_hides_where_it_is_from_is_refused(shop: Site) -> None:
    shop.come_in()
    shop.client.cookies.clear()
    given = {"email": "owner@shop.example", "password": PASSWORD}
    hidden = shop.client.post("/login", data=given, headers={"origin": "null"}, follow_redirects=False)
    vouched = {"origin": "null", "sec-fetch-site": "same-origin"}
    ours = shop.client.post("/login", data=given, headers=vouched, follow_redirects=False)

    assert (hidden.status_code, ours.status_code) == (403, 303)
