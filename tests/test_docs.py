"""The docs are held against the code: what is undocumented is red."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
from hatch_build import with_address
from pydantic import BaseModel

from dripline.channels.registry import BUILT_IN, BUILT_IN_NAMES
from dripline.cli.support.registry import command_line
from dripline.config.settings import TABLES, AlertsSettings, KeySettings, Settings, WebSettings
from dripline.core.leads.lead import TEXT_FIELDS
from dripline.core.reason import ReasonCode
from dripline.core.sequences.content import MediaKind
from dripline.core.states import TRANSITIONS, Status
from dripline.importing.column_meaning import OWN_NAMES
from dripline.schema.sender import SenderSchema
from dripline.schema.sequence import SequenceSchema, StepSchema
from dripline.verify import INVARIANTS
from support.use_cases import OWN, VERBS, use_cases

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CHANGES = ROOT / "CHANGELOG.md"
PAGES = {path: path.read_text("utf-8") for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]}
DOCS = {path.stem: text for path, text in PAGES.items() if path.parent.name == "docs"}
ROOM = re.compile(r"`((?:app|channels|cli|conformance|core|engine|importing|simulate|store|web)/[\w/.]+)`")


def test_the_readme_opens_with_the_demos_own_output() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "dripline", "demo"], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    printed = {line.rstrip() for line in shown.stdout.splitlines()}
    screen = README.split("```")[1].strip().splitlines()

    assert [line for line in screen if line not in printed and not line.startswith("…")] == []


def test_the_readme_names_the_two_commands() -> None:
    assert re.search(r"^make demo ", README, re.MULTILINE)
    assert re.search(r"^make test ", README, re.MULTILINE)


def test_every_target_of_the_makefile_that_the_docs_name_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for text in (README, *DOCS.values()) for name in re.findall(r"`make ([a-z-]+)`", text)}

    assert named <= targets


def test_every_transition_is_in_the_table_of_concepts_and_no_other() -> None:
    table = DOCS["concepts"].split("<!-- transitions -->")[1].split("<!-- /transitions -->")[0]
    expected = [f"| {start} | {event} | {end} |" for (start, event), end in TRANSITIONS.items()]

    assert table.strip().splitlines() == expected


@pytest.mark.parametrize("name", sorted(typer.main.get_command(command_line()).commands))  # type: ignore[attr-defined]
def test_every_command_and_option_is_documented(name: str) -> None:
    assert f"`dripline {name}" in DOCS["operating"]


def test_every_setting_is_documented() -> None:
    nested = {package.group: package.settings for package in BUILT_IN} | {
        "web": WebSettings,
        "alerts": AlertsSettings,
        "credentials": KeySettings,
    }
    tables = {"channels", *TABLES}
    # The channels of plug-ins have settings of their own.
    names = [f"DRIPLINE_{n.upper()}" for n in Settings.model_fields if n not in {*nested, *tables}]
    names += [f"DRIPLINE_{n.upper()}_NAME_KEY" for n in tables]
    names += [f"DRIPLINE_{s.upper()}_{n.upper()}" for s, model in nested.items() for n in model.model_fields]

    assert [name for name in names if f"`{name}`" not in DOCS["channels"]] == []


def test_every_channel_is_listed() -> None:
    assert [name for name in sorted(BUILT_IN_NAMES) if f"`{name}`" not in DOCS["channels"]] == []


def test_a_sequence_says_which_channels_it_may_name() -> None:
    listed = next(line for line in DOCS["sequences"].splitlines() if line.startswith("channel: console"))
    names = listed.partition("optional; ")[2].partition(", or your own")[0].split(", ")

    assert {*names} == BUILT_IN_NAMES


def test_every_public_method_is_documented() -> None:
    shown = {*VERBS.values()}
    paths = [path.removesuffix(".__call__") for path, _, _ in use_cases() if path not in shown]

    assert [path for path in (*paths, *VERBS, *sorted(OWN)) if f"`{path}(" not in DOCS["api"]] == ["close", "now"]


def test_every_status_is_documented() -> None:
    assert [status for status in Status if f" {status} " not in DOCS["concepts"]] == []


def test_every_link_between_the_docs_leads_somewhere() -> None:
    links = [(page, link) for page, text in PAGES.items() for link in re.findall(r"\]\((?!https?:)([^)#]+)", text)]

    assert len(links) > 100
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


def test_the_rooms_and_modules_that_the_docs_name_are_there() -> None:
    named = {(page.name, path) for page, text in PAGES.items() for path in ROOM.findall(text) if page != CHANGES}

    assert len(named) > 20
    assert sorted((page, path) for page, path in named if not (ROOT / "src/dripline" / path).exists()) == []


def test_what_is_run_to_set_up_in_the_readme_is_run_in_ci() -> None:
    assert "\nmake demo\n" in (ROOT / ".ci/run").read_text()
    assert "\nmake test TESTS=all\n" in (ROOT / ".ci/run").read_text()


def test_contributing_is_read_in_one_sitting() -> None:
    assert len(PAGES[ROOT / "CONTRIBUTING.md"].splitlines()) <= 120


def test_what_the_docs_say_is_tested_names_tests_that_there_are() -> None:
    named = {
        (page.stem, path)
        for page, text in PAGES.items()
        if page != CHANGES
        for path in re.findall(r"`((?:tests|src)/[^`]+)`", text)
    }

    assert {page for page, _ in named} >= {"SECURITY", "reliability"}
    assert sorted((page, path) for page, path in named if not (ROOT / path).exists()) == []


def test_the_promises_of_the_doctor_are_sentences_of_their_own() -> None:
    assert len({invariant.promise for invariant in INVARIANTS}) == len(INVARIANTS)


@pytest.mark.parametrize(
    ("schema", "page"), [(StepSchema, "sequences"), (SequenceSchema, "sequences"), (SenderSchema, "senders")]
)
def test_the_docs_name_every_field_of_a_file(schema: type[BaseModel], page: str) -> None:
    # A medium is written by its kind, such as image.
    fields = set(schema.model_fields) - {"media"}
    kinds = {str(kind) for kind in MediaKind} if schema is StepSchema else set[str]()

    assert [name for name in sorted(fields | kinds) if not re.search(rf"\b{name}\b[`:]", DOCS[page])] == []


def test_the_docs_name_every_field_of_a_lead_that_lists_and_others_bring() -> None:
    of_lists = re.search(r"(.*) are the names of a lead's own columns", DOCS["operating"])
    of_posts = re.search(r"(.*) are the lead's own; other fields", DOCS["operating"])
    assert of_lists
    assert of_posts

    assert set(re.findall(r"`(.+?)`", of_lists[1])) == set(map(str, OWN_NAMES.values()))
    assert set(re.findall(r"`(.+?)`", of_posts[1].rpartition(". ")[2])) == set(TEXT_FIELDS)


def test_every_reason_is_in_the_docs_and_no_other() -> None:
    codes = re.findall(r"^\| `(\w+)` \|", DOCS["reasons"].partition("## All codes")[2], re.MULTILINE)

    assert codes == list(ReasonCode)


def test_on_an_index_the_readme_leads_to_the_repository() -> None:
    page = with_address("[a](docs/a.md) ![b](docs/b.png) [c](https://c.example) [d](#d)", "https://git.example/d")

    assert page == (
        "[a](https://git.example/d/blob/main/docs/a.md) ![b](https://git.example/d/raw/main/docs/b.png) "
        "[c](https://c.example) [d](#d)"
    )
