"""The sequence whose edits are tested, and what its leads get."""

from datetime import UTC, datetime, timedelta

from dripline import (
    Dripline,
    FakeChannel,
    NewLead,
    Policy,
    Sequence,
    Step,
    StepRecord,
)

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
WAITS = ("0s", "12h", "12h", "12h")


def steps(*waits: str) -> list[Step]:
    return [Step(f"Text {number}", wait) for number, wait in enumerate(waits, start=1)]


def warm(*waits: str, policy: Policy | None = None, senders: tuple[str, ...] = ()) -> Sequence:
    return Sequence(
        "Warm EXAMA",
        trigger="WARMEXAMA",
        steps=steps(*(waits or WAITS)),
        policy=policy or Policy(on_reply="continue"),
        senders=senders,
    )


def phone(number: int) -> str:
    return f"6012{number:07d}"


def enroll(drip: Dripline, numbers: range) -> None:
    drip.add_leads([NewLead(phone(number), triggers=("WARMEXAMA",)) for number in numbers])


def live(drip: Dripline, number: int) -> StepRecord:
    """The record at which a lead stands."""
    return next(r for r in drip.records(phone=phone(number)) if r.status in {"active", "sending", "paused"})


def texts(fake: FakeChannel, number: int) -> list[str]:
    return [message.text for message in fake.accepted if message.to == phone(number)]


def send_all(drip: Dripline) -> None:
    while drip.tick().sent:
        pass
