"""The editor: what is written is planned and published, nothing is lost on the way, and nobody is surprised."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from httpx2 import Response
from site_of import Site, site
from typing_extensions import override

from dripline import Dripline, Sender, Sequence, Step
from dripline.core.content import Media, Template, Variant
from dripline.core.policy import Policy
from dripline.core.window import SendWindow

NEW = "/sequences/new"
WARM = "/sequences/Warm%20EXAMA/edit"


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"], attributes={"niche": "EXAMA"})
    with site(drip) as opened:
        opened.come_in()
        yield opened


class Form(HTMLParser):
    """What a browser would post of the editor's form: line breaks as browsers send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str | list[str]] = {"senders": []}
        self._open: str | None = None
        self._select: str | None = None
        self._is_inside = False
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._is_inside = given.get("id") == "editor"
        elif not self._is_inside:
            return
        elif tag == "input":
            self._input(name, given)
        elif tag == "textarea":
            self._open, self.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given["value"]

    def _input(self, name: str, given: dict[str, str]) -> None:
        if given.get("type") in {"checkbox", "radio"} and "checked" not in given:
            return
        if name == "senders":
            senders = self.fields["senders"]
            assert isinstance(senders, list)
            senders.append(given["value"])
        else:
            self.fields[name] = given.get("value", "on").replace("\n", "")

    @override
    def handle_data(self, data: str) -> None:
        if self._open:
            told = self.fields[self._open]
            assert isinstance(told, str)
            self.fields[self._open] = told + data

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._open:
            told = self.fields[self._open]
            assert isinstance(told, str)
            self.fields[self._open] = told.replace("\r\n", "\n").removeprefix("\n").replace("\n", "\r\n")
            self._open = None
        if tag == "select":
            self._select = None
        if tag == "form":
            self._is_inside = False


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
    assert [state.sequence.name for state in shop.drip.sequences()] == ["Warm EXAMA"]
    answer = press(shop, reviewed, "publish", NEW)

    assert answer.url.path == "/sequences/Cold", told(answer.text)
    wanted = Sequence("Cold", trigger="COLD", steps=[Step("Hi {{ name }}\nand hello"), Step("Two", "30h")])
    assert shop.drip.sequence("Cold").sequence == wanted


def test_the_example_is_the_missions_four_steps(shop: Site) -> None:
    shop.drip.apply(Sequence("Warm EXAMA", trigger="OTHER", steps=[Step("x")]))
    page = shop.page(f"{NEW}?example=warm")

    assert all(f">{at}</text>" in page for at in ("0 h", "12 h", "24 h", "36 h"))
    publish(shop, f"{NEW}?example=warm", name="Example")
    steps = shop.drip.sequence("Example").sequence.steps
    assert [step.wait.total_seconds() / 3_600 for step in steps] == [0, 12, 12, 12]


EVERYTHING = Sequence(
    "Everything",
    trigger="ALL",
    senders=["jb-1", "pool"],
    variables={"niche": "your exam", "offer": " 10 %: <b>"},
    policy=Policy(
        on_failure="stop",
        on_unknown="hold",
        unknown_after="90s",
        when_late="skip",
        late_grace="2h",
        min_gap="3h",
        on_reply="pause",
        on_trigger_lost="exit",
        re_entry="restart",
    ),
    window=SendWindow.read("Mon-Fri 09:00-12:00; Sat 10:00-11:00", "2026-12-25; 2026-02-17..2026-02-18"),
    zone="Asia/Tokyo",
    goal="BOUGHT",
    then="ALL",
    may_loop=True,
    group="funnel",
    cold=True,
    steps=[
        Step(
            "\n  Hi {{ name }} & <you>,\n\n'quoted' \"text\"  \n",
            "1d",
            subject="About {{ niche }}",
            html="<p>Hi &amp; {{ name }}</p>\n",
            window=SendWindow.read("08:00-20:00", "2026-05-01"),
            media=Media("document", "https://shop.example.com/p.pdf", filename="Prices.pdf"),
            template=Template(
                "warm_1",
                language="ms",
                parameters=["{{ name }}", "two\nlines", " {{ offer }}"],
                header=Media("image", "https://shop.example.com/a.jpg"),
                buttons=["{{ niche }}"],
            ),
            variants={"sms": Variant("Short\n", subject="S"), "console": Variant("Other")},
        ),
        Step("Plain"),
        Step("Two", "90m", template=Template("warm_2", header="Hello {{ name }}"), subject="x"),
        Step("Three", "1s", media=Media("image", "{{ niche }}", filename="odd.jpg")),
    ],
)


@pytest.fixture
def everything(shop: Site) -> Sequence:
    for name in ("jb-1", "jb-2"):
        shop.drip.apply_sender(Sender(name, channel="console", pool="pool"))
    shop.drip.apply(EVERYTHING)
    return shop.drip.sequence("Everything").sequence


@pytest.mark.usefixtures("everything")
def test_a_sequence_that_has_everything_loses_nothing_in_the_editor(shop: Site) -> None:
    reviewed = press(shop, shop.page("/sequences/Everything/edit"), "review", "/sequences/Everything/edit")

    assert "Nothing: the sequence is like this already." in reviewed.text, told(reviewed.text)


def test_a_changed_wait_changes_nothing_else(shop: Site, everything: Sequence) -> None:
    publish(shop, "/sequences/Everything/edit", **{"step-2-after": "5m"})

    after = shop.drip.sequence("Everything").sequence
    changed = [step for old, step in zip(everything.steps, after.steps, strict=True) if old != step]
    assert changed == [Step("Plain", "5m")]
    assert replace(after, steps=everything.steps) == everything
