"""The docs are held against the code: what is undocumented is red."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

import dripline
from dripline.cli.commands import command_line
from dripline.core.reason import ReasonCode
from dripline.core.states import TRANSITIONS, Status
from dripline.settings import (
    AlertsSettings,
    GowaSettings,
    Settings,
    SmtpSettings,
    TelegramSettings,
    TwilioSettings,
    WebhookSettings,
    WebSettings,
    WhatsappSettings,
)
from dripline.verify import INVARIANTS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCS = {path.stem: path.read_text() for path in (ROOT / "docs").glob("*.md")}


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
    nested = {
        "smtp": SmtpSettings,
        "webhook": WebhookSettings,
        "whatsapp": WhatsappSettings,
        "gowa": GowaSettings,
        "twilio": TwilioSettings,
        "telegram": TelegramSettings,
        "web": WebSettings,
        "alerts": AlertsSettings,
    }
    # The channels of plug-ins have settings of their own.
    names = [f"DRIPLINE_{n.upper()}" for n in Settings.model_fields if n not in {*nested, "channels", "mailboxes"}]
    names += ["DRIPLINE_CHANNELS_NAME_KEY", "DRIPLINE_MAILBOXES_NAME_KEY"]
    names += [f"DRIPLINE_{s.upper()}_{n.upper()}" for s, model in nested.items() for n in model.model_fields]

    assert [name for name in names if f"`{name}`" not in DOCS["channels"]] == []


def test_every_public_method_is_documented() -> None:
    methods = [name for name in dir(dripline.Dripline) if not name.startswith("_")]

    assert [name for name in methods if f"`{name}(" not in DOCS["api"]] == ["close", "now"]


def test_every_status_is_documented() -> None:
    assert [status for status in Status if f" {status} " not in DOCS["concepts"]] == []


def test_every_link_between_the_docs_leads_somewhere() -> None:
    pages = {ROOT / "README.md": README} | {ROOT / "docs" / f"{name}.md": text for name, text in DOCS.items()}
    links = [(page, target) for page, text in pages.items() for target in re.findall(r"\]\(([\w/]+\.md)\)", text)]

    assert [(page.name, target) for page, target in links if not (page.parent / target).is_file()] == []


def test_what_the_docs_say_is_tested_names_tests_that_there_are() -> None:
    texts = {**DOCS, "SECURITY": (ROOT / "SECURITY.md").read_text()}
    named = {(page, path) for page, text in texts.items() for path in re.findall(r"`((?:tests|src)/[^`]+)`", text)}

    assert {page for page, _ in named} >= {"SECURITY", "reliability"}
    assert sorted((page, path) for page, path in named if not (ROOT / path).exists()) == []


def test_the_threat_model_leads_to_pages_that_there_are() -> None:
    links = re.findall(r"\]\(([\w/]+\.md)[#)]", (ROOT / "SECURITY.md").read_text())

    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_the_promises_of_the_doctor_are_sentences_of_their_own() -> None:
    assert len({invariant.promise for invariant in INVARIANTS}) == len(INVARIANTS)


def test_every_reason_is_in_the_docs_and_no_other() -> None:
    codes = re.findall(r"^\| `(\w+)` \|", DOCS["reasons"].partition("## All codes")[2], re.MULTILINE)

    assert codes == list(ReasonCode)
