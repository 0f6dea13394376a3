"""What a step sends beside its text: templates outside the hours of free text, pictures, other channels' words."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dripline import (
    Dripline,
    FakeChannel,
    Media,
    Message,
    Outcome,
    Policy,
    Rejected,
    RetryLater,
    Sender,
    Sequence,
    Step,
    Template,
    Variant,
    VirtualClock,
)
from dripline.core.explain import words
from dripline.core.reason import Reason, ReasonCode
from dripline.errors import InvalidSequence, InvalidTemplate
from support.meta import MetaDouble, posted, take

START = datetime(2026, 1, 1, tzinfo=UTC)
PHONE = "60123456789"
DAY = timedelta(hours=24)
WARM = Template("warm_1", language="ms", parameters=["{{ name }}", "{{ niche }}"])

Ask = Callable[[str], list[tuple[object, ...]]]


class Shop:
    """A shop whose sequence goes through a channel that takes free text for a day after somebody wrote."""

    def __init__(self, url: str, script: Callable[[Message], Outcome | None]) -> None:
        self.clock = VirtualClock(START)
        self.provider = MetaDouble(script, window=DAY)
        self.drip = Dripline(url, clock=self.clock, channels={"whatsapp": self.provider})

    def apply(self, *steps: Step) -> None:
        policy = Policy(on_reply="continue")
        variables = {"niche": "EXAMA"}
        self.drip.apply(
            Sequence("Warm", trigger="WARM", channel="whatsapp", steps=steps, policy=policy, variables=variables)
        )

    def enroll(self) -> None:
        self.drip.add_lead(phone=PHONE, name="Aina", triggers=["WARM"])

    def write(self, text: str = "Hello", *, at: datetime | None = None, account: str = "1") -> None:
        """Let the lead write."""
        stamp = str(int((at or self.clock.now()).timestamp()))
        message = {"id": f"in-{stamp}", "from": PHONE, "timestamp": stamp, "type": "text", "text": {"body": text}}
        self.post({"metadata": {"phone_number_id": account}, "messages": [message]})

    def post(self, value: dict[str, Any], field: str = "messages") -> None:
        assert take(self.drip, posted(value, field=field, at=int(self.clock.now().timestamp())))
        self.drip.inbox.process()

    def reason(self, step: int = 1) -> str | None:
        return self.drip.records(phone=PHONE)[step - 1].reason

    @property
    def sent(self) -> list[Message]:
        return self.provider.accepted


@pytest.fixture
def open_shop(url: str) -> Iterator[Callable[..., Shop]]:
    with ExitStack() as stack:

        def opened(script: Callable[[Message], Outcome | None] = lambda _: None) -> Shop:
            shop = Shop(url, script)
            stack.callback(shop.drip.close)
            return shop

        yield opened


def test_who_never_wrote_gets_the_template_filled_for_them(open_shop: Callable[..., Shop], ask: Ask) -> None:
    shop = open_shop()
    shop.apply(Step("Hi {{ name }}", template=WARM))
    shop.enroll()

    assert shop.drip.tick().sent == 1
    template = shop.sent[0].template
    assert template is not None
    assert (template.name, template.language, template.parameters) == ("warm_1", "ms", ("Aina", "EXAMA"))
    # What was sent is what is kept, not the free text that was not.
    assert ask("SELECT text FROM attempts") == [("[template warm_1, ms] Aina | EXAMA",)]


def test_who_wrote_lately_gets_free_text_until_the_day_is_over(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    shop.apply(*(Step(f"Step {number}", "12h" if number > 1 else "0s", template=WARM) for number in (1, 2, 3)))
    shop.write()
    shop.enroll()
    for _ in range(3):
        shop.drip.tick()
        shop.clock.advance(timedelta(hours=12))

    # The third goes at the very end of the day: that is past it.
    assert [(message.text, message.template is None) for message in shop.sent] == [
        ("Step 1", True),
        ("Step 2", True),
        ("[template warm_1, ms] Aina | EXAMA", False),
    ]


def test_a_step_without_a_template_is_held_until_the_lead_writes(open_shop: Callable[..., Shop], ask: Ask) -> None:
    shop = open_shop()
    shop.apply(Step("Hi"))
    shop.enroll()

    report = shop.drip.tick()
    assert (report.sent, report.deferred, shop.reason()) == (0, 1, words(Reason.of(ReasonCode.NEEDS_TEMPLATE)))
    for _ in range(3):
        shop.clock.advance(timedelta(hours=1))
        assert shop.drip.tick().sent == 0
    shop.write()
    shop.clock.advance(timedelta(hours=1))
    assert shop.drip.tick().sent == 1
    assert shop.sent[0].attempt == 1
    assert ask("SELECT count(*) FROM attempts") == [(1,)]
    assert shop.drip.verify() == []


def test_a_template_given_later_reaches_what_was_held(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    shop.apply(Step("Hi"))
    shop.enroll()
    shop.drip.tick()

    plan = shop.drip.plan(
        Sequence(
            "Warm",
            trigger="WARM",
            channel="whatsapp",
            steps=[Step("Hi", template=WARM)],
            policy=Policy(on_reply="continue"),
            variables={"niche": "EXAMA"},
        )
    )
    assert plan.changes == (
        "step 1 goes by the template warm_1, for everything not yet sent",
        "1 waiting message is checked again under the new rules",
    )
    shop.drip.sequences.publish(plan)
    shop.clock.advance(timedelta(hours=1))
    assert shop.drip.tick().sent == 1
    assert shop.sent[0].template is not None


def test_only_the_account_that_was_written_to_may_answer(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    shop.drip.senders.apply(Sender("jb", channel="whatsapp", account="2"))
    shop.drip.apply(
        Sequence("Warm", trigger="WARM", senders=["jb"], steps=[Step("Hi")], policy=Policy(on_reply="continue"))
    )
    shop.write(account="1")
    shop.enroll()

    assert shop.drip.tick().sent == 0
    shop.write("Again", at=START + timedelta(seconds=1), account="2")
    shop.clock.advance(timedelta(hours=1))
    assert shop.drip.tick().sent == 1


def test_an_old_message_told_late_opens_nothing(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    shop.apply(Step("Hi"))
    shop.write(at=START - DAY)
    shop.enroll()
    assert shop.drip.tick().sent == 0

    # Nor does one from a clock that is ahead hold longer than a day from now.
    shop.write("Ahead", at=START + 2 * DAY)
    shop.clock.advance(DAY)
    assert shop.drip.tick().sent == 0


def test_free_text_that_the_provider_finds_too_late_goes_anew_as_the_template(open_shop: Callable[..., Shop]) -> None:
    """Its clock counts, not ours."""

    def too_late(message: Message) -> Outcome | None:
        return None if message.template else RetryLater("131047", after=0, scope="conversation")

    shop = open_shop(too_late)
    shop.apply(Step("Hi", template=WARM))
    shop.write()
    shop.enroll()

    assert shop.drip.tick().retried == 1
    shop.clock.advance(timedelta(seconds=1))
    assert shop.drip.tick().sent == 1
    assert [message.template is None for message in shop.provider.offered] == [True, False]


def test_a_template_that_is_taken_away_pauses_its_steps_and_one_given_back_lets_them_go(
    open_shop: Callable[..., Shop],
) -> None:
    shop = open_shop()
    shop.apply(Step("Hi", template=WARM))
    shop.enroll()
    changed = {"message_template_name": "warm_1", "message_template_language": "ms", "reason": "LOW_QUALITY"}
    shop.post(changed | {"event": "PAUSED"}, "message_template_status_update")
    assert shop.drip.tick().sent == 0
    timeline = shop.drip.leads.timelines(phone=PHONE)[0]
    told = timeline.why(timeline.records[0], shop.drip.now())
    assert "the template warm_1 is PAUSED: LOW_QUALITY" in told

    shop.clock.advance(timedelta(hours=1))
    shop.post(changed | {"event": "APPROVED"}, "message_template_status_update")
    assert shop.drip.tick().sent == 1


def test_a_refused_template_that_is_corrected_goes(open_shop: Callable[..., Shop]) -> None:
    def refused(message: Message) -> Outcome | None:
        is_refused = message.template is not None and message.template.name == "warm_1"
        return Rejected("132001", scope="template") if is_refused else None

    shop = open_shop(refused)
    shop.apply(Step("Hi", template=WARM))
    shop.enroll()
    assert shop.drip.tick().held == 1
    assert shop.drip.tick().sent == 0

    shop.apply(Step("Hi", template=Template("warm_2")))
    assert shop.drip.tick().sent == 1


def test_a_picture_goes_with_its_text_as_the_lead_gets_it(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    shop.apply(Step("For {{ name }}", media=Media("image", "https://shop.example.com/{{ niche }}.jpg")))
    shop.write()
    shop.enroll()
    shop.drip.tick()

    assert shop.sent[0].media == Media("image", "https://shop.example.com/EXAMA.jpg")
    assert shop.sent[0].text == "For Aina"


def test_what_becomes_no_address_for_a_lead_fails_that_record_alone(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    shop.apply(Step("Hi", media=Media("image", "{{ niche }}")))
    shop.write()
    shop.enroll()

    assert shop.drip.tick().failed == 1
    assert "The image is no address on the web for this lead: 'EXAMA'" in (shop.reason() or "")


def test_a_channel_has_its_own_words(url: str) -> None:
    mail, sms = FakeChannel(), FakeChannel()
    step = Step("Short {{ name }}", variants={"mail": Variant("Long {{ name }}", subject="About {{ name }}")})
    with Dripline(url, channels={"mail": mail, "sms": sms}) as drip:
        for channel in ("mail", "sms"):
            drip.apply(Sequence(channel, trigger=channel, channel=channel, steps=[step]))
        drip.add_lead(phone=PHONE, name="Aina", triggers=["mail", "sms"])
        drip.tick()

        # What was applied is what is there: nothing has changed.
        assert drip.plan(Sequence("sms", trigger="sms", channel="sms", steps=[step])).changes == ()
    assert [(message.text, message.subject) for message in mail.accepted] == [("Long Aina", "About Aina")]
    assert [(message.text, message.subject) for message in sms.accepted] == [("Short Aina", None)]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Media("song", "https://x.example"), "cannot show 'song'"),
        (lambda: Media("image", "file:///etc/passwd"), "is no address on the web"),
        (lambda: Template("two words"), "The template's name 'two words' cannot be used"),
        (lambda: Template("one", language=""), "The template's language '' cannot be used"),
        (lambda: Template("one", parameters=["x"] * 101), "more than 100 parameters"),
        (lambda: Variant(" "), "has no message"),
    ],
)
def test_content_that_cannot_be_is_refused(make: Callable[[], object], told: str) -> None:
    with pytest.raises(InvalidSequence, match=told):
        make()


@pytest.mark.parametrize(
    "step",
    [
        Step("Hi", media=Media("image", "https://x.example/{{ town }}.jpg")),
        Step("Hi", template=Template("one", parameters=["{{ town }}"])),
        Step("Hi", template=Template("one", header="{{ town }}")),
        Step("Hi", template=Template("one", buttons=["{{ town }}"])),
        Step("Hi", variants={"sms": Variant("{{ town }}")}),
    ],
)
def test_a_variable_that_nobody_has_is_found_wherever_it_stands(url: str, step: Step) -> None:
    with Dripline(url) as drip, pytest.raises(InvalidTemplate, match="town"):
        drip.apply(Sequence("One", trigger="ONE", steps=[step]))


def test_what_a_channel_cannot_show_is_refused_when_it_is_applied(url: str) -> None:
    class Words:
        async def send(self, message: Message) -> Outcome:
            raise NotImplementedError

    step = Step("Hi", media=Media("video", "https://x.example/a.mp4"))
    with Dripline(url, channels={"words": Words()}) as drip:
        with pytest.raises(InvalidSequence, match=r"Step 1 of 'One' shows .*\(video\), which 'words' cannot send"):
            drip.apply(Sequence("One", trigger="ONE", channel="words", steps=[step]))
        drip.apply(Sequence("One", trigger="ONE", steps=[step]))
