"""What each step led to: each figure counts the very records that it opens, once, whatever comes when."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from dripline import (
    Dripline,
    Message,
    Outcome,
    Policy,
    RecordFilter,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
    Workspace,
)
from dripline.core.events.posting import EventSigning
from dripline.core.queries.filters import StepResult
from dripline.core.queries.results import SequenceResults, StepResults
from dripline.errors import InvalidFilter, NoSuchSequence
from support.meta import MetaDouble, posted, take

PHONES = [f"6012345678{digit}" for digit in range(6)]
HALF_A_DAY = timedelta(hours=12)
DAY = timedelta(days=1)
STEPS = [Step("One", id="one"), Step("Two", "12h", id="two"), Step("Three", "12h", id="three")]
SECRET = EventSigning("a-secret-of-thirty-two-characters")

Ask = Callable[[str], list[tuple[object, ...]]]
Plant = Callable[[str], None]


class Shop:
    """Some leads in one sequence of three steps, whose provider tells what became of its messages."""

    def __init__(self, url: str, clock: VirtualClock) -> None:
        self.clock = clock
        self.answers: list[Outcome] = []
        provider = MetaDouble(self._answer)
        self.drip = Dripline(url, clock=clock, channels={"whatsapp": provider}, posting=SECRET)
        self.apply(STEPS)

    def _answer(self, _message: Message) -> Outcome | None:
        return self.answers.pop(0) if self.answers else None

    def apply(self, steps: list[Step], name: str = "Warm", policy: Policy | None = None) -> None:
        self.drip.apply(
            Sequence(name, trigger="WARM", channel="whatsapp", goal="PAID", steps=steps, policy=policy or Policy()),
            reach="all",
        )

    def enroll(self, *phones: str) -> None:
        for phone in phones:
            self.drip.add_lead(phone=phone, name="Aina", triggers=["WARM"])
        self.drip.tick()

    def go_on(self, after: timedelta = HALF_A_DAY) -> None:
        self.clock.advance(after)
        self.drip.tick()

    def tell(self, phone: str, *states: str, step: int = 1, attempt: int = 1) -> None:
        """Let the provider tell how far a message has come."""
        record = next(one.id for one in self.drip.records(phone=phone) if one.current_step == step)
        self.tell_of(record, *states, attempt=attempt)

    def tell_of(self, record: int, *states: str, attempt: int = 1) -> None:
        at = int(self.clock.now().timestamp())
        for state in states:
            told = {"id": f"fake-{record}-{attempt}", "status": state, "timestamp": str(at), "recipient_id": PHONES[0]}
            why = {"errors": [{"code": 131026, "message": "No"}]} if state == "failed" else {}
            told |= {"biz_opaque_callback_data": str(record), **why}
            assert take(self.drip, posted({"statuses": [told]}, field="messages", at=at))
            self.drip.inbox.process()

    def write(self, phone: str, text: str) -> None:
        self.drip.inbox.receive(text, phone=f"+{phone}")

    def results(self, name: str = "Warm") -> SequenceResults:
        return self.drip.reports.results_of(name)

    def step(self, step_id: str) -> dict[str, int | None]:
        """Return what a step led to."""
        return figures(next(step for step in self.results().steps if step.step_id == step_id))


def figures(step: StepResults) -> dict[str, int | None]:
    """Return the figures that are not 0."""
    return {
        str(result): None if figure is None else figure.many
        for result, figure in step.figures().items()
        if figure is None or figure.many
    }


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Shop]:
    opened = Shop(url, clock)
    with opened.drip:
        yield opened


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """Six leads: one read, one was not delivered, one answered, one stopped, one reached the goal, one goes on."""
    shop.enroll(*PHONES)
    shop.tell(PHONES[0], "read", "delivered", "sent")
    shop.tell(PHONES[1], "sent", "failed")
    for phone in PHONES[2:5]:
        shop.tell(phone, "delivered")
    shop.write(PHONES[2], "How much?")
    shop.write(PHONES[3], "STOP")
    shop.drip.add_lead(phone=PHONES[4], triggers=["PAID"])
    shop.go_on()
    shop.tell(PHONES[5], "delivered", step=2)
    return shop


def test_a_step_tells_what_it_led_to(busy: Shop) -> None:
    assert busy.step("one") == {
        "sent": 6, "delivered": 4, "read": 1, "not_delivered": 1, "replied": 1, "stopped": 1, "goal": 1, "left": 4,
    }  # fmt: skip
    assert busy.step("two") == {"sent": 2, "delivered": 1}
    assert busy.step("three") == {"delivered": None, "read": None, "not_delivered": None}
    assert figures(busy.results().all)["sent"] == 8
    assert busy.drip.verify() == []


def test_every_figure_opens_the_very_records_that_it_counts(busy: Shop) -> None:
    told = busy.results()
    found = [figure for step in (told.all, *told.steps) for figure in step.figures().values() if figure is not None]

    assert [one for one in found if one.many != len(busy.drip.records.find_ids(one.of))] == []
    assert [one for one in found if one.many != len(busy.drip.records.find(one.of).rows)] == []
    assert sum(one.many > 0 for one in found) > 15


def test_a_figure_of_one_person_opens_their_records(busy: Shop) -> None:
    read = RecordFilter(sequence="Warm", step_id="one", result=StepResult.READ)

    assert [row.person.phone for row in busy.drip.records.find(read).rows] == [PHONES[0]]
    assert len(busy.drip.records.find(RecordFilter(text=PHONES[0], result="read")).rows) == 1
    assert busy.drip.records.find(RecordFilter(text=PHONES[1], result="read")).rows == ()


def test_receipts_out_of_order_and_twice_count_once(shop: Shop) -> None:
    shop.enroll(*PHONES[:3])
    shop.tell(PHONES[0], "read", "delivered", "read")
    shop.tell(PHONES[1], "sent", "failed", "failed")
    shop.tell(PHONES[2], "failed", "delivered")

    assert shop.step("one") == {"sent": 3, "delivered": 2, "read": 1, "not_delivered": 1, "left": 2}
    assert shop.drip.verify() == []


def test_who_was_sent_to_twice_counts_once(shop: Shop) -> None:
    shop.apply(STEPS, policy=Policy(on_unknown="resend", unknown_after="10m"))
    shop.answers.append(Unknown("hung up"))
    shop.enroll(PHONES[0])
    shop.go_on(timedelta(minutes=11))
    shop.go_on(timedelta(minutes=11))
    assert shop.step("one")["sent"] == 1
    shop.tell(PHONES[0], "delivered", attempt=1)
    shop.tell(PHONES[0], "delivered", "read", attempt=2)
    shop.tell(PHONES[0], "read", attempt=1)

    assert (shop.step("one")["delivered"], shop.step("one")["read"]) == (1, 1)
    assert shop.drip.verify() == []
    shop.drip.leads.forget(phone=PHONES[0])
    assert shop.drip.verify() == []


def test_receipts_of_two_tries_that_come_together_count_once(shop: Shop) -> None:
    shop.apply(STEPS, policy=Policy(on_unknown="resend", unknown_after="10m"))
    shop.answers.append(Unknown("hung up"))
    shop.enroll(PHONES[0])
    shop.go_on(timedelta(minutes=11))
    shop.go_on(timedelta(minutes=11))
    record = next(one.id for one in shop.drip.records(phone=PHONES[0]) if one.current_step == 1)
    at = int(shop.clock.now().timestamp())
    states = [
        {"id": f"fake-{record}-{attempt}", "status": "delivered", "timestamp": str(at), "recipient_id": PHONES[0],
         "biz_opaque_callback_data": str(record)}
        for attempt in (1, 2)
    ]  # fmt: skip
    assert take(shop.drip, posted({"statuses": states}, field="messages", at=at))
    shop.drip.inbox.process()

    assert shop.step("one")["delivered"] == 1
    assert shop.drip.verify() == []


def test_who_is_forgotten_counts_no_more_and_a_late_receipt_neither(busy: Shop) -> None:
    record = busy.drip.records(phone=PHONES[0])[0].id
    for phone in PHONES[:4]:
        busy.drip.leads.forget(phone=phone)
    busy.tell_of(record, "read")

    assert busy.step("one") == {"sent": 2, "delivered": 1, "read": None, "goal": 1, "left": 1}
    assert busy.drip.verify() == []


def test_another_text_an_inserted_step_and_a_new_name_move_no_figure(busy: Shop) -> None:
    before = busy.step("one"), busy.step("two")
    busy.apply([Step("First", id="zero"), Step("One, better", "1h", id="one"), *STEPS[1:]])
    busy.drip.sequences.rename("Warm", "Warmer")
    told = {step.step_id: (step.position, figures(step)) for step in busy.results("Warmer").steps}

    assert (told["one"], told["two"]) == ((2, before[0]), (3, before[1]))
    assert told["zero"][0] == 1
    found = [one for step in busy.results("Warmer").steps for one in step.figures().values() if one is not None]
    assert [one for one in found if one.many != len(busy.drip.records.find_ids(one.of))] == []
    assert busy.drip.verify() == []


def test_a_step_that_the_newest_version_lacks_is_told_last(busy: Shop) -> None:
    before = busy.step("one")
    busy.apply([STEPS[1], Step("New", "1h", id="new")])
    told = [(step.step_id, step.position) for step in busy.results().steps]

    assert told == [("two", 1), ("new", 2), ("one", None)]
    assert busy.step("one") == before


@pytest.mark.parametrize(("days", "replied"), [(6, 1), (8, 0)])
def test_an_answer_to_the_last_step_counts_for_seven_days(shop: Shop, days: int, replied: int) -> None:
    shop.enroll(PHONES[0])
    shop.go_on()
    shop.go_on()
    shop.go_on(timedelta(days=days))
    shop.write(PHONES[0], "Sorry, I was away")
    shop.write(PHONES[0], "Are you there?")
    shop.drip.add_lead(phone=PHONES[0], triggers=["PAID"])

    assert (shop.step("three").get("replied", 0), shop.step("three").get("goal", 0)) == (replied, replied)
    assert "replied" not in shop.step("two")
    assert shop.drip.verify() == []


def test_who_stops_after_the_end_is_told_with_the_last_step(shop: Shop) -> None:
    shop.enroll(PHONES[0])
    shop.go_on()
    shop.go_on()
    shop.write(PHONES[0], "STOP")

    assert shop.step("three")["stopped"] == 1
    assert "left" not in shop.step("three")


def test_who_goes_over_to_another_version_left_after_what_they_got_before(shop: Shop) -> None:
    shop.enroll(PHONES[0])
    shop.apply([STEPS[0], Step("Two", "36h", id="two"), STEPS[2]])
    shop.go_on(timedelta(hours=1))
    shop.write(PHONES[0], "No")

    assert (shop.step("one")["replied"], shop.step("one")["left"]) == (1, 1)
    assert shop.drip.verify() == []


def test_no_receipt_says_nothing_and_not_none(shop: Shop) -> None:
    shop.enroll(PHONES[0], PHONES[1])
    assert shop.results().all.share(StepResult.DELIVERED) is None
    shop.tell(PHONES[0], "delivered")

    told = shop.results().all
    assert (told.share(StepResult.DELIVERED), told.share(StepResult.NOT_DELIVERED)) == (0.5, 0)
    assert (told.figure(StepResult.READ), told.share(StepResult.READ)) == (None, None)
    shop.tell(PHONES[0], "read")
    assert shop.results().all.share(StepResult.READ) == 1


@pytest.mark.parametrize("status", ["receipt_read", "replied", "stopped", "goal", "left_here"])
def test_a_wrong_figure_is_found_and_mended(busy: Shop, plant: Plant, status: str) -> None:
    before = busy.step("one")
    busy.drip.tick()
    busy.go_on(timedelta(seconds=10))
    plant(f"UPDATE tallies SET many = many + 3 WHERE status = '{status}'")
    assert [breach.invariant.statement for breach in busy.drip.verify()] == ["breach_tally"]
    busy.drip.records.repair()

    assert busy.step("one") == before
    assert busy.drip.verify() == []


def test_what_was_removed_long_after_counts_on(busy: Shop) -> None:
    busy.drip.workspace.apply(Workspace(keep="60d"))
    busy.go_on()
    before = busy.step("one"), busy.step("two")
    busy.clock.advance(timedelta(days=90))
    for _ in range(4):
        busy.go_on(timedelta(hours=1))
    assert busy.drip.records.find(RecordFilter(sequence="Warm")).rows == ()

    assert (busy.step("one"), busy.step("two")) == before
    assert busy.drip.verify() == []


def test_a_message_that_settles_writes_no_result(shop: Shop, ask: Ask) -> None:
    shop.enroll(*PHONES)
    shop.go_on()

    assert ask("SELECT count(*) FROM tallies WHERE hour < '2000-01-01 00:00:00'") == [(0,)]
    assert ask("SELECT count(*) FROM tally_changes WHERE hour < '2000-01-01 00:00:00'") == [(0,)]


def test_what_is_not_there_is_refused_in_a_sentence(shop: Shop) -> None:
    with pytest.raises(NoSuchSequence, match="There is no sequence 'Cold'"):
        shop.results("Cold")
    with pytest.raises(InvalidFilter, match="There is no result 'seen'"):
        RecordFilter(result="seen")
    with pytest.raises(InvalidFilter, match="name the sequence"):
        RecordFilter(step_id="one")
