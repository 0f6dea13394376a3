"""What a lead lacks, and what a step says without it: fails, falls back, is passed over, or is told before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dripline import Dripline, FakeChannel, Media, Sequence, Step, VirtualClock
from dripline.core.leads.lead_ref import lead_ref
from dripline.errors import InvalidLead, InvalidTrigger
from dripline.importing.leads.upload import Upload

PHONE = "60123456789"
OTHER = "60123456780"
START = datetime(2026, 1, 5, tzinfo=UTC)


class Shop:
    """A shop that writes to its leads through one channel."""

    def __init__(self, url: str) -> None:
        self.clock, self.channel = VirtualClock(START), FakeChannel()
        self.drip = Dripline(url, clock=self.clock, channels={"wa": self.channel})

    def apply(self, *steps: Step) -> tuple[str, ...]:
        """Apply a sequence, and return what its plan noted before."""
        wanted = Sequence("S", trigger="T", channel="wa", steps=steps)
        notes = self.drip.plan(wanted).notes
        self.drip.apply(wanted)
        return notes

    def texts(self) -> list[str]:
        """Let time go by, and return what was sent."""
        for _ in range(3):
            self.drip.tick()
            self.clock.advance(timedelta(minutes=1))
        assert self.drip.verify() == []
        return [message.text for message in self.channel.accepted]


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    made = Shop(url)
    with made.drip:
        yield made


@pytest.mark.parametrize("name", [None, "", "   ", "\u200b", "\u3164\ufe0f"])
def test_a_nameless_lead_is_never_greeted_without_its_name(shop: Shop, name: str | None) -> None:
    shop.drip.add_lead(phone=PHONE, name=name, triggers=["T"])
    shop.drip.add_lead(phone=OTHER, name="Aina", triggers=["T"])

    notes = shop.apply(Step("Hi {{ name }}"), Step("{{ name|default('friend') }}!", "1m"))

    assert notes == ("1 of 2 leads with T have no name, and there is no fallback: step 1 fails for them",)
    assert shop.texts() == ["Hi Aina", "friend!", "Aina!"]


@pytest.mark.parametrize("field", ["email", "phone"])
def test_an_address_that_a_lead_lacks_is_a_variable_that_it_lacks(shop: Shop, field: str) -> None:
    address = {"email": PHONE, "phone": "aina@example.com"}[field]
    shop.drip.add_lead(**lead_ref(address), triggers=["T"])

    (note,) = shop.apply(Step(f"Yours: {{{{ {field} }}}}"))

    assert f"1 of 1 leads with T have no {field}" in note
    assert shop.texts() == []


def test_what_a_template_asks_about_first_is_not_told_as_lacking(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE, triggers=["T"])

    notes = shop.apply(Step("{% if name %}Hi {{ name }}{% else %}Hi{% endif %}"), Step("{{ name or 'You' }}", "1m"))

    assert notes == ()
    assert shop.texts() == ["Hi", "You"]


@pytest.mark.parametrize("text", ["{% if name %}Hi{% endif %}", "{{ '\u200b' }}", " {{ ' ' }}\n"])
def test_a_step_that_is_empty_for_a_lead_is_passed_over(shop: Shop, text: str) -> None:
    shop.drip.add_lead(phone=PHONE, triggers=["T"])
    shop.apply(Step(text), Step("Two"))

    assert shop.texts() == ["Two"]
    first, second = shop.drip.records(phone=PHONE)
    assert (first.status, second.status) == ("skipped", "completed")
    assert first.reason == "the step is empty for this lead, and nothing empty is sent"


def test_a_picture_needs_no_words(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE, triggers=["T"])
    picture = Media("image", "https://example.com/a.png")
    shop.apply(Step("", media=picture), Step("{% if name %}Hi{% endif %}", media=picture))

    assert shop.texts() == ["", ""]
    assert [message.media for message in shop.channel.accepted] == [picture, picture]


@pytest.mark.parametrize("written", ["{name}", "{ name }", "{ {name} }", "[name]", "%NAME%", "${name}", "{name"])
def test_a_variable_in_wrong_braces_is_told_in_plan_and_preview(shop: Shop, written: str) -> None:
    shop.drip.add_lead(phone=PHONE, name="Aina", triggers=["T"])

    notes = shop.apply(Step("{{ name }}", subject=f"Hi {written}"))

    assert notes == (f"step 1 says {written}: write {{{{ name }}}}",)
    assert shop.drip.preview("S", phone=PHONE)[0].notes == notes


@pytest.mark.parametrize(
    "fine", ["{Hi|Hello} you", "{email|mail} us", "a {b} c", "[1] 50% off, 10% more", "{# name #}x"]
)
def test_other_braces_are_left_alone(shop: Shop, fine: str) -> None:
    assert shop.apply(Step(fine)) == ()


VALUES = {"zero": 0, "half": 1.5, "yes": True, "no": False, "days": ["Mon", 2], "text": " a "}


def test_attributes_keep_their_type(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE, triggers=["T"], attributes={**VALUES, "none": None, "empty": [], "blank": "\u200b"})
    shop.apply(
        Step("{{ zero }} {{ half }} {{ yes }} {{ no }} {{ days }}{% if yes and not no and half > 1 %}!{% endif %}")
    )

    assert shop.drip.leads.with_address(phone=PHONE)[0].attributes == {**VALUES, "text": "a"}
    assert shop.texts() == ["0 1.5 yes no Mon, 2!"]


def test_what_is_exported_and_comes_back_in_keeps_its_type(shop: Shop, tmp_path: Path) -> None:
    shop.drip.add_lead(phone=PHONE, triggers=["T"], attributes={**VALUES, "debt": -50})
    before = shop.drip.leads.with_address(phone=PHONE)
    file = tmp_path / "leads.csv"
    file.write_text("".join(shop.drip.leads.export()))
    upload = Upload(file, "leads.csv")

    assert shop.drip.imports.run(shop.drip.imports.begin(upload), upload).updated == 0
    assert shop.drip.leads.with_address(phone=PHONE) == before


def test_one_and_true_are_two_values(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE, attributes={"vip": 1})

    assert shop.drip.add_lead(phone=PHONE, attributes={"vip": True}).updated == 1
    assert shop.drip.leads.with_address(phone=PHONE)[0].attributes["vip"] is True


@pytest.mark.parametrize("value", [{"a": 1}, float("nan"), float("inf"), 10**400, b"x", [["a"]], object(), "x" * 2_001])
def test_what_no_attribute_can_hold_is_refused_in_one_sentence(value: object) -> None:
    with Dripline("sqlite://") as drip, pytest.raises(InvalidLead):
        drip.add_lead(phone=PHONE, attributes={"price": value})  # pyright: ignore[reportArgumentType]


def test_plausible_types_are_taken() -> None:
    with Dripline("sqlite://") as drip:
        drip.add_lead(phone=60123456789, name=None, triggers="warm, cold", attributes=None)

        lead = drip.leads.with_address(phone=PHONE)[0]
        assert (lead.phone, lead.name) == (PHONE, "")
        assert drip.leads.idle_triggers() == ["COLD", "WARM"]
        assert drip.leads.timelines(phone=60123456789)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": ["Aina"]}, InvalidLead),
        ({"triggers": [1]}, InvalidTrigger),
        ({"triggers": 5}, InvalidTrigger),
        ({"attributes": ["a"]}, InvalidLead),
        ({"zone": 8.5}, InvalidLead),
        ({"email": b"a@b.c"}, InvalidLead),
    ],
)
def test_other_types_are_refused_in_one_sentence(given: dict[str, object], error: type[Exception]) -> None:
    with Dripline("sqlite://") as drip, pytest.raises(error):
        drip.add_lead(phone=PHONE, **given)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", ["\x00", "\ud800", "\x00 \u200b"])
def test_what_is_no_text_is_refused_and_not_taken_for_empty(name: str) -> None:
    with Dripline("sqlite://") as drip, pytest.raises(InvalidLead, match="not text"):
        drip.add_lead(phone=PHONE, name=name)
