"""Whatever one record's template or its channel does: that one ends with a reason, and all others are sent."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from typing_extensions import override

from dripline import (
    Accepted,
    Dripline,
    Message,
    NewLead,
    Outcome,
    Pace,
    Rejected,
    RetryLater,
    Sender,
    SenderUnavailable,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
)
from dripline.core.leads.address import AddressKind

START = datetime(2026, 1, 1, tzinfo=UTC)
NUL_AND_HALF = "a\x00b\ud83d"


class Untold:
    """Cannot be written down."""

    @override
    def __str__(self) -> str:
        raise RuntimeError("no words")


def _raised(error: BaseException) -> Outcome:
    raise error


NONSENSE: dict[str, Callable[[], object]] = {
    "recursion": lambda: _raised(RecursionError()),
    "memory": lambda: _raised(MemoryError()),
    "cancelled by itself": lambda: _raised(asyncio.CancelledError()),
    "a group of errors": lambda: _raised(ExceptionGroup("many", [ValueError("one")])),
    "an error without words": lambda: _raised(cast("Any", type("Odd", (Exception,), {"__str__": Untold.__str__}))()),
    "stop of an iteration": lambda: _raised(StopAsyncIteration()),
    "nothing": lambda: None,
    "a class": lambda: Accepted,
    "an id that is no text": lambda: Accepted(cast("Any", 7)),
    "an id that cannot be told": lambda: Accepted(cast("Any", Untold())),
    "an id that cannot be kept": lambda: Accepted(NUL_AND_HALF * 1_000),
    "aliases that cannot be kept": lambda: Accepted("x", aliases=(NUL_AND_HALF, cast("Any", 7), "y" * 5_000)),
    "aliases that are none": lambda: Accepted("x", aliases=cast("Any", 5)),
    "an error that cannot be kept": lambda: RetryLater(NUL_AND_HALF * 1_000),
    "an error that cannot be told": lambda: Rejected(cast("Any", Untold())),
    "a scope that is none": lambda: Rejected("no", scope="everybody"),
    "a wait without end": lambda: RetryLater("later", after=timedelta.max),
    "a wait backwards": lambda: RetryLater("later", after=timedelta.min),
    "a wait that is no number": lambda: RetryLater("later", after=float("nan")),
    "a wait that is no time": lambda: RetryLater("later", after=cast("Any", "soon")),
    "a lost answer in no words": lambda: Unknown(cast("Any", None)),
}

OF_THE_SENDER: dict[str, Callable[[], object]] = {
    "until the end of time": lambda: SenderUnavailable("gone", until=datetime.max.replace(tzinfo=UTC)),
    "until the beginning of time": lambda: SenderUnavailable("gone", until=datetime.min.replace(tzinfo=UTC)),
    "until no time": lambda: SenderUnavailable("gone", until=cast("Any", "tomorrow")),
    "a rest without end": lambda: RetryLater("later", after=timedelta.max, scope="sender"),
    "a rest backwards": lambda: RetryLater("later", after=timedelta(days=-9), scope="account"),
}


class Odd:
    """Accepts everything but what goes to one person, which it answers as told."""

    address_kind = AddressKind.ANY
    idempotent = False
    sends_at_once = 4

    def __init__(self, answer: Callable[[], object]) -> None:
        self._answer = answer
        self.accepted: list[str] = []

    async def send(self, message: Message) -> Outcome:
        await asyncio.sleep(0)  # noqa: TID251  (gives way; no time passes)
        if message.to.endswith("5"):
            return cast("Outcome", self._answer())
        self.accepted.append(message.to)
        return Accepted(f"id-{message.record_id}")


def shop(url: str, answer: Callable[[], object], *, has_sender: bool) -> Iterator[tuple[Dripline, Odd]]:
    channel = Odd(answer)
    with Dripline(url, clock=VirtualClock(START), channels={"odd": channel}) as drip:
        senders = []
        if has_sender:
            drip.senders.apply(Sender("one", channel="odd", pace=Pace(gap=timedelta(0), burst=20)))
            senders = ["one"]
        drip.apply(Sequence("Warm", trigger="W", channel="odd", steps=[Step("Hi")], senders=senders))
        drip.add_leads([NewLead(f"6012000000{place}", triggers=("W",)) for place in range(9)])
        yield drip, channel


@pytest.mark.parametrize("has_sender", [False, True], ids=["bare", "sender"])
@pytest.mark.parametrize("answer", NONSENSE)
def test_what_a_channel_answers_ends_its_own_record_alone(url: str, answer: str, *, has_sender: bool) -> None:
    for drip, channel in shop(url, NONSENSE[answer], has_sender=has_sender):
        drip.tick()
        assert len(set(channel.accepted)) == len(channel.accepted) == 8
        states = [str(record.status) for record in drip.records()]
        assert states.count("completed") >= 8, states
        assert "sending" not in states
        assert not drip.verify()


@pytest.mark.parametrize("has_sender", [False, True], ids=["bare", "sender"])
@pytest.mark.parametrize("answer", OF_THE_SENDER)
def test_what_a_channel_says_of_its_sender_leaves_nothing_in_flight(url: str, answer: str, *, has_sender: bool) -> None:
    for drip, _ in shop(url, OF_THE_SENDER[answer], has_sender=has_sender):
        drip.tick()
        assert "sending" not in [str(record.status) for record in drip.records()]
