"""The examples are what their README says, to the row."""

import runpy
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from lead_lists import EXAMPLES, leads_of, refused_of

from dripline.core.leads.lead import NewLead
from dripline.core.messages.render import check_templates
from dripline.importing.leads.leads_file import open_leads
from dripline.importing.setup.setup_file import read_setup

LISTS = ("leads.csv", "leads-without-email.csv")


def good(name: str) -> list[NewLead]:
    with open_leads(EXAMPLES / name) as leads:
        return leads_of(list(leads))


def test_the_lists_can_be_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = str(EXAMPLES / "make_leads.py")
    monkeypatch.setattr(sys, "argv", [script, str(tmp_path)])
    runpy.run_path(script, run_name="__main__")

    for name in LISTS:
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", LISTS)
def test_three_rows_of_a_list_are_bad_and_named_in_the_readme(name: str) -> None:
    with open_leads(EXAMPLES / name) as leads:
        refused = refused_of(list(leads))
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")

    assert [(row.number, row.column, row.value) for row in refused] == [
        (138, "phone", "6.01E+10"),
        (413, "phone", "12345"),
        (730, "phone", "ask her sister"),
    ]
    assert all(f"row {row.number} " in readme and f"`{row.value}`" in readme for row in refused)


def test_the_counts_of_the_readme_are_those_of_the_lists() -> None:
    leads = good("leads.csv")
    warm = [lead for lead in leads if "WARMEXAMA" in lead.triggers]
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")

    assert (len(leads), len({lead.phone for lead in leads})) == (997, 972)
    assert (len(warm), sum(lead.email is not None for lead in warm)) == (556, 423)
    assert all(f"{count} " in readme for count in ("1,000", "997", "972", "25", "556", "423"))


def test_the_second_list_is_the_first_without_its_addresses() -> None:
    with_email, without = good("leads.csv"), good("leads-without-email.csv")

    assert [lead.phone for lead in without] == [lead.phone for lead in with_email]
    assert not any(lead.email for lead in without)


def test_no_example_address_reaches_anybody() -> None:
    domains = {lead.email.partition("@")[2] for lead in good("leads.csv") if lead.email}

    assert domains == {"example.com", "example.org", "example.net"}


@pytest.mark.parametrize(("name", "channel"), [("warm-exama.yaml", "console"), ("warm-exama-mail.yaml", "smtp")])
def test_the_sequences_send_four_messages_every_twelve_hours(name: str, channel: str) -> None:
    (sequence,) = read_setup(EXAMPLES / name).sequences
    check_templates(sequence, ())

    assert (sequence.trigger, sequence.channel) == ("WARMEXAMA", channel)
    assert [step.wait for step in sequence.steps] == [timedelta(0), *[timedelta(hours=12)] * 3]
    assert all((step.subject is not None) == (channel == "smtp") for step in sequence.steps)
