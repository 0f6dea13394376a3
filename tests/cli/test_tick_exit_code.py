"""What `dripline tick` exits with: 1 where something failed, or something was due and nothing could go."""

from pathlib import Path

import pytest
from commands import Run, commands_in

from dripline import Dripline, FakeChannel, Sequence, Step
from support.endpoint import serving

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return commands_in(tmp_path)


def shop(folder: Path, channel: str = "console", *, after: str = "0s") -> None:
    """One lead, whose first message is due."""
    with Dripline(str(folder / "shop.db"), channels={channel: FakeChannel()}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", channel=channel, steps=[Step("hi", after)]))
        drip.add_lead(phone="60123456789", triggers=["WARM"])


def test_where_something_went_it_is_0(run: Run, tmp_path: Path) -> None:
    shop(tmp_path)

    assert run("tick", "--db", "shop.db").returncode == 0
    assert run("tick", "--db", "shop.db").returncode == 0


def test_where_nothing_is_due_it_is_0(run: Run, tmp_path: Path) -> None:
    shop(tmp_path, after="2h")

    assert run("tick", "--db", "shop.db").returncode == 0


def test_where_a_person_paused_everything_it_is_0(run: Run, tmp_path: Path) -> None:
    shop(tmp_path)
    run("pause", "--db", "shop.db")

    assert run("tick", "--db", "shop.db").returncode == 0


def test_where_the_channel_is_not_configured_it_is_1(run: Run, tmp_path: Path) -> None:
    shop(tmp_path, "webhook")
    done = run("tick", "--db", "shop.db")

    assert done.returncode == 1
    assert "'webhook', which is not configured here" in done.stderr


def test_where_everything_is_held_for_a_channel_that_does_not_answer_it_is_1(run: Run, tmp_path: Path) -> None:
    shop(tmp_path, "webhook")
    with serving() as endpoint:
        endpoint.status = 503
        done = run("tick", "--db", "shop.db", DRIPLINE_WEBHOOK_URL=endpoint.url, DRIPLINE_WEBHOOK_SECRET=SECRET)

    assert done.returncode == 1, done.stdout
    assert "Nothing could be sent: 1 held with their senders or steps." in done.stderr
