"""Unknown records settled in bulk: by filter, previewed and done alike, each once, with who did it in its history."""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import pytest

from dripline import (
    Accepted,
    Delivery,
    Dripline,
    Effect,
    FakeChannel,
    Limits,
    NewLead,
    Outcome,
    Policy,
    Receipt,
    RecordFilter,
    Resolution,
    Sequence,
    Step,
    Unknown,
    UnknownFilter,
    VirtualClock,
)
from dripline.core.records.unknown import Settled
from dripline.errors import InvalidFilter, InvalidInput
from dripline.store.unknown import manual_settlement

HOUR = timedelta(hours=1)
HOLD = Policy(on_unknown="hold", unknown_after="1h")
MANY = 12

Ask = Callable[[str], list[tuple[object, ...]]]


def opened(url: str, clock: VirtualClock, answers: Iterable[Outcome] = ()) -> Dripline:
    channels = {"console": FakeChannel(answers), "other": FakeChannel([Unknown()] * 9)}
    return Dripline(url, clock=clock, channels=channels, limits=Limits(break_after=1_000))


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Dripline]:
    """Twelve leads in one sequence and three in another, of none of whom anybody knows whether step 1 went."""
    with opened(url, clock, [Unknown("hung up")] * MANY) as drip:
        drip.apply(Sequence("Warm", trigger="W", steps=[Step("One"), Step("Two", "12h")], policy=HOLD))
        drip.apply(Sequence("Other", trigger="O", channel="other", steps=[Step("Hi")], policy=HOLD))
        drip.add_leads([NewLead(f"6012345{n:04d}", triggers=("W",)) for n in range(MANY)])
        clock.advance(HOUR / 2)
        assert drip.tick().unknown == MANY
        clock.advance(HOUR / 4)
        drip.add_leads([NewLead(f"6012999{n:04d}", triggers=("O",)) for n in range(3)])
        assert drip.tick().unknown == 3
        yield drip
        assert drip.verify() == []


def statuses(drip: Dripline, sequence: str = "Warm", step: int = 1) -> set[str]:
    return {str(one.status) for one in drip.records.find(RecordFilter(sequence=sequence, step=step)).rows}


@pytest.mark.parametrize(
    ("resolution", "first", "second"),
    [("sent", "completed", "active"), ("resend", "active", "pending"), ("skip", "unknown", "active")],
)
def test_one_sequence_is_settled_and_the_other_waits_on(
    shop: Dripline, resolution: str, first: str, second: str
) -> None:
    wanted = UnknownFilter("Warm")
    planned = shop.records.unknown.plan_settle(resolution, wanted)
    settled = shop.records.unknown.settle(resolution, wanted)

    assert settled == planned
    assert settled.records == MANY
    assert (statuses(shop), statuses(shop, step=2)) == ({first}, {second})
    assert statuses(shop, "Other") == {"unknown"}
    assert {record.waits for record in shop.records.unknown.all() if record.sequence == "Other"} == {True}
    assert shop.records.unknown.settle(resolution, wanted).records == 0


FILTERS: list[tuple[dict[str, object], int]] = [
    ({}, MANY + 3),
    ({"sequence": "Warm", "step": 1}, MANY),
    ({"sequence": "Warm", "step": 2}, 0),
    ({"channel": "other"}, 3),
    ({"sequence": "Warm", "channel": "other"}, 0),
    ({"leads": ["60123450000", "+60 12-345 0001", "60129990002"]}, 3),
    ({"sequence": "Warm", "leads": ["60123450000", "60129990002"]}, 1),
    ({"leads": []}, 0),
]


@pytest.mark.parametrize(("wanted", "many"), FILTERS)
def test_filters_combine(shop: Dripline, wanted: dict[str, object], many: int) -> None:
    assert shop.records.unknown.plan_settle("sent", UnknownFilter(**wanted)).records == many  # type: ignore[arg-type]


def test_a_filter_asks_when_the_try_began_and_by_whom(shop: Dripline, clock: VirtualClock, ask: Ask) -> None:
    quarter = clock.now() - HOUR / 4
    worker = str(ask("SELECT worker FROM attempts LIMIT 1")[0][0])

    assert shop.records.unknown.plan_settle("sent", UnknownFilter(until=quarter)).records == 0
    assert shop.records.unknown.plan_settle("sent", UnknownFilter(since=quarter, until=clock.now())).records == MANY
    assert shop.records.unknown.plan_settle("sent", UnknownFilter(since=clock.now())).records == 3
    assert shop.records.unknown.plan_settle("sent", UnknownFilter(worker=worker)).records == MANY + 3


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"sequence": "Wram"}, "There is no sequence 'Wram'"),
        ({"sequence": "Warm", "step": 3}, "The sequence 'Warm' has no step 3: it has 2."),
        ({"sender": "nobody"}, "There is no sender 'nobody'"),
        ({"channel": "pigeon"}, "No sequence goes through the channel 'pigeon'"),
        ({"worker": "nobody"}, "There is no worker 'nobody'"),
        ({"leads": ["60120000000"]}, "No lead has the address 60120000000"),
    ],
)
def test_a_filter_that_names_what_is_not_there_is_refused(shop: Dripline, wanted: dict[str, object], told: str) -> None:
    for act in (shop.records.unknown.plan_settle, shop.records.unknown.settle):
        with pytest.raises(InvalidInput, match=told):
            act("sent", UnknownFilter(**wanted))  # type: ignore[arg-type]
    assert statuses(shop) == {"unknown"}


def test_a_step_is_named_with_its_sequence_and_a_resolution_is_one_of_three() -> None:
    with pytest.raises(InvalidFilter, match="name the sequence as well"):
        UnknownFilter(step=1)
    assert [str(one) for one in Resolution] == ["sent", "resend", "skip"]


def test_what_its_sequence_went_on_without_can_be_known_to_have_gone_and_nothing_else(
    shop: Dripline, clock: VirtualClock
) -> None:
    shop.records.unknown.settle("skip", UnknownFilter("Warm"))
    ended = UnknownFilter("Warm", with_ended=True)
    assert shop.records.unknown.settle("sent", UnknownFilter("Warm")).records == 0
    again = shop.records.unknown.settle("resend", ended)

    assert (again.records, len(again.left)) == (0, MANY)
    assert {one.reason for one in again.left} == {"its sequence went on without it"}
    clock.advance(HOUR)
    assert shop.records.unknown.settle("sent", ended).count(Effect.COMPLETED) == MANY
    assert statuses(shop) == {"completed"}


def test_whoever_has_left_is_said_to_get_nothing_again(shop: Dripline) -> None:
    shop.opt_out(phone="60123450000")
    planned = shop.records.unknown.plan_settle("resend", UnknownFilter("Warm"))

    assert (planned.count(Effect.CANCELLED), planned.count(Effect.DUE_AGAIN)) == (1, MANY - 1)
    assert shop.records.unknown.settle("resend", UnknownFilter("Warm")) == planned
    report = shop.tick()
    assert (report.cancelled, report.sent) == (1, MANY - 1)


def test_each_record_says_who_settled_it(shop: Dripline, clock: VirtualClock) -> None:
    shop.records.unknown.settle("sent", UnknownFilter("Warm"), by="Aina")
    for record in shop.records.find_ids():
        found = shop.records.get(record)
        assert found is not None
        if found.record.sequence == "Warm" and found.record.step == 1:
            (settlement,) = found.settlements
            assert (settlement.by, settlement.resolution, settlement.at) == ("Aina", "sent", clock.now())


def test_large_ones_are_settled_in_batches_with_their_progress(shop: Dripline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manual_settlement, "SETTLED_AT_ONCE", 5)
    seen: list[tuple[int, int]] = []
    settled = shop.records.unknown.settle("sent", most=13, on_progress=lambda done, of: seen.append((done, of)))

    assert seen == [(5, 13), (10, 13), (13, 13)]
    assert settled.records == 13
    assert len(shop.records.unknown.all()) == 2


def test_a_receipt_that_arrives_meanwhile_wins(
    shop: Dripline, url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the batches of a long act; the receipt says that what is to be sent again was read."""
    monkeypatch.setattr(manual_settlement, "SETTLED_AT_ONCE", 5)
    last = max(record.record_id for record in shop.records.unknown.all() if record.sequence == "Warm")

    def receive(done: int, _of: int) -> None:
        if done == 5:
            with opened(url, clock) as other:
                receipt = Receipt("k", provider_id="wamid.1", record_id=last, state=Delivery.READ, at=clock.now())
                with other._session.stores.store.transaction():  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
                    other._session.stores.receipts.note("console", [receipt], clock.now())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    settled = shop.records.unknown.settle("resend", UnknownFilter("Warm"), on_progress=receive)

    assert settled.records == MANY - 1
    assert [(one.record_id, one.reason) for one in settled.left] == [
        (last, "it is not unknown any more: it is completed")
    ]


@pytest.mark.usefixtures("shop")
def test_two_people_at_once_settle_no_record_twice(
    url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    monkeypatch.setattr(manual_settlement, "SETTLED_AT_ONCE", 2)
    together = threading.Barrier(2)
    done: dict[str, Settled] = {}

    def settle(resolution: str) -> None:
        with opened(url, clock) as drip:
            together.wait(10)
            done[resolution] = drip.records.unknown.settle(resolution, UnknownFilter("Warm"), by=resolution)

    threads = [threading.Thread(target=settle, args=(one,)) for one in ("sent", "resend")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert done["sent"].records + done["resend"].records == MANY
    assert ask("SELECT count(*), count(DISTINCT record_id) FROM settlements") == [(MANY, MANY)]
    assert dict(ask("SELECT settled_by, count(*) FROM settlements GROUP BY settled_by")) == {  # type: ignore[arg-type]
        name: one.records for name, one in done.items() if one.records
    }


def test_what_becomes_unknown_meanwhile_is_nobodys_answer(
    url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manual_settlement, "SETTLED_AT_ONCE", 1)
    answers = [Unknown("a"), Unknown("b"), Accepted("x")]
    with opened(url, clock, answers) as drip, opened(url, clock, [Unknown("late")]) as beside:
        drip.apply(Sequence("Warm", trigger="W", steps=[Step("One"), Step("Two", "12h")], policy=HOLD))
        drip.add_leads([NewLead(f"6012345{n:04d}", triggers=("W",)) for n in range(2)])
        drip.tick()

        def lose(done: int, _of: int) -> None:
            if done == 1:
                beside.add_lead(phone="60123459999", triggers=["W"])
                assert beside.tick().unknown == 1

        assert drip.records.unknown.settle("sent", on_progress=lose).records == 2
        assert len(drip.records.unknown.all()) == 1
        assert drip.verify() == []


def test_what_was_tried_again_meanwhile_is_another_question(
    shop: Dripline, url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manual_settlement, "SETTLED_AT_ONCE", 5)
    last = max(record.record_id for record in shop.records.unknown.all() if record.sequence == "Warm")

    def lose_again(done: int, _of: int) -> None:
        if done == 5:
            with opened(url, clock, [Unknown("again")]) as other:
                other.records.unknown.send_again(last)
                other.tick()

    settled = shop.records.unknown.settle("sent", UnknownFilter("Warm"), on_progress=lose_again)

    assert [(one.record_id, one.reason) for one in settled.left] == [(last, "it was tried again meanwhile")]


def test_a_copy_that_was_put_back_is_planned_with_what_follows(url: str, clock: VirtualClock) -> None:
    with opened(url, clock) as drip:
        steps = [Step("One"), Step("Two", "1h"), Step("Three", "9h")]
        drip.apply(Sequence("Warm", trigger="W", steps=steps))
        drip.add_leads([NewLead(f"6012345{n:04d}", triggers=("W",)) for n in range(4)])
        clock.advance(HOUR * 2)
        drip.records.restored()
        planned = drip.records.unknown.plan_settle("sent")

        assert planned.records == 8
        assert drip.records.unknown.plan_settle("sent", UnknownFilter("Warm", step=1)).records == 4
        assert drip.records.unknown.settle("sent") == planned
        assert drip.verify() == []


def test_a_worker_sends_between_the_batches(
    url: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, shop: Dripline
) -> None:
    """On SQLite, whoever waits for the only writer looks every 0.1 s: a batch that begins at once would always win."""
    monkeypatch.setattr(manual_settlement, "SETTLED_AT_ONCE", 1)
    passes: list[int] = []
    over = threading.Event()

    def work() -> None:
        with opened(url, clock) as beside:
            while not over.is_set():
                beside.add_lead(phone=f"60127777{len(passes):03d}", triggers=["W"])
                passes.append(beside.tick().sent)

    worker = threading.Thread(target=work)
    begun: list[int] = []

    def note(_done: int, _of: int) -> None:
        begun.append(len(passes))

    worker.start()
    try:
        shop.records.unknown.settle("sent", on_progress=note)
    finally:
        over.set()
        worker.join(60)

    assert len(set(begun)) > 1, "the worker came to nothing before all was settled"
