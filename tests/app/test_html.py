"""HTML beside a step's text: rendered with everything escaped that is filled in, edited like the text, stored."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from dripline.core.messages import compose as decide
from dripline.errors import InvalidSequence, InvalidTemplate
from dripline.importing.setup.setup_file import read_setup

PHONE = "60123456789"
EVIL = "<img src=x onerror=alert(1)> & 'Aina\""

Ask = Callable[[str], list[tuple[object, ...]]]


def warm(*steps: Step) -> Sequence:
    return Sequence("Warm", trigger="WARM", steps=steps)


def send_to(drip: Dripline, fake: FakeChannel, name: str = "Aina", **attributes: str) -> tuple[str, str | None]:
    drip.add_lead(phone=PHONE, name=name, triggers=["WARM"], attributes=attributes)
    drip.tick()
    return fake.accepted[-1].text, fake.accepted[-1].html


def test_a_name_that_is_html_comes_out_escaped_and_as_it_is_in_the_text(drip: Dripline, fake: FakeChannel) -> None:
    drip.apply(warm(Step("Hi {{ name }}", html='<p title="{{ name }}">Hi {{ name | upper }}</p>')))
    text, html = send_to(drip, fake, EVIL)

    assert text == f"Hi {EVIL}"
    assert html is not None
    assert html.startswith('<p title="&lt;img src=x onerror=alert(1)&gt; &amp; &#39;Aina&#34;">Hi &lt;IMG')
    assert html.count("<") == 2


@pytest.mark.parametrize(
    "filled",
    ["{{ niche }}", "{{ niche ~ name }}", "{{ niche | replace('x', 'y') }}", "{{ [niche] | join }}",
     "{% for told in [niche] %}{{ told }}{% endfor %}", "{{ '%s' | format(niche) }}", "{{ missing | default(niche) }}"],
)  # fmt: skip
def test_no_way_of_filling_in_lets_tags_through(drip: Dripline, fake: FakeChannel, filled: str) -> None:
    drip.apply(Sequence("W", trigger="WARM", steps=[Step("Hi", html=filled)], variables={"niche": "<b>exam"}))
    _, html = send_to(drip, fake, EVIL)

    assert html is not None
    assert "<" not in html


def test_a_step_without_html_renders_none(drip: Dripline, fake: FakeChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(decide, "render_html")
    drip.apply(warm(Step("Hi")))

    assert send_to(drip, fake) == ("Hi", None)


def test_corrected_html_reaches_everything_not_yet_sent_and_makes_no_version(
    drip: Dripline, fake: FakeChannel, clock: VirtualClock, ask: Ask
) -> None:
    drip.apply(warm(Step("One", html="<p>1</p>"), Step("Two", "12h", html="<p>2</p>")))
    send_to(drip, fake)
    newer = warm(Step("One", html="<p>1</p>"), Step("Two", "12h", html="<p>II</p>"), Step("Three", "12h"))
    drip.apply(newer)
    applied = drip.apply(warm(Step("One"), Step("Two", "12h", html="<p>zwei</p>"), Step("Three", "12h")))

    assert (applied.version, applied.plan.changes) == (
        2,
        (
            "step 1 has no HTML any more, for everything not yet sent, in version 1 too",
            "step 2 has new HTML, for everything not yet sent, in version 1 too",
        ),
    )
    clock.advance(applied.plan.wanted.steps[1].wait)
    drip.tick()
    assert fake.accepted[-1].html == "<p>zwei</p>"
    assert ask("SELECT version, content FROM steps WHERE message = 'One' ORDER BY version") == [(1, "{}"), (2, "{}")]
    assert drip.plan(applied.plan.wanted).action == "keep"


def test_a_step_that_was_refused_goes_again_once_its_html_is_corrected(
    drip: Dripline, fake: FakeChannel, plant: Callable[[str], None]
) -> None:
    drip.apply(warm(Step("One", html="<p>bad</p>")))
    plant("UPDATE steps SET pause_code = 'refused'")
    drip.apply(warm(Step("One", html="<p>bad</p>"), Step("Two", "12h")))
    drip.add_lead(phone=PHONE, triggers=["WARM"])
    drip.tick()
    assert fake.accepted == []

    drip.apply(warm(Step("One", html="<p>good</p>"), Step("Two", "12h")))
    drip.tick()
    assert [message.html for message in fake.accepted] == ["<p>good</p>"]


@pytest.mark.parametrize(
    ("html", "error", "told"),
    [
        (" ", InvalidSequence, "empty"),
        ("a\x00b", InvalidSequence, "not text"),
        ("{{ nobody_has_this }}", InvalidTemplate, "nobody_has_this"),
        ("{% if %}", InvalidTemplate, "cannot be read"),
        ("x" * 100_001, InvalidTemplate, "longer than 100000"),
    ],
)
def test_html_that_cannot_be_sent_is_refused_when_it_is_applied(
    drip: Dripline, html: str, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        drip.apply(warm(Step("Hi", html=html)))

    assert drip.apply(warm(Step("Hi", html="x" * 100_000))).version == 1


def test_html_that_grows_too_long_for_a_lead_is_not_sent(drip: Dripline, fake: FakeChannel) -> None:
    drip.apply(warm(Step("Hi", html="{{ name|replace('x', 'xxxxxxxxxx') }}" * 60)))
    drip.add_lead(phone=PHONE, name="x" * 200, triggers=["WARM"])
    drip.tick()

    assert fake.offered == []
    assert "longer than 100000" in (drip.records(phone=PHONE)[0].reason or "")


def test_a_sequence_file_has_html_beside_the_message(tmp_path: Path) -> None:
    path = tmp_path / "warm.yaml"
    path.write_text(
        "name: Warm\ntrigger: WARM\nchannel: smtp\nsteps:\n"
        "- message: Hi {{ name }}\n  html: |\n    <p>Hi\n    {{ name }}</p>\n- message: Two\n"
    )
    (sequence,) = read_setup(path).sequences

    assert [step.html for step in sequence.steps] == ["<p>Hi\n{{ name }}</p>", None]
