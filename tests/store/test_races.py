"""Two workers on PostgreSQL want the same lead, or the same group, at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from functools import partial

import psycopg
import pytest

from dripline import Dripline, FakeChannel, NewLead, Sender, Sequence, Step, VirtualClock, Workspace

ENDED_RUN = """
INSERT INTO enrollments (sequence_id, version, lead_id, enrolled_at, address, ended_at, end_code)
SELECT s.id, s.version, l.id, now(), l.phone, now(), 'completed' FROM sequences AS s, leads AS l
"""
"""What another program writes of the only lead in the only sequence."""


def test_a_cap_holds_over_workers_that_decide_at_once(new_url: Callable[[str], str], clock: VirtualClock) -> None:
    url, sent = new_url("postgresql"), FakeChannel()
    with ExitStack() as stack:
        workers = [
            stack.enter_context(Dripline(url, clock=clock, channels={name: sent, "console": sent}))
            for name in ("a", "b", "c", "d")
        ]
        workers[0].workspace.apply(Workspace(daily_cap=1))
        for name, worker in zip("abcd", workers, strict=True):
            worker.apply(Sequence(name, trigger="ALL" + name, steps=[Step("Hi")], channel=name))
        triggers = [f"ALL{name}" for name in "abcd"]
        for number in range(100):
            workers[0].add_lead(phone=f"60123456{number:03d}", triggers=triggers)
        together(*((worker.tick,) for worker in workers))

        to = [message.to for message in sent.accepted]
        assert len(to) == len(set(to))
        clock.advance(workers[0].records()[0].next_trigger_time - clock.now())
        assert workers[0].verify() == []


def test_a_lead_enters_one_sequence_of_a_group_whoever_adds_it(
    new_url: Callable[[str], str], clock: VirtualClock
) -> None:
    url = new_url("postgresql")
    with ExitStack() as stack:
        workers = [stack.enter_context(Dripline(url, clock=clock)) for _ in range(4)]
        for name in "abcd":
            workers[0].apply(Sequence(name, trigger=name, steps=[Step("Hi")], group="funnel"))

        def add(worker: Dripline, trigger: str) -> None:
            for number in range(40):
                worker.add_lead(phone=f"601234567{number:02d}", triggers=[trigger])

        together(*((add, worker, name) for worker, name in zip(workers, "abcd", strict=True)))

        assert workers[0].reports.counts()["enrollments"] == 40
        assert workers[0].verify() == []


def test_loads_are_right_when_several_import_at_once(new_url: Callable[[str], str], clock: VirtualClock) -> None:
    url = new_url("postgresql")
    with ExitStack() as stack:
        workers = [stack.enter_context(Dripline(url, clock=clock)) for _ in range(4)]
        for number in range(3):
            workers[0].senders.apply(Sender(f"jb-{number}", channel="console", pool="sales"))
        workers[0].apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi"), Step("Two", "1h")], senders=["sales"]))

        def add(worker: Dripline, first: int) -> None:
            for batch in range(10):
                numbers = range(first + batch * 50, first + batch * 50 + 50)
                worker.add_leads([NewLead(f"6012{number:07d}", triggers=("WARM",)) for number in numbers])

        together(*((add, worker, place * 1_000) for place, worker in enumerate(workers)))

        assert sum(sender.live for sender in workers[0].senders.all()) == 2_000
        assert workers[0].verify() == []


def test_who_enrolls_waits_for_nobody_else_who_does(new_url: Callable[[str], str], clock: VirtualClock) -> None:
    url = new_url("postgresql")
    with Dripline(url, clock=clock) as one, Dripline(url, clock=clock) as other:
        one.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi"), Step("Two", "1h")]))
        with transaction_of(one):
            one.add_lead(phone="60123456701", triggers=["WARM"])
            # Stands above the last enrollment of the one, and is none of its own.
            together((partial(other.add_lead, phone="60123456702", triggers=["WARM"]),))
            one.add_lead(phone="60123456703", triggers=["WARM"])

        assert one.reports.counts()["enrollments"] == 3
        assert len(one.records()) == 6
        assert one.verify() == []


def test_applying_a_sequence_waits_for_who_enrolls(new_url: Callable[[str], str], clock: VirtualClock) -> None:
    url = new_url("postgresql")
    with Dripline(url, clock=clock) as one, Dripline(url, clock=clock) as other, ThreadPoolExecutor(1) as pool:
        one.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")]))
        with transaction_of(one):
            one.add_lead(phone="60123456701", triggers=["WARM"])
            applied = pool.submit(other.apply, Sequence("Warm", trigger="WARM", steps=[Step("Hi"), Step("Two", "1h")]))
            with pytest.raises(TimeoutError):
                applied.result(0.5)
        applied.result()

        assert one.verify() == []


def test_a_run_that_ends_while_its_lead_is_being_enrolled_is_the_only_one(
    new_url: Callable[[str], str], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is over holds no unique index: only its row says that the statement, which began before, is late."""
    url = new_url("postgresql")
    with Dripline(url, clock=clock) as drip, psycopg.connect(url) as other:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")]))
        drip.add_lead(phone="60123456701")
        change, met = drip._session.database.change, list[str]()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # held up

        def meets_another(name: str, /, **parameters: object) -> int:
            many = change(name, **parameters)
            if name == "enroll_leads" and not met:
                met.append(name)
                other.execute(ENDED_RUN)
                other.commit()
            return many

        monkeypatch.setattr(drip._session.database, "change", meets_another)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as above
        drip.add_lead(phone="60123456701", triggers=["WARM"])

        assert met
        assert drip.reports.counts()["enrollments"] == 1
        assert drip.records() == []


def test_who_may_have_asked_to_stop_is_paused_in_what_is_being_begun(
    new_url: Callable[[str], str], clock: VirtualClock
) -> None:
    """A sequence that follows another is begun without the lock of its lead."""
    url = new_url("postgresql")
    with Dripline(url, clock=clock) as one, Dripline(url, clock=clock) as other, ThreadPoolExecutor(1) as pool:
        one.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")]))
        one.add_lead(phone="60123456701")
        beginning = one._session.stores.store  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # a part of a pass
        doubting = other._session  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # what a reply brings about
        (lead,) = doubting.lead_ids("60123456701", None)
        doubt = partial(doubting.stores.stopping.doubt, [lead], "please?")
        with beginning.transaction():
            assert beginning.gain([(lead, "WARM")], {str(lead): None}, clock.now()) == 1
            doubted = pool.submit(doubting.stores.store.together, doubt)
            with pytest.raises(TimeoutError):
                doubted.result(0.5)

        assert doubted.result() == 1
        assert [record.status for record in one.records()] == ["paused"]


def transaction_of(drip: Dripline) -> AbstractContextManager[None]:
    """Return a transaction of a connection, which lasts as long as the test wants."""
    return drip._session.stores.store.transaction()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # held open


def together(*calls: tuple[Callable[..., object], *tuple[object, ...]]) -> None:
    """Make every call in a thread of its own, and raise what went wrong in one."""
    with ThreadPoolExecutor(len(calls)) as pool:
        for running in [pool.submit(*call) for call in calls]:
            running.result()
