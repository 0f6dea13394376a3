"""A database behind the web app, asked over HTTP without a browser."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from dripline import Dripline
from dripline.core.accounts.access import Scope
from dripline.web.app import application, set_up
from dripline.web.connection_pool import ConnectionPool

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Site:
    """The app, and who asks it."""

    drip: Dripline
    client: TestClient
    app: FastAPI

    def token(self, *scopes: str) -> dict[str, str]:
        """Return the headers of a program with these rights; with all but admin's if none are given."""
        wanted = list(scopes) or [scope for scope in Scope if scope is not Scope.ADMIN]
        return {"authorization": f"Bearer {self.drip.accounts.create_token('test', scopes=wanted)[1]}"}

    def come_in(self, role: str = "admin", email: str = "owner@shop.example") -> None:
        """Log somebody in."""
        self.client.cookies.clear()
        secret = self.drip.accounts.invite(role)
        answer = self.client.post(f"/welcome/{secret}", data={"email": email, "name": "Owner", "password": PASSWORD})
        assert answer.url.path == "/", answer.text

    def page(self, path: str, status: int = 200) -> str:
        """Return a page's text."""
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, path: str, **fields: str) -> Response:
        """Post a form as a page of ours does."""
        found = re.search(r'name="csrf" value="(\w+)"', self.page("/"))
        assert found
        return self.client.post(path, data={"csrf": found[1], **fields})


_FREE: list[FastAPI] = []
"""Apps that nobody uses now. One reads its routes when it is first asked, which takes longer than most tests."""


@contextmanager
def site(drip: Dripline) -> Generator[Site]:
    """Serve a database without a network."""
    with ConnectionPool(drip) as pool:
        app = _FREE.pop() if _FREE else application(drip, pool=pool)
        set_up(app, drip, pool)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Site(drip, client, app)
        _FREE.append(app)
