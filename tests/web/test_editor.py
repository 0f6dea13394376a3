"""The editor: what is written is planned and published, nothing is lost on the way, and nobody is surprised."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from editor_form import Form
from everything import EVERYTHING
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from site_of import Site, site

from dripline import Dripline, Sender, Sequence, Step, VirtualClock
from dripline.core.sequences.content import Variant
from dripline.web.editor.sequence_form import OWN_FIELDS
from dripline.web.editor.step_form import STEP_FIELDS

NEW = "/sequences/new"
WARM = "/sequences/Warm%20EXAMA/edit"


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"], attributes={"niche": "EXAMA"})
    with site(drip) as opened:
        opened.come_in()
        yield opened


def press(shop: Site, page: str, do: str, path: str, **changed: str) -> Response:
    """Press a button of the form on a page, after changing fields."""
    return shop.client.post(path, data={**Form(page).fields, **changed, "do": do})


def told(page: str) -> list[str]:
    """Return what a page refuses, in its words."""
    return [unescape(text) for text in re.findall(r'class="told bad"[^>]*>(.*?)<', page)]


def publish(shop: Site, path: str, **changed: str) -> Response:
    """Look at the plan of what a page would publish, then publish it."""
    reviewed = press(shop, shop.page(path), "review", path.partition("?")[0], **changed)
    assert reviewed.status_code == 200, told(reviewed.text)
    return press(shop, reviewed.text, "publish", path.partition("?")[0])


def test_a_sequence_is_written_planned_and_published(shop: Site) -> None:
    page = press(shop, shop.page(NEW), "add", NEW, name="Cold", trigger="cold").text
    fields = {"step-1-message": "Hi {{ name }}\r\nand hello", "step-2-message": "Two", "step-2-after": "1d 6h"}
    reviewed = press(shop, page, "review", NEW, **fields).text
    assert "Nobody has the trigger COLD now" in reviewed
    assert [state.sequence.name for state in shop.drip.sequences.all()] == ["Warm EXAMA"]
    answer = press(shop, reviewed, "publish", NEW)

    assert answer.url.path == "/sequences/Cold", told(answer.text)
    wanted = Sequence("Cold", trigger="COLD", steps=[Step("Hi {{ name }}\nand hello"), Step("Two", "1d 6h")])
    found = shop.drip.sequences.get("Cold").sequence
    assert replace(found, steps=[replace(step, id=None) for step in found.steps]) == wanted


def test_the_example_is_the_missions_four_steps(shop: Site) -> None:
    shop.drip.apply(Sequence("Warm EXAMA", trigger="OTHER", steps=[Step("x")]))
    page = shop.page(f"{NEW}?example=warm")

    assert all(f">{at}</text>" in page for at in ("0 h", "12 h", "24 h", "36 h"))
    publish(shop, f"{NEW}?example=warm", name="Example")
    steps = shop.drip.sequences.get("Example").sequence.steps
    assert [step.wait.total_seconds() / 3_600 for step in steps] == [0, 12, 12, 12]


@pytest.fixture
def everything(shop: Site) -> Sequence:
    for name in ("jb-1", "jb-2"):
        shop.drip.senders.apply(Sender(name, channel="console", pool="pool"))
    shop.drip.apply(EVERYTHING)
    return shop.drip.sequences.get("Everything").sequence


@pytest.mark.usefixtures("everything")
def test_a_sequence_that_has_everything_loses_nothing_in_the_editor(shop: Site) -> None:
    reviewed = press(shop, shop.page("/sequences/Everything/edit"), "review", "/sequences/Everything/edit")

    assert "Nothing: the sequence is like this already." in reviewed.text, told(reviewed.text)


def test_a_changed_wait_changes_nothing_else(shop: Site, everything: Sequence) -> None:
    publish(shop, "/sequences/Everything/edit", **{"step-2-after": "5m"})

    after = shop.drip.sequences.get("Everything").sequence
    changed = [step for old, step in zip(everything.steps, after.steps, strict=True) if old != step]
    assert changed == [Step("Plain", "5m")]
    assert replace(after, steps=everything.steps) == everything


def test_a_changed_wait_reaches_whom_the_plan_names_and_nobody_else(shop: Site) -> None:
    page = press(shop, shop.page(WARM), "review", WARM, **{"step-2-after": "24h"}).text
    assert "new leads only" in page
    assert "<strong>0</strong> enrollments go over" in page
    page = press(shop, page, "review", WARM, reach="all").text
    assert "<strong>1</strong> enrollment goes over" in page
    assert re.search(r'href="/leads/60123456789">60123456789</a></td><td>1</td>', page)
    answer = press(shop, page, "publish", WARM)

    assert "Published, version 2. 0 leads start now. 1 enrollment moved to it." in answer.text
    assert shop.drip.records(phone="60123456789")[-3].planned_time - shop.drip.now() == timedelta(hours=24)


def test_a_plan_that_is_no_longer_so_is_shown_again_and_not_published(shop: Site) -> None:
    page = press(shop, shop.page(WARM), "review", WARM, reach="all", **{"step-2-after": "24h"}).text
    shop.drip.add_lead(phone="60123456780", triggers=["WARMEXAMA"])
    answer = press(shop, page, "publish", WARM)

    assert answer.status_code == 409
    assert "look at the plan again" in told(answer.text)[0]
    assert "<strong>2</strong> enrollments go over" in answer.text
    assert shop.drip.sequences.get("Warm EXAMA").version == 1
    press(shop, answer.text, "publish", WARM)
    assert shop.drip.sequences.get("Warm EXAMA").version == 2


def test_a_field_changed_behind_the_plan_is_not_published_unseen(shop: Site) -> None:
    page = press(shop, shop.page(WARM), "review", WARM, **{"step-2-after": "24h"}).text
    answer = press(shop, page, "publish", WARM, **{"step-1-message": "Something else"})

    assert answer.status_code == 409
    assert shop.drip.sequences.get("Warm EXAMA").sequence.steps[0].message == "One for {{ name }}"


def test_a_plan_waits_for_its_button_while_time_goes_on(shop: Site, clock: VirtualClock) -> None:
    page = press(shop, shop.page(WARM), "review", WARM, reach="all", **{"step-1-after": "1s"}).text
    clock.advance(timedelta(minutes=10))

    assert press(shop, page, "publish", WARM).url.path == "/sequences/Warm EXAMA"
    clock.advance(timedelta(hours=2))
    assert "older than an hour" in told(press(shop, page, "publish", WARM).text)[0]


def test_who_has_the_trigger_already_is_told_before_they_start(shop: Site) -> None:
    shop.drip.add_lead(phone="60123456781", triggers=["HOT"])
    fields = {"name": "Hot", "trigger": "hot", "step-1-message": "Hi"}
    page = press(shop, shop.page(NEW), "review", NEW, **fields).text

    assert "1 lead has the trigger HOT now" in page
    assert "1 lead starts now" in press(shop, page, "publish", NEW).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "A sequence needs a name"),
        ({"name": "X"}, "A trigger is empty"),
        ({"trigger": "X", "name": "Warm EXAMA"}, "There is a sequence 'Warm EXAMA' already"),
        ({"trigger": "WARMEXAMA", "name": "X"}, "starts the sequence 'Warm EXAMA' already"),
        ({"name": "X", "trigger": "X", "step-1-message": " "}, "Step 1: A step has no message"),
        ({"name": "X", "trigger": "X", "step-1-after": "soon"}, "Step 1: The wait 'soon' cannot be read"),
        ({"name": "X", "trigger": "X", "step-1-after": "999999999w"}, "is longer than 3660 days"),
        ({"name": "X", "trigger": "X", "step-1-message": "{{ nich }}"}, "{{ nich }}, which no lead has"),
        ({"name": "X", "trigger": "X", "channel": "pigeon"}, "'pigeon', which is not configured here"),
        ({"name": "X", "trigger": "X", "window": "never"}, "The window 'never' names no hours"),
        ({"name": "X", "trigger": "X", "variables": "niche"}, "The fallback 'niche' cannot be read"),
        ({"name": "X", "trigger": "X", "on_reply": "shout"}, "on_reply is 'shout'"),
        ({"name": "X", "trigger": "X", "step-1-message": "\x00"}, "Step 1: A step holds a character that is not text"),
        ({"name": "X", "trigger": "X", "steps": "0"}, "has no steps"),
        ({"name": "X", "trigger": "X", "steps": "9" * 5_000}, "has no steps"),
        ({"name": "X", "trigger": "X", "step-1-parameters": "{{ name }}"}, "The template has no name"),
        ({"name": "X", "trigger": "X", "step-1-media_url": "https://a.example"}, "needs a kind and an address"),
    ],
)
def test_what_cannot_be_published_is_said_in_a_sentence_and_kept_in_its_field(
    shop: Site, fields: dict[str, str], words: str
) -> None:
    page = shop.page(NEW)
    answer = press(shop, page, "review", NEW, **{"step-1-message": "Hi", **fields})

    assert answer.status_code == 422
    assert words in told(answer.text)[0]
    if "steps" not in fields:
        assert [form for form in [Form(answer.text).fields] if {**form, **fields} == form]


def test_each_step_is_shown_as_a_lead_would_get_it(shop: Site) -> None:
    shop.drip.add_lead(phone="60123456782", name="Bob", attributes={"niche": "VITAC"})
    steps = {"step-1-message": "{{ niche }} for {{ name }}", "step-2-message": "{{ nich }}", "step-3-after": "x"}
    page = shop.client.post(WARM, data={**Form(shop.page(WARM)).fields, **steps, "do": "look"}).text
    assert "EXAMA for Aina" in page
    assert "{{ nich }}, which no lead has" in unescape(page)
    assert told(page)[1].startswith("The wait 'x' cannot be read")
    assert "Four" in page

    assert "VITAC for Bob" in press(shop, shop.page(WARM), "preview", WARM, lead="012-345 6782", **steps).text
    assert "No lead has the address 60999" in press(shop, shop.page(WARM), "look", WARM, lead="60999999999").text


@pytest.mark.parametrize("part", ["message", "subject", "html", "media_url", "parameters"])
@pytest.mark.parametrize("half", ["Hi {{", "Hi {{ na", "{% if", "{{ name | capitalise }}", "{# a", "{a|b"])
def test_what_is_half_written_is_told_beside_its_step(shop: Site, part: str, half: str) -> None:
    """The script looks while somebody writes."""
    beside = {"media_url": {"step-2-media": "image"}, "parameters": {"step-2-template": "warm_1"}}.get(part, {})
    answer = press(shop, shop.page(WARM), "look", WARM, **{f"step-2-{part}": half}, **beside)

    assert answer.status_code == 200
    assert "One for Aina" in answer.text
    if part == "message" and "a|b" not in half and "{#" not in half:
        assert "The template of step 2 cannot be read" in answer.text


def test_a_look_at_nothing_much_is_no_failure_of_ours(shop: Site) -> None:
    for fields in ({}, {"steps": "3"}, {"trigger": "a b"}, {"name": "x" * 900}, {"channel": "?"}, {"lead": "??"}):
        answer = press(shop, shop.page(NEW), "look", NEW, **fields)
        assert answer.status_code == 200


def test_steps_are_added_moved_and_deleted_without_a_script(shop: Site) -> None:
    page = shop.page(WARM)
    for do in ("up-3", "delete-4", "add-1", "down-1", "delete-99", "up-1", "nonsense"):
        page = press(shop, page, do, WARM).text
    fields = Form(page).fields

    found = [fields[f"step-{at}-message"] for at in range(1, 5)]
    assert found == ["", "One for {{ name }}", "Three", "Two"]


def test_a_draft_is_kept_shown_and_gone_once_it_is_published(shop: Site) -> None:
    page = press(shop, shop.page(NEW), "save", NEW, name="Half", **{"step-1-message": "Hi"}).text
    assert "The draft is saved" in page
    listed = shop.page("/sequences")
    assert 'href="/sequences/new?draft=Half"' in listed
    assert "user owner@shop.example" in listed
    publish(shop, f"{NEW}?draft=Half", trigger="HALF")

    assert shop.drip.sequences.get("Half").sequence.steps[0].message == "Hi"
    assert shop.drip.sequences.drafts.all() == []


def test_a_draft_of_a_published_sequence_leaves_it_as_it_is(shop: Site) -> None:
    press(shop, shop.page(WARM), "save", WARM, **{"step-1-message": "Draft of mine"})
    assert "Draft of mine" in shop.page(WARM)
    assert "Draft of mine" not in shop.page(f"{WARM}?published=1")
    assert shop.drip.sequences.get("Warm EXAMA").sequence.steps[0].message == "One for {{ name }}"
    press(shop, shop.page(WARM), "discard", WARM)

    assert shop.drip.sequences.drafts.all() == []


def test_a_renamed_draft_is_one_draft(shop: Site) -> None:
    page = press(shop, shop.page(NEW), "save", NEW, name="One").text
    press(shop, page, "save", NEW, name="Two")

    assert [draft.name for draft in shop.drip.sequences.drafts.all()] == ["Two"]


def test_a_draft_that_something_else_wrote_is_refused_in_words(shop: Site) -> None:
    for text in ("no JSON", "[]", '{"steps": [1]}', '{"steps": [{"variants": [{"x": 1}]}]}'):
        shop.drip.sequences.drafts.save("Odd", text)
        assert "The draft cannot be read" in shop.page(f"{NEW}?draft=Odd", 422)


def test_a_copy_begins_with_everything_but_the_trigger(shop: Site, everything: Sequence) -> None:
    publish(shop, f"{NEW}?copy=Everything", trigger="COPY", then="")
    copied = shop.drip.sequences.get("Everything copy").sequence

    assert copied.trigger == "COPY"
    assert [step.wait for step in copied.steps] == [step.wait for step in everything.steps]
    assert copied.policy == everything.policy


def test_a_viewer_tries_out_and_may_not_publish(shop: Site) -> None:
    shop.come_in("viewer", "viewer@shop.example")
    page = press(shop, shop.page(WARM), "review", WARM, **{"step-1-message": "New"}).text
    assert "Publish exactly this" not in page
    assert "Save draft" not in page

    assert press(shop, page, "save", WARM).status_code == 403
    planned = shop.drip.plan(replace(shop.drip.sequences.get("Warm EXAMA").sequence, group="g"))
    fields = {"fingerprint": planned.fingerprint, "planned_at": planned.planned_at.isoformat(), "group": "g"}
    assert press(shop, shop.page(WARM), "publish", WARM, **fields).status_code == 403


def test_a_long_sequence_is_edited_whole(shop: Site) -> None:
    odd = Step("Odd", "1h", subject="s", variants={"console": Variant("v")})
    shop.drip.apply(Sequence("Long", trigger="LONG", steps=[*[Step(f"S{n}", "1h") for n in range(199)], odd]))
    at = "/sequences/Long/edit"

    assert "Nothing: the sequence is like this already." in press(shop, shop.page(at), "review", at).text
    shop.drip.apply(Sequence("Longer", trigger="LONGER", steps=[Step(f"S{n}", "1h") for n in range(251)]))
    assert "change the sequence's file" in unescape(shop.page("/sequences/Longer/edit", 422))


def test_an_empty_shop_is_led_to_a_first_sequence(shop: Site, new_url: Callable[[str], str]) -> None:
    with Dripline(new_url("sqlite")) as fresh, site(fresh) as empty:
        empty.come_in()
        assert 'href="/sequences/new?example=warm"' in empty.page("/sequences")
        assert "how a made-up lead would get it" in empty.page(f"{NEW}?example=warm")
        assert "Aina, a quick one" in empty.page(f"{NEW}?example=warm")
    assert shop.page("/sequences").count('href="/sequences/new"') == 1


ODD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "{{",
        "{% for",
        "{a|b",
        "-1s",
        "9" * 400,
        "\x00",
        "image",
        "text",
        "https://[",
        "yes",
        "a: b",
        "2026-02-31",
        "\r\n",
    ]
)


FIELDS = [*OWN_FIELDS, "lead", "senders", "steps", *(f"step-{at}-{name}" for at in (1, 2, 4) for name in STEP_FIELDS)]
"""What a form of the editor brings, whatever was published meanwhile."""


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), do=st.sampled_from(["look", "review", "save", "simulate", "publish", "up-2", "delete-1", ""]))
def test_no_form_is_a_failure_of_ours(shop: Site, data: st.DataObject, do: str) -> None:
    fields = Form(shop.page(WARM)).fields
    names = data.draw(st.lists(st.sampled_from(FIELDS), max_size=6, unique=True))
    odd = {name: data.draw(ODD) for name in names}
    where = data.draw(st.sampled_from([NEW, WARM]))
    if do == "simulate":
        odd |= {"trigger": "a b"}  # no need to play each time
    answer = shop.client.post(where, data={**fields, **odd, "do": do})

    assert answer.status_code < 500, odd
