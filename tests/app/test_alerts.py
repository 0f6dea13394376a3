"""What waits for a person is told, each thing once a day or when it has changed, and nothing waits for that."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from dripline import (
    Accepted,
    Dripline,
    FakeChannel,
    Message,
    Outcome,
    Policy,
    Rejected,
    Sender,
    SenderUnavailable,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
)
from dripline.cli.support.alert_watch import Watch

PHONE = "60123456789"
MINUTE = timedelta(minutes=1)


class Operator:
    """Keeps what it is told, or cannot be reached."""

    def __init__(self) -> None:
        self.told: list[list[str]] = []
        self.is_reached = True

    def tell(self, text: str) -> bool:
        if self.is_reached:
            self.told.append(text.splitlines())
        return self.is_reached


@pytest.fixture
def operator() -> Operator:
    return Operator()


def opened(url: str, clock: VirtualClock, answer: Outcome) -> Dripline:
    def script(_: Message) -> Outcome:
        return answer

    return Dripline(url, clock=clock, channels={"console": FakeChannel(script)})


def test_all_is_well(drip: Dripline, operator: Operator) -> None:
    drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")]))
    drip.add_lead(phone=PHONE, triggers=["WARM"])
    drip.tick()

    assert drip.alerts.all() == []
    assert drip.alerts.send(operator.tell) == 0
    assert operator.told == []


def test_a_broken_sender_is_told_once_a_day_and_again_when_it_breaks_anew(
    url: str, clock: VirtualClock, operator: Operator
) -> None:
    answers: list[Outcome] = [SenderUnavailable("token expired")]
    channel = FakeChannel(lambda _: answers[0])
    with Dripline(url, clock=clock, channels={"console": channel}) as drip:
        drip.senders.apply(Sender("jb-1", channel="console"))
        drip.apply(Sequence("Warm", trigger="WARM", senders=["jb-1"], steps=[Step("Hi"), Step("Two", "1h")]))
        drip.add_lead(phone=PHONE, triggers=["WARM"])
        drip.tick()
        assert [drip.alerts.send(operator.tell) for _ in range(3)] == [1, 0, 0]
        clock.advance(timedelta(hours=24))
        assert drip.alerts.send(operator.tell) == 1

        answers[0] = Accepted("1")
        drip.tick()
        assert (drip.alerts.all(), drip.alerts.send(operator.tell)) == ([], 0)
        answers[0] = SenderUnavailable("token expired")
        clock.advance(timedelta(hours=2))
        drip.tick()
        assert drip.alerts.send(operator.tell) == 1

    ((first,), _, _) = operator.told
    assert "sender jb-1 cannot send" in first
    assert "token expired" in first
    assert PHONE not in str(operator.told)


def test_a_step_that_was_refused_is_told_and_again_for_another_reason(
    url: str, clock: VirtualClock, operator: Operator, plant: Callable[[str], None]
) -> None:
    with opened(url, clock, Rejected("no such template", scope="template")) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")]))
        drip.add_lead(phone=PHONE, triggers=["WARM"])
        drip.tick()
        assert [drip.alerts.send(operator.tell) for _ in range(2)] == [1, 0]
        plant("UPDATE steps SET pause_code = 'another'")
        assert drip.alerts.send(operator.tell) == 1

    assert [told[0].partition(": ")[0] for told in operator.told] == ["Step 1 of 'Warm' is paused for everyone"] * 2


def test_what_nobody_knows_of_is_told_where_somebody_waits(url: str, clock: VirtualClock, operator: Operator) -> None:
    with opened(url, clock, Unknown("no answer")) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")], policy=Policy(on_unknown="hold")))
        drip.apply(Sequence("Cold", trigger="COLD", steps=[Step("Hi")]))
        for number in range(2):
            drip.add_lead(phone=f"6012345678{number}", triggers=["WARM", "COLD"])
        drip.tick()
        drip.alerts.send(operator.tell)

    assert operator.told == [
        ["Of 2 messages of 'Warm' nobody knows whether they went, and their leads wait: dripline unknown."]
    ]


def test_a_channel_that_nobody_has_is_told_after_a_while(url: str, clock: VirtualClock, operator: Operator) -> None:
    with Dripline(url, clock=clock, channels={"pager": FakeChannel()}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", channel="pager", steps=[Step("Hi")]))
        drip.add_lead(phone=PHONE, triggers=["WARM"])
    with Dripline(url, clock=clock) as without, opened(url, clock, Unknown()) as another:
        without.tick()
        assert without.alerts.send(operator.tell) == 0
        clock.advance(10 * MINUTE)
        assert [without.alerts.send(operator.tell), another.alerts.send(operator.tell)] == [1, 0]
    with Dripline(url, clock=clock, channels={"pager": FakeChannel()}) as drip, Dripline(url, clock=clock) as without:
        assert [drip.alerts.send(operator.tell), without.alerts.send(operator.tell)] == [0, 0]

    assert operator.told == [["1 message waits for the channel 'pager', which is not configured here: configure it."]]


def test_an_operator_who_could_not_be_reached_is_told_the_next_time(
    url: str, clock: VirtualClock, operator: Operator
) -> None:
    with opened(url, clock, Unknown()) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")], policy=Policy(on_unknown="hold")))
        drip.add_lead(phone=PHONE, triggers=["WARM"])
        drip.tick()
        operator.is_reached = False
        assert drip.alerts.send(operator.tell) == 0
        operator.is_reached = True
        assert [drip.alerts.send(operator.tell), drip.alerts.send(operator.tell)] == [1, 0]


def test_looking_holds_up_nothing_and_raises_nothing(url: str, clock: VirtualClock) -> None:
    begun, released, was_released = threading.Event(), threading.Event(), list[bool]()

    def tell(text: str) -> bool:
        del text
        begun.set()
        was_released.append(released.wait(10))
        raise RuntimeError("a mistake of a plug-in")

    with opened(url, clock, Unknown()) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")], policy=Policy(on_unknown="hold")))
        drip.add_lead(phone=PHONE, triggers=["WARM"])
        drip.tick()
        watch = Watch(drip, tell)
        watch.look()
        assert begun.wait(30)
        clock.advance(2 * MINUTE)
        watch.look()
        assert drip.tick().sent == 0
        released.set()
        end_of_looking()
        watch.look()
        end_of_looking()

    assert was_released == [True]


def end_of_looking() -> None:
    for thread in threading.enumerate():
        if thread.name == "alerts":
            thread.join(30)
