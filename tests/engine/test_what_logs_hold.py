"""A log names codes, and never what a provider wrote: its words may hold a person's number."""

import pytest

from dripline import Dripline, FakeChannel, Message, Sender, SenderUnavailable, Sequence, Step, VirtualClock

NUMBER = "60123456789"


def unavailable(message: Message) -> SenderUnavailable:
    return SenderUnavailable(f"no route to {message.to}")


@pytest.mark.parametrize("senders", [(), ("jb",)])
def test_a_provider_that_names_a_number_is_not_quoted(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture, senders: tuple[str, ...]
) -> None:
    with Dripline("sqlite://", clock=clock, channels={"wa": FakeChannel(unavailable)}) as drip:
        if senders:
            drip.senders.apply(Sender("jb", channel="wa"))
        drip.apply(Sequence("S", trigger="T", channel="wa", senders=senders, steps=[Step("Hi")]))
        drip.add_lead(phone=NUMBER, triggers=["T"])
        drip.tick()

    assert "sender_unavailable" in caplog.text
    assert NUMBER not in caplog.text
