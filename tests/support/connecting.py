"""Senders with credentials of their own, for tests: keys, and what each provider is connected with."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import LiteralString, cast

import psycopg

from dripline import CredentialSettings, Dripline, Sender, Sequence, Step, Template, VirtualClock
from dripline.errors import KeyMissing
from support.endpoint import Endpoint
from support.secrets_of_tests import APP_SECRET, META

KEY = "k1-" + "0123456789abcdef0123456789abcdef"
NEW_KEY = "k2-" + "fedcba9876543210fedcba9876543210"
OTHER_TOKEN = "EAAG" + "another1another2another3"
ACCOUNT = "106540352242922"


class Keys:
    """The keys that are set, which a test may take away or change."""

    def __init__(self, text: str = KEY) -> None:
        self.text = text

    def __call__(self) -> str:
        if not self.text:
            raise KeyMissing("No key is here.")
        return self.text


def settings(keys: Callable[[], str] | None = None) -> CredentialSettings:
    """Return settings with a key, as PostgreSQL needs one."""
    return CredentialSettings(read_key=keys or Keys(), hooks_url="https://drip.example.com/hooks")


def opened(url: str, clock: VirtualClock, keys: Callable[[], str] | None = None) -> Dripline:
    """Open a database with a key."""
    return Dripline(url, clock=clock, credentials=settings(keys))


def cloud(endpoint: Endpoint, token: str = META) -> dict[str, str]:
    """Return what a number at Meta is connected with, whose API is an endpoint of ours."""
    return {"token": token, "app_secret": APP_SECRET, "base_url": endpoint.url.removesuffix("/hook")}


def accepting(endpoint: Endpoint) -> Endpoint:
    """Let an endpoint take every message as Meta does."""
    endpoint.body = json.dumps({"messages": [{"id": "wamid.1"}]}).encode()
    return endpoint


def tokens(endpoint: Endpoint) -> list[str]:
    """Return with which tokens an endpoint was posted to."""
    return [headers["authorization"].removeprefix("Bearer ") for headers, _ in endpoint.requests]


def greet(drip: Dripline, sender: str, trigger: str = "HI") -> None:
    """Have each lead that comes with a trigger greeted by a sender."""
    steps = [Step("Hi", template=Template("hi")), Step("Again", "1h", template=Template("hi"))]
    drip.apply(Sequence(f"By {sender}", trigger=trigger, senders=[sender], steps=steps))


def key_file(url: str) -> Path:
    """Return the file beside a SQLite database that holds its keys."""
    return Path(f"{url.removeprefix('sqlite:///')}-key")


def sender_of(drip: Dripline, name: str) -> Sender:
    """Return a sender as it is set."""
    return next(state.sender for state in drip.senders.all() if state.sender.name == name)


def at_the_prompt(url: str, statement: str) -> list[object]:
    """Do something at a SQL prompt, behind dripline's back, and return the rows."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            return list(connection.execute(statement))
    with psycopg.connect(url) as connection:
        done = connection.execute(cast("LiteralString", statement))
        return list(done) if done.description else []
