"""Every field of a step, a sequence, a sender and the workspace goes round: file, plan, store, API, editor, page.

The fields are those of the dataclasses, so that a field which is forgotten anywhere fails here.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from editor_form import Form
from httpx2 import Response
from site_of import Site, site

from dripline import Dripline, FakeChannel, Media, Pace, Sender, SendWindow, Sequence, Step, Template, Variant
from dripline.core.sequences.policy import Policy
from dripline.core.workspace import Workspace
from dripline.importing.setup.setup_file import Setup, read_setup
from dripline.web.editor.sequence_form import SequenceForm

API = "/api/v1"


@dataclass(frozen=True)
class Other:
    """A value that is not the default, and the lines of YAML that say it."""

    value: object
    lines: str


HOURS = SendWindow.read(["Mon-Fri 09:00-12:00", "Sat 10:00-11:00"], ["2026-12-25"])
WINDOW = "window: [Mon-Fri 09:00-12:00, Sat 10:00-11:00]\nholidays: [2026-12-25]"

OTHERS: Mapping[type, Mapping[str, Other]] = {
    Step: {
        "message": Other("Hello {{ name }}", 'message: "Hello {{ name }}"'),
        "after": Other("1d 6h", "after: 1d 6h"),
        "subject": Other("About it", "subject: About it"),
        "html": Other("<p>Hi</p>", "html: <p>Hi</p>"),
        "window": Other(HOURS, WINDOW),
        "media": Other(
            Media("document", "https://shop.example.com/p.pdf", filename="Prices.pdf"),
            "document: https://shop.example.com/p.pdf\nfilename: Prices.pdf",
        ),
        "template": Other(
            Template(
                "warm_1",
                language="ms",
                parameters=["{{ name }}", "EXAMA"],
                header=Media("image", "https://shop.example.com/a.jpg"),
                buttons=["{{ name }}"],
            ),
            'template:\n  name: warm_1\n  language: ms\n  parameters: ["{{ name }}", EXAMA]\n'
            '  image: https://shop.example.com/a.jpg\n  buttons: ["{{ name }}"]',
        ),
        "variants": Other(
            {"console": Variant("Short"), "other": Variant("Long", subject="S")},
            "variants:\n  console: Short\n  other: {message: Long, subject: S}",
        ),
        "id": Other("price-list", "id: price-list"),
    },
    Sequence: {
        "name": Other("Renamed", "name: Renamed"),
        "trigger": Other("OTHERTRIGGER", "trigger: OTHERTRIGGER"),
        "channel": Other("other", "channel: other"),
        "senders": Other(("sales", "jb-1"), "senders: [sales, jb-1]"),
        "variables": Other({"niche": "your exam"}, "variables: {niche: your exam}"),
        "window": Other(HOURS, WINDOW),
        "zone": Other("Asia/Tokyo", "zone: Asia/Tokyo"),
        "goal": Other("BOUGHT", "goal: BOUGHT"),
        "then": Other("NEXT", "then: NEXT"),
        "group": Other("funnel", "group: funnel"),
    },
    Policy: {
        "unknown_after": Other("90s", "unknown_after: 90s"),
        "late_grace": Other("2h", "late_grace: 2h"),
        "min_gap": Other("3h", "min_gap: 3h"),
        "re_entry_gap": Other("36h", "re_entry_gap: 36h"),
    },
    Sender: {
        "name": Other("jb-9", "sender: jb-9"),
        "channel": Other("other", "channel: other"),
        "account": Other("106540352242922", 'account: "106540352242922"'),
        "pool": Other("east", "pool: east"),
    },
    Pace: {
        "gap": Other("10s-30s", "gap: 10s-30s"),
        "burst": Other(3, "burst: 3"),
        "hourly_cap": Other(60, "hourly_cap: 60"),
        "daily_cap": Other(400, "daily_cap: 400"),
        "warm_up": Other((20, 40), "warm_up: [20, 40]"),
        "quiet": Other("21:00-08:00", 'quiet: "21:00-08:00"'),
        "zone": Other("Asia/Tokyo", "zone: Asia/Tokyo"),
    },
    Workspace: {
        "zone": Other("Asia/Tokyo", "  zone: Asia/Tokyo"),
        "min_gap": Other("1h", "  min_gap: 1h"),
        "daily_cap": Other(2, "  daily_cap: 2"),
        "stop_words": Other(("stop", "batal"), "  stop_words: [stop, batal]"),
        "keep": Other("400d", "  keep: 400d"),
        "keep_messages": Other("90d", "  keep_messages: 90d"),
    },
}
"""A value for each field that none can be made for: yes or no, and one of a few words, make themselves."""

MADE_OF = {"steps": Step, "policy": Policy, "pace": Pace}
"""Fields that have their own ones here."""


def other_of(made: type, field: Field[Any]) -> Other:
    """Return a value that a field does not have by default."""
    known = OTHERS[made].get(field.name)
    if known is not None:
        return known
    default = field.default
    assert default is not MISSING, f"give {made.__name__}.{field.name} a value in OTHERS"
    if isinstance(default, bool):
        return Other(not default, f"{field.name}: {'no' if default else 'yes'}")
    assert isinstance(default, StrEnum), f"give {made.__name__}.{field.name} a value in OTHERS"
    word = next(word for word in type(default) if word is not default)
    return Other(word, f"{field.name}: {word}")


@dataclass(frozen=True)
class Case:
    """One field with a value of its own: `was` without it, `wanted` with it, and `file` that says the latter."""

    was: Any
    wanted: Any
    file: str


def without(text: str, lines: str) -> str:
    """Leave the keys out of a file that other lines say."""
    said = {line.partition(":")[0] for line in lines.splitlines()}
    return "\n".join(line for line in text.splitlines() if line.partition(":")[0] not in said)


def step_case(field: Field[Any]) -> Case:
    other = other_of(Step, field)
    plain = Step("Two", "6h", id="second")
    usual = "message: Two\nafter: 6h\nid: second"
    step = "\n".join(filter(None, [other.lines, without(usual, other.lines)]))
    shown = step.replace("\n", "\n    ")
    trigger = f"STEP_{field.name.upper()}"
    was = Sequence(f"Step {field.name}", trigger=trigger, steps=[Step("One", id="first"), plain])
    file = f"name: {was.name}\ntrigger: {trigger}\nsteps:\n  - {{message: One, id: first}}\n  - {shown}\n"
    return Case(was, replace(was, steps=[was.steps[0], replace(plain, **{field.name: other.value})]), file)


def sequence_case(made: type, field: Field[Any]) -> Case:
    other = other_of(made, field)
    was = Sequence(f"Its {field.name}", trigger=f"ITS_{field.name.upper()}", steps=[Step("One", id="first")])
    if made is Policy:
        wanted = replace(was, policy=replace(was.policy, **{field.name: other.value}))
    else:
        wanted = replace(was, **{field.name: other.value})
    usual = without(f"name: {was.name}\ntrigger: {was.trigger}", other.lines)
    return Case(was, wanted, f"{other.lines}\n{usual}\nsteps: [{{message: One, id: first}}]\n")


def sender_case(made: type, field: Field[Any]) -> Case:
    other = other_of(made, field)
    # Quiet hours need a zone.
    was = Sender(f"its-{field.name}", channel="console", pace=Pace(zone="UTC" if field.name == "quiet" else None))
    if made is Pace:
        wanted = replace(was, pace=replace(was.pace, **{field.name: other.value}))
    else:
        wanted = replace(was, **{field.name: other.value})
    zone = "\nzone: UTC" if field.name == "quiet" else ""
    usual = without(f"sender: {was.name}\nchannel: console", other.lines)
    return Case(was, wanted, f"{other.lines}\n{usual}{zone}\n")


FIELDS: dict[type, list[Field[Any]]] = {
    made: [field for field in fields(made) if field.init and field.name not in MADE_OF] for made in OTHERS
}
USUAL = [field for field in FIELDS[Sequence] if field.default is not MISSING and field.name != "name"]

SEQUENCES = [
    pytest.param(made, field, id=f"{made.__name__}.{field.name}")
    for made in (Step, Sequence, Policy)
    for field in FIELDS[made]
]
SENDERS = [
    pytest.param(made, field, id=f"{made.__name__}.{field.name}") for made in (Sender, Pace) for field in FIELDS[made]
]


@pytest.fixture(scope="module")
def shop(new_url: Callable[[str], str]) -> Iterator[Site]:
    """One database for all of them: each has its own names."""
    channels = {"console": FakeChannel(), "other": FakeChannel()}
    with Dripline(new_url("sqlite"), channels=channels) as drip:
        drip.senders.apply(Sender("jb-1", channel="console", pool="sales"))
        drip.apply(Sequence("Next", trigger="NEXT", steps=[Step("Next")]))
        with site(drip) as opened:
            opened.come_in()
            yield opened


def same(found: Sequence, wanted: Sequence) -> bool:
    """Return whether two sequences are the same, ids and all."""
    return found == wanted and [step.id for step in found.steps] == [step.id for step in wanted.steps]


def read(tmp_path: Path, text: str) -> Setup:
    file = tmp_path / "setup.yaml"
    file.write_text(text, encoding="utf-8")
    return read_setup(file)


def press(shop: Site, page: str, do: str, path: str, **changed: str) -> Response:
    return shop.client.post(path, data={**Form(page).fields, **changed, "do": do})


@pytest.mark.parametrize(("made", "field"), SEQUENCES)
def test_a_field_of_a_sequence_is_read_planned_and_stored(
    shop: Site, tmp_path: Path, made: type, field: Field[Any]
) -> None:
    case = step_case(field) if made is Step else sequence_case(made, field)
    (from_file,) = read(tmp_path, case.file).sequences
    assert same(from_file, case.wanted), "file"

    if case.wanted.name == case.was.name:
        shop.drip.apply(case.was)
    planned = shop.drip.plan(from_file)
    assert planned.action != "keep"
    assert planned.changes
    shop.drip.sequences.publish(planned)

    assert same(shop.drip.sequences.get(case.wanted.name).sequence, case.wanted), "store"
    assert shop.drip.plan(case.wanted).action == "keep", "what is stored is planned again"


def whole(name: str, *left_out: str) -> Sequence:
    """Return a sequence of which every field but some has a value of its own, and so has its second step."""
    own: dict[type, dict[str, Any]] = {
        made: {field.name: other_of(made, field).value for field in FIELDS[made]} for made in (Step, Sequence, Policy)
    }
    kept = {field: value for field, value in own[Sequence].items() if field not in {"name", "trigger", *left_out}}
    steps = [Step("One", id="first"), Step(**own[Step])]
    return Sequence(name, trigger=name.upper(), steps=steps, policy=Policy(**own[Policy]), **kept)


# Senders have a channel of their own.
@pytest.mark.parametrize(
    "wanted", [whole("Channels", "senders"), whole("Senders", "channel")], ids=["channel", "senders"]
)
def test_every_field_of_a_sequence_goes_through_the_api(shop: Site, wanted: Sequence) -> None:
    was = replace(wanted, **{field.name: field.default for field in USUAL})
    headers, where = shop.token(), f"{API}/sequences/{wanted.name}"
    shop.drip.apply(wanted)
    told = shop.client.get(where, headers=headers).json()
    assert shop.client.post(f"{API}/plan", json=told, headers=headers).json()["action"] == "keep"
    shop.drip.apply(replace(was, steps=[Step("One", id="first")], policy=Policy(), senders=(), variables={}))
    written = shop.client.post(f"{API}/sequences", json=told, headers=headers)

    assert written.status_code == 200, written.text
    assert same(shop.drip.sequences.get(wanted.name).sequence, wanted)


@pytest.mark.parametrize("wanted", [whole("Chosen", "senders"), whole("Sent", "channel")], ids=["channel", "senders"])
def test_every_field_of_a_sequence_goes_through_the_editor(shop: Site, wanted: Sequence) -> None:
    shop.drip.apply(wanted)
    edited = f"/sequences/{wanted.name}/edit"
    assert "like this already" in press(shop, shop.page(edited), "review", edited).text
    form = SequenceForm.of(wanted)
    assert same(form.sequence(None), wanted), "what the form holds"
    assert SequenceForm.from_json(form.as_json()) == form, "what a draft holds"

    changed = {"name": f"{wanted.name} 2", "trigger": f"{wanted.trigger}_2"}
    reviewed = press(shop, shop.page(f"/sequences/new?copy={wanted.name}"), "review", "/sequences/new", **changed)
    assert press(shop, reviewed.text, "publish", "/sequences/new").status_code == 200, "a copy"
    assert same(shop.drip.sequences.get(changed["name"]).sequence, replace(wanted, **changed)), "a copy"


@pytest.mark.parametrize(("made", "field"), SENDERS)
def test_a_field_of_a_sender_is_read_planned_and_stored(
    shop: Site, tmp_path: Path, made: type, field: Field[Any]
) -> None:
    case = sender_case(made, field)
    (from_file,) = read(tmp_path, case.file).senders
    assert from_file == case.wanted, "file"

    if field.name not in {"name", "channel"}:  # what a sender keeps for as long as it lives
        shop.drip.senders.apply(case.was)
    planned = shop.drip.senders.plan(from_file)
    assert planned.action != "keep"
    assert planned.changes
    shop.drip.senders.apply(from_file)

    assert stored_sender(shop, case.wanted) == case.wanted


def test_every_field_of_a_sender_goes_through_the_api_and_its_page(shop: Site) -> None:
    own: dict[type, dict[str, Any]] = {
        made: {field.name: other_of(made, field).value for field in FIELDS[made]} for made in (Sender, Pace)
    }
    wanted = Sender(**{**own[Sender], "name": "whole", "pool": "west"}, pace=Pace(**own[Pace]))
    headers, plain = shop.token(), Sender("whole", channel=wanted.channel)
    shop.drip.senders.apply(wanted)
    told = shop.client.get(f"{API}/senders/whole", headers=headers).json()
    posted = fields_of(shop.page("/senders/whole/edit"))
    shop.drip.senders.apply(plain)
    assert shop.client.post(f"{API}/senders", json=told, headers=headers).status_code == 200
    assert stored_sender(shop, wanted) == wanted, "API"

    shop.drip.senders.apply(plain)
    assert shop.client.post("/senders", data=posted).status_code == 200
    assert stored_sender(shop, wanted) == wanted, "page"


def stored_sender(shop: Site, wanted: Sender) -> Sender:
    return next(state.sender for state in shop.drip.senders.all() if state.sender.name == wanted.name)


@pytest.mark.parametrize("field", [pytest.param(one, id=f"Workspace.{one.name}") for one in FIELDS[Workspace]])
def test_a_field_of_the_workspace(shop: Site, tmp_path: Path, field: Field[Any]) -> None:
    other = other_of(Workspace, field)
    wanted = replace(Workspace(), **{field.name: other.value})
    shop.drip.workspace.apply(Workspace())
    from_file = read(tmp_path, f"workspace:\n{other.lines}\n").workspace
    assert from_file == wanted, "file"
    assert from_file is not None
    planned = shop.drip.workspace.plan(from_file)
    assert planned.action != "keep", "plan"
    assert planned.changes, "plan"
    shop.drip.workspace.apply(from_file)
    assert shop.drip.workspace.state().workspace == wanted, "store"

    posted = fields_of(shop.page("/settings"))
    shop.drip.workspace.apply(Workspace())
    shop.client.post("/settings/workspace", data=posted)
    assert shop.drip.workspace.state().workspace == wanted, "page"
    shop.drip.workspace.apply(Workspace())


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser would post of the last form of a page whose fields are plain."""
    found = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    found |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)<', page))
    return {name: value for name, value in found.items() if name != "look"}
