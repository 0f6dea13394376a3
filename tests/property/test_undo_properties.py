"""Whatever was there, whatever came in, and whatever was sent: undoing leaves what was there and what was sent."""

import csv
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dripline import Dripline, FakeChannel, NewLead, Policy, Sender, Sequence, Step, Timeline, VirtualClock
from dripline.app import import_batches
from dripline.core.leads.intake import new_lead
from dripline.importing.leads.upload import ImportOptions, Upload

START = datetime(2026, 1, 1, tzinfo=UTC)

NewUrl = Callable[[str], str]

PHONES = ("", *(f"012345678{number}" for number in range(5)))
EMAILS = ("", "a@example.com", "b@example.com")
NAMES = ("", "Aina", "Bala")
TRIGGERS = ("", "A", "B", "C", "A,B", "B,C", "D")

Rows = list[tuple[str, str, str, str]]

rows = st.lists(
    st.tuples(*map(st.sampled_from, (PHONES, EMAILS, NAMES, TRIGGERS))).filter(lambda row: bool(row[0] or row[1])),
    max_size=8,
)


def apply_all(drip: Dripline) -> None:
    """A sequence on a sender, two of one group, and one that may be begun again."""
    steps = [Step("One"), Step("Two", "12h")]
    drip.senders.apply(Sender("s-1", channel="console"))
    drip.apply(Sequence("One", trigger="A", steps=steps, senders=["s-1"]))
    drip.apply(Sequence("Two", trigger="B", steps=steps, group="g"))
    drip.apply(
        Sequence("Three", trigger="C", steps=steps, group="g", policy=Policy(re_entry="after_exit", re_entry_gap="0s"))
    )


@contextmanager
def opened(new_url: NewUrl, kind: str, fake: FakeChannel) -> Generator[Dripline]:
    with Dripline(new_url(kind), clock=VirtualClock(START), channels={"console": fake}) as drip:
        apply_all(drip)
        yield drip


def people(known: Rows) -> list[NewLead]:
    return [
        new_lead(phone=phone, email=email, name=name, triggers=triggers.split(",") if triggers else [])
        for phone, email, name, triggers in known
    ]


def bring_in(drip: Dripline, listed: Rows) -> int:
    options = ImportOptions(without_trigger=True)
    with TemporaryDirectory() as folder:
        upload = Upload(Path(folder) / "list.csv", "list.csv")
        with upload.path.open("w", newline="") as stream:
            csv.writer(stream).writerows([("phone", "email", "name", "trigger"), *listed])
        return drip.imports.run(drip.imports.begin(upload, options), upload, options).id


def everybody(drip: Dripline) -> list[Timeline]:
    return [
        *(line for phone in filter(None, PHONES) for line in drip.leads.timelines(phone=phone)),
        *(line for email in filter(None, EMAILS) for line in drip.leads.timelines(email=email)),
    ]


def snapshot(drip: Dripline) -> list[object]:
    """All that is stored of everybody there can be."""
    return [
        drip.reports.counts(),
        [(line.lead, line.triggers, line.enrollments, line.records) for line in everybody(drip)],
    ]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@given(known=rows, listed=rows.filter(bool), batch=st.integers(1, 4))
def test_an_undone_import_leaves_what_was_there(
    new_url: NewUrl, kind: str, known: Rows, listed: Rows, batch: int
) -> None:
    import_batches.BATCH = batch
    with opened(new_url, kind, FakeChannel()) as drip:
        drip.add_leads(people(known))
        before = snapshot(drip)
        import_id = bring_in(drip, listed)
        # Two leads that were there and that a row joins stay one: who is which is not known any more.
        assume(not any(line.notes for line in everybody(drip)))
        drip.imports.undo(import_id)

        assert snapshot(drip) == before
        assert drip.verify() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@settings(max_examples=15)
@given(known=rows, listed=rows.filter(bool), sent=st.integers(0, 2))
def test_nothing_that_was_sent_is_lost(new_url: NewUrl, kind: str, known: Rows, listed: Rows, sent: int) -> None:
    fake = FakeChannel()
    with opened(new_url, kind, fake) as drip:
        drip.add_leads(people(known))
        import_id = bring_in(drip, listed)
        for _ in range(sent):
            drip.tick()
        drip.imports.undo(import_id)
        drip.tick()

        kept = {record.id for record in drip.records() if record.status == "completed"}
        assert {message.record_id for message in fake.accepted} == kept
        assert drip.verify() == []
