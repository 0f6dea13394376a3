"""What a lead would get, told before it goes; and what a plan notes about texts."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from dripline import Dripline, FakeChannel, Media, NewLead, Sequence, Step, Template, Variant, VirtualClock
from dripline.errors import InvalidLead, InvalidSequence, InvalidTemplate

PHONE = "60123456789"
STEPS = [
    Step("{Hi|Hello|Hey} {{ name }},\n{ about| for} {{ niche }}", subject="{A|B} {{ niche }}"),
    Step("Look", "12h", media=Media("image", "https://x.example/{{ niche }}.jpg")),
    Step("Short", "12h", variants={"mine": Variant("Long {{ name }}", subject="S")}),
]


def warm(*steps: Step, channel: str = "mine") -> Sequence:
    return Sequence("Warm", trigger="WARM", channel=channel, steps=steps or STEPS, variables={"niche": "EXAMA"})


def test_what_is_previewed_is_what_is_sent_to_the_letter(url: str, clock: VirtualClock) -> None:
    mine = FakeChannel()
    with Dripline(url, clock=clock, channels={"mine": mine}) as drip:
        drip.apply(warm())
        drip.add_leads([NewLead(f"6012{number:07d}", name="Aina", triggers=("WARM",)) for number in range(20)])
        told = {f"6012{number:07d}": drip.preview("Warm", phone=f"6012{number:07d}") for number in range(20)}
        for _ in range(3):
            drip.tick()
            clock.advance(timedelta(hours=12))

        sent = [(message.to, message.step, message.text, message.subject, message.media) for message in mine.accepted]
        foretold = [
            (step.to, step.step, step.text, step.subject, step.media) for steps in told.values() for step in steps
        ]
        assert sorted(sent, key=str) == sorted(foretold, key=str)
        assert len({text for _, step, text, *_ in sent if step == 1}) > 3


def test_a_sequence_is_previewed_before_it_is_applied_and_changes_nothing(url: str) -> None:
    with Dripline(url, channels={"mine": FakeChannel(window=timedelta(hours=24))}) as drip:
        drip.add_lead(phone=PHONE, name="Aina")
        step = Step("Hi {{ name }}", template=Template("warm_1", parameters=["{{ name }}"]))
        (seen,) = drip.preview(warm(step), phone=PHONE)

        assert (seen.text, seen.template) == ("Hi Aina", Template("warm_1", parameters=["Aina"]))
        with pytest.raises(InvalidSequence, match="There is no sequence 'Warm'"):
            drip.preview("Warm", phone=PHONE)
        with pytest.raises(InvalidLead, match="No lead has the address"):
            drip.preview(warm(step), phone="60198765432")


def test_a_preview_says_what_would_fail(url: str) -> None:
    with Dripline(url) as drip:
        drip.add_lead(phone=PHONE, attributes={"town": "KL"})
        drip.add_lead(phone="60198765432")
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("In {{ town }}")]))

        assert drip.preview("Warm", phone=PHONE)[0].text == "In KL"
        (seen,) = drip.preview("Warm", phone="60198765432")
        assert seen.text is None
        assert "town" in (seen.problem or "")


def test_a_plan_counts_the_leads_that_lack_a_variable(url: str) -> None:
    with Dripline(url) as drip:
        towns = [{"town": "KL"}, {}, {"town": ""}, {"home_town": 'the "town": JB'}]
        for number, attributes in enumerate(towns):
            drip.add_lead(phone=f"6012345678{number}", triggers=["WARM"], attributes=attributes)
        drip.add_lead(phone="60198765432")
        sequence = Sequence("Warm", trigger="WARM", steps=[Step("In {{ town }}")])

        assert drip.plan(sequence).notes == (
            "3 of 4 leads with WARM have no town, and there is no fallback: step 1 fails for them",
        )
        with_fallback = Sequence("Warm", trigger="WARM", steps=[Step("In {{ town }}")], variables={"town": "town"})
        assert drip.plan(with_fallback).notes == ()


def test_a_plan_says_which_steps_have_no_template_where_free_text_has_its_hours(url: str) -> None:
    steps = [Step("One"), Step("Two", "1h", template=Template("two")), Step("Three", "1h")]
    with Dripline(url, channels={"mine": FakeChannel(window=timedelta(hours=24)), "any": FakeChannel()}) as drip:
        assert drip.plan(warm(*steps)).notes == (
            "without a template, step 1, 3 goes only to those who wrote lately, and waits for the others to",
        )
        assert drip.plan(warm(*steps, channel="any")).notes == ()


class Terse(FakeChannel):
    """Takes ten characters."""

    text_limit = 10


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("0123456789", True),
        ("01234567890", False),
        ("{a|01234567890}", True),
        ("{01234567890|01234567891}", False),
        ("0123456789{{ name }}", True),
        ("{% if name %}01234567890{% endif %}", True),
    ],
)
def test_what_is_too_long_whatever_fills_it_is_refused(url: str, text: str, *, fits: bool) -> None:
    with Dripline(url, channels={"mine": Terse()}) as drip:
        if fits:
            drip.apply(warm(Step(text)))
        else:
            with pytest.raises(InvalidTemplate, match=r"Step 1 of 'Warm' has 11 characters .* 'mine' takes 10"):
                drip.apply(warm(Step(text)))
        drip.apply(warm(Step("0123456789abc", variants={"mine": Variant("short")})))


def test_the_command_shows_a_file_that_is_not_applied(tmp_path: Path) -> None:
    (tmp_path / "warm.yaml").write_text(
        'name: Warm\ntrigger: WARM\nsteps:\n  - message: "Hi {{ name }}"\n  - after: 12h\n    message: Two\n'
        "    template: warm_2\n"
    )
    db = str(tmp_path / "shop.db")
    with Dripline(f"sqlite:///{db}") as drip:
        drip.add_lead(phone=PHONE, name="Aina")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dripline", "preview", *words, "--db", db]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)

    shown = run("warm.yaml", PHONE)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines() == [
        f"Warm, to {PHONE}",
        "",
        "Step 1, 0s after enrollment",
        "  Hi Aina",
        "",
        "Step 2, 12h after the one before",
        "  Two",
        "  where no free text may go: [template warm_2, en]",
    ]
    told = json.loads(run("warm.yaml", PHONE, "--json").stdout)
    assert [step["text"] for step in told[0]["steps"]] == ["Hi Aina", "Two"]
    assert run("Warm", PHONE).returncode == 2
