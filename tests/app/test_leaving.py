"""Leaving: opt-out, stop words, replies, goals, lost triggers, operators; what is barred stays barred."""

import pytest

from dripline import Dripline, FakeChannel, Policy, Sequence, Step, VirtualClock, Workspace
from dripline.core.replies.stopping import is_stop
from dripline.errors import BusyLead, InvalidSequence, InvalidWorkspace

LEAD = "60123456789"


def sequence(name: str = "Warm", goal: str | None = None, **answers: str) -> Sequence:
    steps = [Step("One"), Step("Two", "12h"), Step("Three", "12h")]
    return Sequence(name, trigger=name, steps=steps, policy=Policy(**answers), goal=goal)


def statuses(drip: Dripline) -> list[str]:
    return [str(record.status) for record in drip.records(phone=LEAD)]


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop!",
        " Berhenti. ",
        "UNSUBSCRIBE",
        "Opt-out",
        "tak   nak 🙏",
        "\uff33\uff34\uff2f\uff30",
        "«Batal»",
        "Stop\n",
    ],
)
def test_a_stop_word_alone_is_a_stop(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize(
    "text", ["please don't stop", "stop by tomorrow", "", "🙏", "the end is near", "non-stop", "stopp"]
)
def test_anything_more_than_a_stop_word_is_none(text: str) -> None:
    assert not is_stop(text)


def test_a_stop_word_bars_the_lead_for_good(drip: Dripline, fake: FakeChannel) -> None:
    drip.apply(sequence())
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.tick()

    received = drip.inbox.receive("Berhenti!", phone=LEAD)

    assert (received.stopped, received.ended) == (True, 1)
    assert statuses(drip) == ["completed", "cancelled", "cancelled"]
    assert [barred.address for barred in drip.leads.suppressions()] == [LEAD]
    assert len(fake.accepted) == 1


def test_what_is_barred_survives_deletion_and_a_second_import(drip: Dripline) -> None:
    drip.apply(sequence())
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.tick()
    drip.inbox.receive("STOP", phone=LEAD)
    assert drip.leads.forget(phone=LEAD) == 1
    assert (drip.leads.with_address(phone=LEAD), drip.records()) == ([], [])

    assert drip.add_lead(phone=LEAD, triggers=["WARM"]).enrolled == 0
    assert drip.opt_in(phone=LEAD)
    assert drip.add_lead(phone=LEAD, triggers=["WARM"]).enrolled == 1
    assert drip.verify() == []


def test_the_words_are_editable(drip: Dripline) -> None:
    drip.apply(sequence())
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.workspace.apply(Workspace(stop_words=["Basta ya"]))

    assert not drip.inbox.receive("stop", phone=LEAD).stopped
    assert drip.inbox.receive("BASTA YA!", phone=LEAD).stopped
    with pytest.raises(InvalidWorkspace, match="no letter"):
        Workspace(stop_words=["🙏"])


@pytest.mark.parametrize(
    ("on_reply", "expected"),
    [
        ("exit", ["completed", "cancelled", "cancelled"]),
        ("pause", ["completed", "paused", "pending"]),
        ("continue", ["completed", "active", "pending"]),
    ],
)
def test_a_reply_does_what_the_sequence_says(drip: Dripline, on_reply: str, expected: list[str]) -> None:
    drip.apply(sequence(on_reply=on_reply))
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.tick()
    drip.inbox.receive("How much is it?", phone=LEAD)

    assert statuses(drip) == expected
    assert drip.verify() == []


def test_a_paused_enrollment_goes_on_when_a_person_says_so(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.apply(sequence(on_reply="pause"))
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.tick()
    drip.inbox.receive("How much is it?", phone=LEAD)
    clock.advance(drip.records(phone=LEAD)[1].planned_time - clock.now())
    assert drip.tick().sent == 0

    assert drip.resume(phone=LEAD) == 1
    assert drip.tick().sent == 1
    assert fake.accepted[-1].text == "Two"


def test_a_goal_ends_the_sequence_and_keeps_it_from_starting(drip: Dripline) -> None:
    drip.apply(sequence(goal="BOUGHT"))
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.tick()
    drip.add_lead(phone=LEAD, triggers=["BOUGHT"])

    assert drip.records(phone=LEAD)[1].reason == "the lead reached the goal BOUGHT"
    assert drip.add_lead(phone="60123456700", triggers=["BOUGHT", "WARM"]).enrolled == 0
    assert "has reached the goal BOUGHT" in drip.leads.timelines(phone="60123456700")[0].not_enrolled[0].reason


@pytest.mark.parametrize(("setting", "ended"), [("exit", 1), ("continue", 0)])
def test_losing_the_trigger_ends_it_if_it_is_set(drip: Dripline, setting: str, ended: int) -> None:
    drip.apply(sequence(on_trigger_lost=setting))
    drip.add_lead(phone=LEAD, triggers=["WARM"])

    assert drip.leads.remove_trigger("warm", phone=LEAD) == ended


def test_an_operator_ends_one_sequence_with_a_reason(drip: Dripline) -> None:
    drip.apply(sequence())
    drip.apply(sequence("Other"))
    drip.add_lead(phone=LEAD, triggers=["WARM", "OTHER"])

    assert drip.leads.exit(phone=LEAD, sequence="Warm", reason="bought in the shop") == 1
    assert [r.reason for r in drip.records(phone=LEAD)][:4] == ["bought in the shop"] * 3 + [None]
    with pytest.raises(InvalidSequence, match="There is no sequence 'Wram'"):
        drip.leads.exit(phone=LEAD, sequence="Wram")


def test_a_lead_that_is_being_sent_to_is_not_forgotten(drip: Dripline, url: str, clock: VirtualClock) -> None:
    drip.apply(sequence())
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    with Dripline(url, clock=clock) as other:
        found: list[BaseException] = []

        class Forgetful:
            async def send(self, _message: object) -> object:
                from dripline import Accepted

                try:
                    other.leads.forget(phone=LEAD)
                except BusyLead as error:
                    found.append(error)
                return Accepted("x")

        with Dripline(url, clock=clock, channels={"console": Forgetful()}) as sending:  # type: ignore[dict-item]
            sending.tick()

    assert len(found) == 1
    assert statuses(drip)[0] == "completed"
