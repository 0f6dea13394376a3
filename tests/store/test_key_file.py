"""The key beside a SQLite database: a rotation under load, and keys that come and go."""

import os
import threading
from collections.abc import Callable, Iterator

import pytest

from dripline import Dripline, VirtualClock
from support.connecting import ACCOUNT, accepting, cloud, key_file
from support.endpoint import Endpoint, serving
from support.secrets_of_tests import META, secrets_in

ROUNDS = 8
SENDERS = 6


@pytest.fixture
def meta() -> Iterator[Endpoint]:
    with serving() as endpoint:
        yield accepting(endpoint)


@pytest.fixture
def url(new_url: Callable[[str], str]) -> str:
    return new_url("sqlite")


def connect(drip: Dripline, meta: Endpoint, name: str) -> None:
    drip.senders.connect(name, "whatsapp", cloud(meta), account=ACCOUNT)


def rotate(drip: Dripline) -> list[object]:
    return [*drip.senders.rotate_credentials().unreadable]


def worker(url: str, clock: VirtualClock, act: Callable[[Dripline], list[object]], problems: list[object]) -> None:
    """Do something again and again, on a connection of its own, and note what went wrong."""
    try:
        with Dripline(url, clock=clock) as drip:
            for _ in range(ROUNDS):
                problems.extend(act(drip))
    except Exception as error:  # noqa: BLE001  (told to the test)
        problems.append(error)


def test_rotations_under_load_lose_no_credential(url: str, clock: VirtualClock, meta: Endpoint) -> None:
    """Two rotate, one connects senders again and again, one reads as a new process would."""
    problems: list[object] = []

    def again(drip: Dripline) -> list[object]:
        for number in range(SENDERS):
            connect(drip, meta, f"jb-{number}")
        return []

    def read(_: Dripline) -> list[object]:
        with Dripline(url, clock=clock) as fresh:
            return [one.problem for one in fresh.senders.credentials() if one.problem]

    with Dripline(url, clock=clock) as drip:
        again(drip)
    acts = (rotate, rotate, again, read)
    threads = [threading.Thread(target=worker, args=(url, clock, act, problems)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Dripline(url, clock=clock) as drip:
        drip.senders.rotate_credentials()
        found = drip.senders.credentials()

    assert problems == []
    assert [one.problem for one in found] == [None] * SENDERS
    assert len({one.key_id for one in found}) == len(key_file(url).read_text().split()) == 1


def test_a_lost_key_is_made_anew_for_who_is_connected_again(url: str, clock: VirtualClock, meta: Endpoint) -> None:
    with Dripline(url, clock=clock) as drip:
        connect(drip, meta, "jb-1")
        connect(drip, meta, "jb-2")
        key_file(url).unlink()
        connect(drip, meta, "jb-1")
        done = drip.senders.rotate_credentials()
    with Dripline(url, clock=clock) as later:
        found = later.senders.credentials()

    assert done.unreadable == ("jb-2",)
    assert [one.problem is None for one in found] == [True, False]
    assert len(key_file(url).read_text().split()) == 2, "an old key is kept while a credential cannot be read"


def test_the_key_is_in_no_copy_of_the_database(url: str, clock: VirtualClock, meta: Endpoint) -> None:
    with Dripline(url, clock=clock) as drip:
        connect(drip, meta, "jb-1")
    key = key_file(url).read_text().strip()
    path = key_file(url).with_name(key_file(url).name.removesuffix("-key"))
    copies = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*") if file != key_file(url))

    assert secrets_in(copies, [META, key]) == []


def test_a_key_that_root_makes_is_the_databases_owners(
    url: str, clock: VirtualClock, meta: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the processors of that owner could not read it, and would pause every sender."""
    given: list[tuple[int, int]] = []

    def chown(file: int, owner: int, group: int) -> None:
        assert os.fstat(file).st_size > 0
        given.append((owner, group))

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", chown)
    with Dripline(url, clock=clock) as drip:
        connect(drip, meta, "jb-1")
    owner = key_file(url).stat()

    assert given == [(owner.st_uid, owner.st_gid)]


def test_a_key_that_a_crash_left_beside_its_file_is_not_lost(url: str, clock: VirtualClock, meta: Endpoint) -> None:
    with Dripline(url, clock=clock) as drip:
        connect(drip, meta, "jb-1")
    key_file(url).replace(key_file(url).with_name(f"{key_file(url).name}.new"))
    with Dripline(url, clock=clock) as drip:
        connect(drip, meta, "jb-2")
        done = drip.senders.rotate_credentials()

    assert done.unreadable == ()
    assert len(key_file(url).read_text().split()) == 1
