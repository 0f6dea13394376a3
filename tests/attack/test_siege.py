"""Strangers, floods and little room: what is due goes in time all the same.

In 512 MB and 1,024 files, with 2,000 hostile connections, bodies of 100 MB and 500 signed posts a second beside.
`make test TESTS=all` lets it last for seconds, `make attack` (DRIPLINE_ATTACK=full) for minutes.
"""

import json
import os
import time
from pathlib import Path

from besieged import MEMORY, SECRET, Besieged, besieged, running

from dripline import Dripline, FakeChannel, Sequence, Step
from support.real_time import eventually, pause

FULL = os.environ.get("DRIPLINE_ATTACK") == "full"
LASTS = 120 if FULL else 20
"""Seconds."""

PER_SECOND = 10
"""How many messages come due in each second."""

AHEAD = LASTS + 10
"""How many seconds before it is due a message is planned: all of them before the siege begins."""

CONNECTIONS = 2_000
POSTS = 500.0
LATE = 2.0 if FULL else 4.0
"""Seconds; a clean clone may be tried on a machine that does other things as well."""
LOGGED = 1_000_000
"""How much may be logged in a minute, in bytes."""


def enroll(url: str) -> dict[str, float]:
    """Enroll leads one after the other; return when each is due, in seconds since 1970."""
    with Dripline(url, channels={"sms": FakeChannel()}) as drip:
        drip.apply(Sequence("Go", trigger="GO", channel="sms", steps=[Step("one", f"{AHEAD}s")]))
        for number in range(LASTS * PER_SECOND):
            drip.add_lead(phone=f"6012{number:07d}", triggers=["GO"])
            pause(1 / PER_SECOND)
        return {f"+{record.contact_phone}": record.planned_time.timestamp() for record in drip.records()}


def lateness(made: Besieged, due: dict[str, float]) -> list[float]:
    """Return how late each message was taken by the provider, in seconds, the latest last."""
    taken = made.taken()
    assert len(taken) == len({message["to"] for message in taken}), "somebody got it twice"
    assert {message["to"] for message in taken} == due.keys()
    return sorted(float(message["at"]) - due[message["to"]] for message in taken)


def test_what_is_due_goes_in_time_under_siege(url: str, tmp_path: Path) -> None:
    Dripline(url).close()
    with besieged(url, tmp_path) as made:
        due = enroll(url)
        pause(max(0.0, min(due.values()) - time.time() - 3))  # noqa: TID251  (real time)
        logged = made.log.stat().st_size
        posting = (str(made.port), SECRET, str(POSTS), str(LASTS))
        with (
            running("hostile_process.py", str(made.port), str(CONNECTIONS)),
            running("posting_process.py", *posting) as posts,
        ):
            assert posts.stdout is not None
            told = json.loads(posts.stdout.readline())
            eventually(lambda: len(made.taken()) >= len(due))
        grown = (made.log.stat().st_size - logged) * 60 / LASTS
        late = lateness(made, due)
        assert made.process.poll() is None
        peak = made.peak
    p99 = late[len(late) * 99 // 100]
    print(
        f"late: p50 {late[len(late) // 2]:.2f} s, p99 {p99:.2f} s, at most {late[-1]:.2f} s; "
        f"peak {peak / 1024 / 1024:.0f} MiB; log {grown / 1e6:.2f} MB a minute; posts {told}"
    )
    assert late[0] >= 0
    assert p99 <= LATE
    assert peak <= MEMORY
    assert grown <= LOGGED
    assert told["answers"].get("200", 0) + told["answers"].get("204", 0) > 0, "no post was taken: nothing was tested"
