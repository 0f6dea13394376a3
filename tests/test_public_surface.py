"""What things outside this repository call: it changes only on purpose."""

from datetime import UTC, datetime, timedelta

import dripline
from dripline import (
    Accepted,
    Dripline,
    Message,
    Outcome,
    Rejected,
    RetryLater,
    SenderUnavailable,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
)


class Mine:
    """A channel of one's own: nothing but send."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> Outcome:
        self.messages.append(message)
        return Accepted(provider_id=f"mine-{message.record_id}")


def test_the_example_of_the_contract_runs(url: str) -> None:
    clock, mine = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)), Mine()
    steps = [Step("Hi {{ name }}"), Step("Two", after=timedelta(hours=12)), Step("Three", after="12h")]
    with Dripline(url, clock=clock, channels={"console": mine}) as drip:
        drip.apply(Sequence(name="Warm EXAMA", trigger="WARMEXAMA", steps=steps))
        drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
        report = drip.tick()
        clock.advance(timedelta(hours=12))

        assert report.sent == 1
        assert [(r.current_step, r.status) for r in drip.records(phone="60123456789")] == [
            (1, "completed"), (2, "active"), (3, "pending"),
        ]  # fmt: skip
    message = mine.messages[0]
    assert (message.to, message.text, message.attempt, message.step) == ("60123456789", "Hi Aina", 1, 1)
    assert (message.lead.phone, message.lead.name) == ("60123456789", "Aina")


def test_every_outcome_can_be_made_as_the_contract_says() -> None:
    assert Accepted(provider_id="x").provider_id == "x"
    assert RetryLater(after=timedelta(seconds=5), scope="sender").error == ""
    assert Rejected(scope="contact", suppress=True).suppress
    assert SenderUnavailable("down", until=datetime(2026, 1, 1, tzinfo=UTC)).until is not None
    assert Unknown().error == ""


def test_every_public_name_is_there_and_sorted() -> None:
    assert sorted(dripline.__all__) == dripline.__all__
    assert [name for name in dripline.__all__ if not hasattr(dripline, name)] == []


def test_the_table_has_the_columns_of_the_contract(drip: Dripline) -> None:
    drip.apply(Sequence("One", trigger="ONE", steps=[Step("Hi")]))
    drip.add_lead(phone="60123456789", triggers=["ONE"])
    record = drip.records()[0]

    contract = (
        "id enrollment_id sequence_id lead_id contact_phone sequence_stepid current_step status next_trigger_time"
        " planned_time completed_at"
    )
    assert [name for name in contract.split() if not hasattr(record, name)] == []
