"""Undoing an import: all that it did is taken back and nothing else; nothing that was sent is forgotten."""

from pathlib import Path

import pytest
from lists import Ask, all_of_it, bring_in, listed

from dripline import AddressKind, Dripline, FakeChannel, Policy, Sender, Sequence, Step, VirtualClock
from dripline.app.import_batches import BATCH
from dripline.core.leads.import_undo import ImportUndo, KeepReason
from dripline.errors import InvalidImport
from dripline.store.imports.imports import SILENCE

LIST = """name,phone,email,trigger,niche
Aina,0123456780,a@example.com,warmexama,new
Bala,0123456781,,warmexama,new
Chen,0123456782,,warmexama,new
Dina,0123456783,,warmexama,new
"""
A, B, C, D = (f"6012345678{number}" for number in range(4))


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Dripline:
    drip.senders.apply(Sender("jb-1", channel="console"))
    drip.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=warm.steps, senders=["jb-1"]))
    return drip


def undone(drip: Dripline, import_id: int) -> ImportUndo:
    planned = drip.imports.plan_undo(import_id)
    done = drip.imports.undo(import_id)

    assert planned == done
    assert drip.verify() == []
    return done


def test_what_came_in_is_gone_when_nothing_was_sent(shop: Dripline, tmp_path: Path, ask: Ask) -> None:
    shop.add_lead(phone="60199999999", triggers=["WARMEXAMA"])
    before = all_of_it(ask)
    import_id = bring_in(shop, listed(tmp_path, LIST)).id

    assert undone(shop, import_id) == ImportUndo(removed=4, ended=4)
    assert all_of_it(ask) == before
    assert (shop.imports.get(import_id).state, shop.imports.get(import_id).removed) == ("undone", 4)


def test_leads_that_were_there_are_what_they_were(shop: Dripline, tmp_path: Path, ask: Ask) -> None:
    shop.add_lead(email="a@example.com", name="Old")
    shop.add_lead(phone=B, triggers=["WARMEXAMA"], attributes={"niche": "old"})
    shop.add_lead(phone=C, triggers=["OTHER"], name="Chen", attributes={"niche": "new"})
    before = all_of_it(ask)
    import_id = bring_in(shop, listed(tmp_path, LIST)).id

    assert undone(shop, import_id) == ImportUndo(removed=1, stays={KeepReason.BEFORE: 3}, ended=3, restored=2)
    assert all_of_it(ask) == before


def test_nothing_that_was_sent_is_forgotten(shop: Dripline, fake: FakeChannel, tmp_path: Path) -> None:
    import_id = bring_in(shop, listed(tmp_path, LIST)).id
    shop.leads.exit(phone=A)
    shop.tick()
    sent = {message.to for message in fake.accepted}
    done = undone(shop, import_id)

    assert (done.removed, done.stays, done.ended) == (1, {KeepReason.SENT: 3}, 3)
    assert sent == {B, C, D}
    for phone in sent:
        (timeline,) = shop.leads.timelines(phone=phone)
        assert ([str(record.status) for record in timeline.records], timeline.enrollments[0].end_code) == (
            ["completed", "cancelled", "cancelled", "cancelled"], "import_undone",
        )  # fmt: skip
        assert (len(timeline.attempts), timeline.triggers) == (1, ())
    assert shop.leads.with_address(phone=A) == []


def test_what_else_has_touched_stays_and_says_why(shop: Dripline, tmp_path: Path) -> None:
    import_id = bring_in(shop, listed(tmp_path, LIST)).id
    shop.add_lead(phone=A, name="A person wrote this")
    shop.add_lead(phone=B, triggers=["VIP"])
    shop.apply(Sequence("Later", trigger="WARMEXAMA2", steps=[Step("x")]))
    other = bring_in(shop, listed(tmp_path, "phone,trigger,niche\n0123456782,warmexama,other\n")).id

    assert undone(shop, import_id) == ImportUndo(removed=1, stays={KeepReason.CHANGED: 3}, ended=4)
    assert shop.leads.with_address(phone=A)[0].name == "A person wrote this"
    assert undone(shop, other) == ImportUndo(stays={KeepReason.BEFORE: 1}, restored=1)


def test_imports_that_are_undone_from_the_last_to_the_first_leave_nothing(
    shop: Dripline, tmp_path: Path, ask: Ask
) -> None:
    before = all_of_it(ask)
    first = bring_in(shop, listed(tmp_path, LIST)).id
    second = bring_in(shop, listed(tmp_path, LIST.replace("new", "newer") + "Eda,0123456784,,cold,x\n")).id

    assert undone(shop, second) == ImportUndo(removed=1, stays={KeepReason.BEFORE: 4}, restored=4)
    assert undone(shop, first).removed == 4
    assert all_of_it(ask) == before


def test_what_changed_since_the_import_is_kept(shop: Dripline, tmp_path: Path) -> None:
    shop.add_lead(phone=A, name="Old")
    shop.add_lead(phone=B, name="Old")
    import_id = bring_in(shop, listed(tmp_path, LIST)).id
    shop.add_lead(phone=A, name="Newest")
    done = undone(shop, import_id)

    assert (done.restored, done.kept) == (1, 1)
    assert [shop.leads.with_address(phone=phone)[0].name for phone in (A, B)] == ["Newest", "Old"]


def test_an_address_that_somebody_else_has_by_now_is_not_given_back(shop: Dripline, tmp_path: Path) -> None:
    """Two leads of one e-mail address and no phone cannot stand beside each other."""
    shop.add_lead(email="a@example.com")
    import_id = bring_in(shop, listed(tmp_path, LIST)).id
    with_phone = shop.leads.with_address(email="a@example.com")
    shop.leads.forget(phone=B)
    done = undone(shop, import_id)

    assert (len(with_phone), done.restored) == (1, 1)
    assert shop.leads.with_address(email="a@example.com")[0].phone is None


def test_what_an_old_trigger_began_because_of_the_import_goes_as_well(
    url: str, clock: VirtualClock, tmp_path: Path, ask: Ask
) -> None:
    """A lead that gained an address, and one whose trigger came again."""
    post = FakeChannel(address_kind=AddressKind.EMAIL)
    with Dripline(url, clock=clock, channels={"console": FakeChannel(), "post": post}) as drip:
        drip.apply(Sequence("Mail", trigger="MAIL", channel="post", steps=[Step("x")]))
        drip.apply(
            Sequence(
                "Again", trigger="AGAIN", steps=[Step("x")], policy=Policy(re_entry="after_exit", re_entry_gap="0s")
            )
        )
        drip.add_lead(phone=A, triggers=["MAIL", "AGAIN"])
        drip.leads.exit(phone=A)
        before = all_of_it(ask)
        import_id = bring_in(drip, listed(tmp_path, f"phone,email,trigger\n{A},a@example.com,again\n")).id

        assert undone(drip, import_id) == ImportUndo(stays={KeepReason.BEFORE: 1}, ended=2, restored=1)
        assert all_of_it(ask) == before


def test_a_sequence_that_was_applied_later_goes_with_the_trigger(shop: Dripline, tmp_path: Path, ask: Ask) -> None:
    shop.add_lead(phone=A, name="Aina", email="a@example.com", attributes={"niche": "new"})
    import_id = bring_in(shop, listed(tmp_path, LIST), None).id
    before = len(ask("SELECT id FROM enrollments"))
    shop.apply(Sequence("Cold", trigger="COLD", steps=[Step("x")]))
    shop.add_lead(phone=B, triggers=["COLD"])
    done = undone(shop, import_id)

    assert (before, done.removed, done.stays) == (4, 2, {KeepReason.BEFORE: 1, KeepReason.CHANGED: 1})
    assert [record.status for record in shop.records(phone=B)] == ["active"]
    assert shop.records(phone=A) == []


def test_who_wrote_to_us_stays(shop: Dripline, tmp_path: Path, plant: object) -> None:
    import_id = bring_in(shop, listed(tmp_path, LIST)).id
    assert callable(plant)
    plant(
        "INSERT INTO conversations (channel, address, account, last_written_at)"
        f" VALUES ('console', '{C}', 'x', '2026-01-01 00:00:00')"
    )

    assert undone(shop, import_id).stays == {KeepReason.WROTE: 1}


def test_undoing_again_and_undoing_what_is_not_there_change_nothing(shop: Dripline, tmp_path: Path, ask: Ask) -> None:
    import_id = bring_in(shop, listed(tmp_path, LIST)).id
    undone(shop, import_id)
    before = all_of_it(ask)

    assert undone(shop, import_id) == ImportUndo()
    assert all_of_it(ask) == before
    with pytest.raises(InvalidImport, match="There is no import"):
        shop.imports.undo(import_id + 1)


def test_an_import_that_runs_is_not_undone_and_one_that_was_does_not_go_on(
    shop: Dripline, clock: VirtualClock, tmp_path: Path
) -> None:
    upload = listed(tmp_path, LIST)
    begun = shop.imports.begin(upload)
    with pytest.raises(InvalidImport, match="still runs"):
        shop.imports.undo(begun.id)
    clock.advance(2 * SILENCE)  # a machine that slept, taken for dead
    shop.imports.undo(begun.id)
    with pytest.raises(InvalidImport, match="was undone while it ran"):
        shop.imports.run(begun, upload)

    assert shop.leads.with_address(phone=A) == []


def test_the_same_list_may_come_in_again_after_its_undoing(shop: Dripline, fake: FakeChannel, tmp_path: Path) -> None:
    undone(shop, bring_in(shop, listed(tmp_path, LIST)).id)
    again = bring_in(shop, listed(tmp_path, LIST))
    shop.tick()

    assert (again.added, again.enrolled, len(fake.accepted)) == (4, 4, 4)


def test_a_person_who_is_forgotten_is_forgotten_by_imports_too(shop: Dripline, tmp_path: Path, ask: Ask) -> None:
    shop.add_lead(phone=A, name="Old")
    bring_in(shop, listed(tmp_path, LIST))
    assert len(ask("SELECT lead_id FROM import_changes")) == 1
    shop.leads.forget(phone=A)

    assert ask("SELECT lead_id FROM import_changes") == []


def test_more_than_a_page_is_undone_in_several_transactions(shop: Dripline, tmp_path: Path) -> None:
    rows = "".join(f"01234{number:05},warmexama\n" for number in range(BATCH + 1))
    import_id = bring_in(shop, listed(tmp_path, "phone,trigger\n" + rows)).id
    told = list[int]()
    done = shop.imports.undo(import_id, on_progress=lambda so_far: told.append(so_far.removed))

    assert (done.removed, told) == (BATCH + 1, [500, 1_000, 1_001])
    assert shop.verify() == []
