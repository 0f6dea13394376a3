"""Behind a proxy: who is believed, what links and cookies are made of, and that each client waits for itself alone."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from site_of import PASSWORD, Site
from starlette.testclient import TestClient

from dripline import Dripline, VirtualClock
from dripline.core.accounts.logins import FREE_TRIES
from dripline.errors import InvalidSettings
from dripline.web.app import application
from dripline.web.connection_pool import ConnectionPool
from dripline.web.security.client_address import client_of
from dripline.web.security.outside import Outside

EMAIL = "owner@shop.example"
PROXY = "10.0.0.5"
URL = "https://drip.example.com"


@contextmanager
def behind(folder: Path, outside: Outside, peer: str = PROXY) -> Generator[Site]:
    """Serve a database to whoever asks from an address, with a user in it."""
    clock = VirtualClock(datetime(2026, 11, 28, tzinfo=UTC))
    with Dripline(str(folder / "shop.db"), clock=clock) as drip, ConnectionPool(drip) as pool:
        link = drip.accounts.setup_link()
        assert link is not None
        drip.accounts.accept_link(link, email=EMAIL, name="Owner", password=PASSWORD)
        app = application(drip, pool=pool, outside=outside)
        with TestClient(app, client=(peer, 1), base_url="http://inner:8000", follow_redirects=False) as client:
            yield Site(drip, client, app)


def log_in(shop: Site, client: str, password: str = PASSWORD, **headers: str) -> tuple[int, str]:
    given = {"x-forwarded-for": client, "x-forwarded-proto": "https", **headers}
    answer = shop.client.post("/login", data={"email": EMAIL, "password": password}, headers=given)
    shop.client.cookies.clear()
    return answer.status_code, answer.headers.get("set-cookie", "")


def test_each_client_of_a_trusted_proxy_waits_for_itself(tmp_path: Path) -> None:
    with behind(tmp_path, Outside.of(None, "10.0.0.0/24")) as shop:
        tried = [log_in(shop, "203.0.113.1", "a wrong one")[0] for _ in range(FREE_TRIES + 1)]
        status, cookie = log_in(shop, "198.51.100.9")

    assert tried == [401] * FREE_TRIES + [429]
    assert status == 303
    assert cookie.count("Secure") == 2


@pytest.mark.parametrize("proxies", ["", "10.0.0.6"])
@pytest.mark.parametrize("peer", [PROXY, "127.0.0.1"])
def test_who_is_not_trusted_is_not_believed_and_that_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, proxies: str, peer: str
) -> None:
    with caplog.at_level(logging.WARNING), behind(tmp_path, Outside.of(None, proxies), peer) as shop:
        tried = [log_in(shop, f"203.0.113.{number}", "a wrong one")[0] for number in range(FREE_TRIES + 1)]

    assert tried == [401] * FREE_TRIES + [429]
    assert [peer in line for line in caplog.messages if "web.proxy_not_trusted" in line] == [True]


def test_a_client_cannot_pass_for_another_through_a_trusted_proxy(tmp_path: Path) -> None:
    with behind(tmp_path, Outside.of(None, PROXY)) as shop:
        tried = [
            log_in(shop, f"203.0.113.{number}, 198.51.100.1", "a wrong one")[0] for number in range(FREE_TRIES + 1)
        ]

    assert tried == [401] * FREE_TRIES + [429]


def test_links_are_made_of_the_public_address_whatever_host_is_asked_for(tmp_path: Path) -> None:
    with behind(tmp_path, Outside.of(f"{URL}/", "")) as shop:
        session = shop.drip.accounts.log_in(EMAIL, PASSWORD, origin="here")
        shop.client.cookies["dripline_session"] = session
        token = shop.page("/settings").partition('name="csrf" value="')[2].partition('"')[0]
        elsewhere = {"host": "evil.example"}
        made = shop.client.post("/settings/users", data={"csrf": token, "role": "viewer"}, headers=elsewhere).text
        sources = shop.client.get("/settings/intake", headers=elsewhere).text

    assert (f"{URL}/welcome/" in made, f"{URL}/intake/" in sources) == (True, True)
    assert "evil.example" not in made + sources


def test_the_cookie_is_for_https_where_the_public_address_is(tmp_path: Path) -> None:
    with behind(tmp_path, Outside.of(URL, "")) as shop:
        answer = log_in(shop, "", origin=URL)
        foreign = log_in(shop, "", origin="https://evil.example")

    assert (answer[0], answer[1].count("Secure")) == (303, 2)
    assert foreign[0] == 403


@pytest.mark.parametrize(
    "url",
    ["", "drip.example.com", "ftp://drip", "https://drip/path", "https://u:p@drip", "https://drip:x", "https://[1"],
)
def test_an_address_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(InvalidSettings, match="DRIPLINE_WEB_URL"):
        Outside.of(url, "")


@pytest.mark.parametrize("proxies", ["*", "proxy", "10.0.0.0/33", "10.0.0.1/24"])
def test_a_proxy_that_is_no_address_is_refused(proxies: str) -> None:
    with pytest.raises(InvalidSettings, match="DRIPLINE_WEB_TRUSTED_PROXIES"):
        Outside.of(None, f"10.0.0.5, {proxies}")


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("x" * 300, "x" * 100),
    ],
)
def test_a_client_is_known_by_its_address_or_its_network(host: str | None, client: str) -> None:
    assert client_of(host) == client
