"""Notes on a lead: written down for whoever asks later, and gone with the lead."""

from datetime import timedelta
from pathlib import Path

import pytest
from lists import Ask, bring_in, listed

from dripline import Dripline, VirtualClock
from dripline.core.accounts.access import Actor, Scope
from dripline.core.leads.import_undo import KeepReason
from dripline.core.leads.note import NOTE_LIMIT, NOTES_LIMIT
from dripline.errors import InvalidLead, InvalidNote, NotAllowed

LEAD = "60123456789"


def notes(drip: Dripline) -> list[tuple[str, str]]:
    return [(note.text, note.author) for timeline in drip.leads.timelines(phone=LEAD) for note in timeline.notes]


def test_what_was_written_last_is_told_first_with_who_and_when(drip: Dripline, clock: VirtualClock) -> None:
    drip.add_lead(phone=LEAD)
    assert drip.leads.add_note("  Called: wants\r\nthe evening class. ", phone="012-345 6789") == 1
    clock.advance(timedelta(hours=1))
    drip.as_actor(Actor("aina@shop.example", scopes=frozenset({Scope.LEADS_WRITE}))).leads.add_note("Paid.", phone=LEAD)

    assert notes(drip) == [("Paid.", "aina@shop.example"), ("Called: wants\nthe evening class.", "program")]
    assert drip.leads.timelines(phone=LEAD)[0].notes[0].at == clock.now()


def test_a_note_is_deleted_once(drip: Dripline) -> None:
    drip.add_lead(phone=LEAD)
    drip.leads.add_note("Wrong lead", phone=LEAD)
    note = drip.leads.timelines(phone=LEAD)[0].notes[0]

    assert drip.leads.drop_note(note.id)
    assert not drip.leads.drop_note(note.id)
    assert notes(drip) == []


@pytest.mark.parametrize("text", ["", " \n ", "x" * (NOTE_LIMIT + 1), "a\x00b", "a\ud800b"])
def test_what_cannot_be_a_note_is_refused(drip: Dripline, text: str) -> None:
    drip.add_lead(phone=LEAD)
    with pytest.raises(InvalidNote, match="A note has 1 to 2,000 characters: write a sentence or two"):
        drip.leads.add_note(text, phone=LEAD)
    assert notes(drip) == []


def test_nothing_is_written_about_nobody(drip: Dripline) -> None:
    with pytest.raises(InvalidLead, match="no lead of that address"):
        drip.leads.add_note("Hello", phone=LEAD)


def test_a_lead_has_so_many_notes_at_most(drip: Dripline) -> None:
    drip.add_lead(phone=LEAD)
    for number in range(NOTES_LIMIT):
        drip.leads.add_note(str(number), phone=LEAD)
    with pytest.raises(InvalidNote, match="has 200 notes already: delete one first"):
        drip.leads.add_note("one more", phone=LEAD)


def test_who_may_only_read_leads_writes_nothing_about_them(drip: Dripline) -> None:
    drip.add_lead(phone=LEAD)
    reader = drip.as_actor(Actor("viewer", scopes=frozenset({Scope.LEADS_READ})))
    with pytest.raises(NotAllowed):
        reader.leads.add_note("Hello", phone=LEAD)
    with pytest.raises(NotAllowed):
        reader.leads.drop_note(1)


def test_the_log_tells_that_a_note_was_written_and_not_what(drip: Dripline, ask: Ask) -> None:
    drip.add_lead(phone=LEAD)
    drip.as_actor(Actor("aina", scopes=frozenset({Scope.LEADS_WRITE}))).leads.add_note("Is ill", phone=LEAD)

    assert drip.accounts.audit()[0].deed == "note_lead"
    assert "ill" not in str(ask("SELECT * FROM audit_log"))


def test_notes_are_forgotten_with_their_lead(drip: Dripline, ask: Ask) -> None:
    drip.add_lead(phone=LEAD)
    drip.leads.add_note("Hello", phone=LEAD)
    drip.leads.forget(phone=LEAD)

    assert ask("SELECT * FROM lead_notes") == []


def test_an_import_that_is_undone_leaves_whom_somebody_wrote_about(drip: Dripline, tmp_path: Path) -> None:
    rows = f"name,phone,trigger\nAina,{LEAD},warm\nBala,60123456780,warm\n"
    import_id = bring_in(drip, listed(tmp_path, rows)).id
    drip.leads.add_note("Called", phone=LEAD)
    planned = drip.imports.plan_undo(import_id)
    done = drip.imports.undo(import_id)

    assert planned == done
    assert (done.removed, done.stays) == (1, {KeepReason.CHANGED: 1})
    assert notes(drip) == [("Called", "program")]
