"""Providers that answer anything: each message ends in an outcome, and nobody is barred but by a documented answer.

`make attack` asks for 20,000 answers of each channel (DRIPLINE_ANSWERS), `make test` for a few.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from besieged import running
from random_answers import asked_again, http_answer, smtp_reply

from dripline import (
    Channel,
    Dripline,
    Lead,
    Limits,
    Message,
    Outcome,
    Rejected,
    Sender,
    Sequence,
    Step,
    Template,
    VirtualClock,
)
from dripline.channels.capabilities import capabilities_of
from dripline.channels.contract import Closable
from dripline.channels.gowa.channel import GowaChannel
from dripline.channels.smtp.channel import Security, SmtpChannel
from dripline.channels.telegram.channel import TelegramChannel
from dripline.channels.twilio.channel import TwilioChannel
from dripline.channels.webhook.channel import WebhookChannel
from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
from dripline.engine.sending.send_one import send_one
from dripline.engine.tasks import Timeout

ANSWERS = int(os.environ.get("DRIPLINE_ANSWERS", "150"))
THROUGH_THE_ENGINE = 15
MOST_TURNS = 1_000
TIMEOUT = 0.3
"""How long a channel waits for an answer here, in seconds; some take longer."""

NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
ACCOUNT = {"gowa": "jb-1", "twilio": "+14155552345", "cloud": "106540352242922"}
ENDED = {"completed", "failed", "skipped", "cancelled", "unknown"}


def _now() -> datetime:
    return NOW


class AnybodyGowa(GowaChannel):
    """A gateway through which people are written to who never wrote: nobody does here."""

    invited_only = False


CHANNELS: dict[str, Callable[[int], Channel]] = {
    "http": lambda port: WebhookChannel(
        _url(port), "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", now=_now, timeout=TIMEOUT
    ),
    "gowa": lambda port: AnybodyGowa(_url(port), username="drip", password="word-of-ours", now=_now, timeout=TIMEOUT),
    "twilio": lambda port: TwilioChannel("AC" + "a" * 32, "b" * 32, now=_now, base_url=_url(port), timeout=TIMEOUT),
    "cloud": lambda port: WhatsAppCloudChannel("EAAG-0123456789", now=_now, base_url=_url(port), timeout=TIMEOUT),
    "telegram": lambda port: TelegramChannel("123:" + "a" * 35, base_url=_url(port), timeout=TIMEOUT),
    "smtp": lambda port: SmtpChannel(
        "127.0.0.1", port, sender="shop@example.com", now=_now, security=Security.NONE, timeout=TIMEOUT
    ),
}


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _message(number: int, name: str) -> Message:
    lead = Lead(number, phone=f"6012{number:07}")
    to = {"smtp": f"number-{number}-@example.com", "telegram": f"{number + 1}"}.get(name, f"6012{number:07}")
    text, account = f"number-{number}-", ACCOUNT.get(name)
    return Message(to, text=text, record_id=number + 1, attempt=1, lead=lead, sequence="Go", step=1, account=account)


def may_bar(name: str, number: int) -> bool:
    """Return whether the provider's documents let the answer that is drawn for a number bar somebody."""
    return (smtp_reply("RCPT", number, 0) if name == "smtp" else http_answer(name, number, 0)).may_bar


async def outcomes(channel: Channel, name: str) -> list[Outcome]:
    """Hand over as many messages as are asked for, as many at once as the channel says, as the engine does."""
    left, found = list(range(ANSWERS)), dict[int, Outcome]()

    async def in_turn() -> None:
        with Timeout(10) as time_limit:
            while left:
                number = left.pop()
                found[number] = await send_one(channel, _message(number, name), time_limit)

    await asyncio.gather(*(in_turn() for _ in range(capabilities_of(channel).sends_at_once)))
    assert isinstance(channel, Closable)
    await channel.aclose()
    return [found[number] for number in range(ANSWERS)]


@pytest.mark.parametrize("name", CHANNELS)
def test_whatever_a_provider_answers_is_an_outcome_and_bars_nobody_for_nothing(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with running("answering_process.py", name, str(2 * TIMEOUT)) as provider:
        assert provider.stdout is not None
        found = asyncio.run(outcomes(CHANNELS[name](int(provider.stdout.readline())), name))
    barred = [number for number, one in enumerate(found) if isinstance(one, Rejected) and one.suppress]

    assert [record.getMessage() for record in caplog.records if record.name == "dripline.batch"] == []
    assert [number for number in barred if not may_bar(name, number)] == []
    assert len({type(one) for one in found}) == len(Outcome.__args__)
    print(f"{name}: {dict(Counter(type(one).__name__ for one in found))}, barred {len(barred)}")


@pytest.mark.parametrize("name", CHANNELS)
def test_whatever_a_provider_answers_the_processor_goes_on_and_each_record_ends(name: str, url: str) -> None:
    clock = VirtualClock(NOW)
    with running("answering_process.py", name, str(2 * TIMEOUT)) as provider:
        assert provider.stdout is not None
        channels = {"one": CHANNELS[name](int(provider.stdout.readline()))}
        with Dripline(url, clock=clock, channels=channels, limits=Limits(sender_pause=timedelta(seconds=1))) as drip:
            drip.senders.apply(Sender("one", channel="one", account=ACCOUNT.get(name)))
            _add(drip, name)
            drip.apply(_sequence(name, 0))
            _add(drip, name, "GO")
            for turn in range(1, MOST_TURNS):
                drip.tick()
                if {record.status.value for record in drip.records()} <= ENDED:
                    break
                # What waits for a person: a sender that is shut out, a template that was refused.
                drip.senders.resume("one")
                drip.apply(_sequence(name, turn), reach="all")
                clock.advance(timedelta(days=1))

            ended = [record.status.value for record in drip.records()]
            assert (len(ended), {*ended} - ENDED) == (THROUGH_THE_ENGINE, set())
            assert drip.verify() == []
            assert _barred_for_nothing(drip, name) == []


def _sequence(name: str, turn: int) -> Sequence:
    """Return the sequence; one by templates has another template each turn."""
    text = "number-{{ number }}-"
    template = Template(f"warm_{turn}", parameters=[text]) if name == "cloud" else None
    return Sequence("Go", trigger="GO", senders=["one"], steps=[Step(text, subject="s", template=template)])


def _add(drip: Dripline, name: str, *triggers: str) -> None:
    for number in range(THROUGH_THE_ENGINE):
        told = {"number": str(number), "telegram_chat_id": str(number + 1)}
        who = {"email": f"number-{number}-@example.com"} if name == "smtp" else {"phone": f"6012{number:07}"}
        drip.add_lead(**who, attributes=told, triggers=triggers)


def _barred_for_nothing(drip: Dripline, name: str) -> list[int]:
    barred = {one.address.removeprefix("mailto:") for one in drip.leads.suppressions()}
    numbers = [n for n in range(THROUGH_THE_ENGINE) if barred & {f"6012{n:07}", f"number-{n}-@example.com"}]
    return [number for number in numbers if not any(may_bar(name, asked_again(number, k)) for k in range(1, 40))]
