"""Imports: what a plan says, what a run does and tells, and what stays when it ends early."""

from datetime import timedelta
from pathlib import Path

import pytest
from lists import Ask, all_of_it, bring_in, listed

from dripline import Dripline, Policy, Sequence, Step, VirtualClock
from dripline.app import import_batches, imports
from dripline.app.imports import ImportPlan
from dripline.core.leads.rejected_row import RefusedRow
from dripline.core.views.imports import ImportState
from dripline.errors import InvalidFile, InvalidImport
from dripline.importing.column_meaning import ColumnMeaning
from dripline.importing.leads.upload import ImportOptions, Upload
from dripline.store.imports.imports import SILENCE

LIST = """name,phone,email,trigger
Aina,0123456780,,warmexama
Bala,0123456781,,warmexama
Chen,12,,warmexama
Bala,0123456781,,cold
Dina,,dina@example.com,warmexama
"""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 2)


def figures(plan: ImportPlan) -> tuple[int, ...]:
    expected = plan.expected
    return (expected.new, expected.updated, expected.unchanged, plan.refused, sum(expected.enrolled.values()))


def test_a_plan_says_what_a_run_then_does(drip: Dripline, warm: Sequence, tmp_path: Path) -> None:
    drip.apply(warm)
    drip.add_lead(phone="60123456780", name="Old name")
    upload = listed(tmp_path, LIST)
    plan = drip.imports.plan(upload)
    done = bring_in(drip, upload)

    assert figures(plan) == (2, 1, 0, 1, 3)
    assert (plan.good, plan.expected.enrolled, plan.expected.due_at_once) == (4, {"Warm EXAMA": 3}, 3)
    assert plan.idle_triggers == ("COLD",)
    assert [row.number for row in plan.refused_rows] == [4]
    assert (done.added, done.updated, done.refused, done.enrolled) == (2, 1, 1, 3)
    assert len(drip.due()) == plan.expected.due_at_once


def test_a_plan_changes_nothing_and_a_second_run_does_neither(
    drip: Dripline, warm: Sequence, tmp_path: Path, ask: Ask
) -> None:
    drip.apply(warm)
    upload, shares = listed(tmp_path, LIST), list[float]()
    before = all_of_it(ask)
    drip.imports.plan(upload, on_progress=shares.append)
    assert (all_of_it(ask), shares[-1]) == (before, 1.0)
    bring_in(drip, upload)
    after = all_of_it(ask)

    assert figures(drip.imports.plan(upload)) == (0, 0, 3, 1, 0)
    again = bring_in(drip, upload)
    assert (again.added, again.updated, again.enrolled) == (0, 0, 0)
    assert all_of_it(ask) == after


def test_a_plan_asks_what_enrolling_asks(drip: Dripline, tmp_path: Path) -> None:
    """Barred, at its goal, in the group already, without the address, in it before: none is enrolled by either."""
    steps = [Step("One", "1h")]
    drip.apply(Sequence("First", trigger="A", steps=steps, group="g"))
    drip.apply(Sequence("Second", trigger="B", steps=steps, group="g"))
    drip.apply(Sequence("Goal", trigger="C", steps=steps, goal="DONE"))
    drip.apply(Sequence("Again", trigger="D", steps=steps, policy=Policy(re_entry="after_exit", re_entry_gap="0s")))
    drip.add_lead(phone="0123456780", triggers=["A", "D"])
    drip.leads.exit(phone="0123456780", sequence="Again")
    drip.opt_out(phone="0123456782")
    upload = listed(
        tmp_path,
        "phone,trigger\n0123456780,B D\n".replace("B D", '"B,D"')
        + '0123456781,"A,B"\n0123456782,A\n0123456783,"C,DONE"\n0123456784,C\n',
    )
    plan = drip.imports.plan(upload)
    done = bring_in(drip, upload)

    assert plan.expected.enrolled == {"First": 1, "Again": 1, "Goal": 1}
    assert (done.enrolled, plan.expected.due_at_once) == (3, 0)


def test_columns_trigger_and_region_are_a_persons_choice(drip: Dripline, tmp_path: Path) -> None:
    meanings = tuple(map(ColumnMeaning.read, ("phone", "attribute class", "leave out")))
    options = ImportOptions(meanings=meanings, trigger="vip", region="SG", who="Aina")
    done = bring_in(drip, listed(tmp_path, "Mobile,Kelas,Phone\n91234567,A1,office\n"), options)
    (lead,) = drip.leads.with_address(phone="+6591234567")

    assert (done.who, done.columns) == ("Aina", ("Mobile", "Kelas", "Phone"))
    assert (lead.attributes, [t for t, _ in drip.leads.timelines(phone="+6591234567")[0].triggers]) == (
        {"class": "A1"},
        ["VIP"],
    )


def test_another_process_sees_how_far_an_import_has_come(
    drip: Dripline, url: str, clock: VirtualClock, warm: Sequence, tmp_path: Path
) -> None:
    drip.apply(warm)
    upload, seen = listed(tmp_path, LIST), list[tuple[str, int, int, int]]()
    with Dripline(url, clock=clock) as other:

        def look(_so_far: object) -> None:
            (one,) = other.imports.latest()
            seen.append((one.state, one.rows, one.added, one.refused))

        drip.imports.run(drip.imports.begin(upload), upload, on_progress=look)

        assert seen == [("running", 2, 2, 0), ("running", 4, 2, 1), ("running", 5, 3, 1)]
        assert (other.imports.latest()[0].state, other.imports.latest()[0].percent) == ("finished", 100)


def test_an_import_that_is_cut_off_says_so_and_the_list_can_come_again(drip: Dripline, tmp_path: Path) -> None:
    upload = listed(tmp_path, LIST)

    def stop(_so_far: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drip.imports.run(drip.imports.begin(upload), upload, on_progress=stop)
    (early,) = drip.imports.latest()
    assert (early.state, early.problem, early.added) == ("ended early", "it was cut off (KeyboardInterrupt)", 2)
    again = bring_in(drip, upload)

    assert (again.state, again.added) == ("finished", 1)


def test_an_import_whose_process_died_counts_as_ended_early(
    drip: Dripline, clock: VirtualClock, tmp_path: Path
) -> None:
    begun = drip.imports.begin(listed(tmp_path, LIST))
    clock.advance(SILENCE)
    assert drip.imports.get(begun.id).state is ImportState.RUNNING
    clock.advance(timedelta(seconds=1))
    silent = drip.imports.get(begun.id)

    assert (silent.state, silent.problem) == ("ended early", "its process ended")


def test_a_list_that_cannot_be_read_is_no_import(drip: Dripline, tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"^mine\.csv has no trigger column"):
        drip.imports.begin(listed(tmp_path, "phone\n0123456789\n"))

    assert drip.imports.latest() == []


def test_refused_rows_come_back_as_a_file_that_is_safe_and_can_be_corrected(drip: Dripline, tmp_path: Path) -> None:
    told = list[RefusedRow]()
    upload = listed(tmp_path, "name,phone,trigger\n=1+1,12,A\nAina,+60 12-3,A\nBala,0123456789,A\nChen,1,A,lost\n")
    begun = drip.imports.begin(upload)
    drip.imports.run(begun, upload, on_refused=told.append)
    lines = list(drip.imports.refused_csv(begun.id))

    assert list(drip.imports.refused_rows(begun.id)) == told
    assert lines[0] == "name,phone,trigger,import_error\r\n"
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["'=1+1", "12", "A"], ["Aina", "+60 12-3", "A"], ["Chen", "1", "A"],
    ]  # fmt: skip
    (tmp_path / "again.csv").write_text("".join(lines).replace("12,A", "0123456788,A"))
    assert bring_in(drip, Upload(tmp_path / "again.csv", "again.csv")).added == 1


def test_refused_rows_are_kept_up_to_a_limit_and_not_for_ever(
    drip: Dripline, clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "REFUSED_LIMIT", 3)
    monkeypatch.setattr(imports, "REFUSED_CHARACTERS", 15)
    upload = listed(tmp_path, "phone,trigger\n" + "12345,A\n" * 9)
    done = bring_in(drip, upload)
    assert (done.refused, len(list(drip.imports.refused_rows(done.id)))) == (9, 2)
    clock.advance(timedelta(days=91))
    drip.imports.begin(upload)

    assert list(drip.imports.refused_rows(done.id)) == []


def test_imports_are_listed_by_the_page_the_latest_first(drip: Dripline, tmp_path: Path) -> None:
    ids = [bring_in(drip, listed(tmp_path, LIST)).id for _ in range(3)]

    assert [one.id for one in drip.imports.latest(most=2)] == ids[:0:-1]
    assert [one.id for one in drip.imports.latest(before=ids[1])] == ids[:1]
    for missing in (ids[-1] + 1, 2**70, -1):
        with pytest.raises(InvalidImport, match="There is no import"):
            drip.imports.get(missing)


def test_an_export_comes_back_as_the_same_leads(drip: Dripline, tmp_path: Path, ask: Ask) -> None:
    drip.add_lead(phone="0123456780", name="Aina, née Ali", triggers=["A", "B"], attributes={"niche": "x"})
    drip.add_lead(email="b@example.com", zone="Asia/Tokyo")
    drip.add_lead(phone="0123456782", name="=HYPERLINK(1)", triggers=["A"])
    lines = list(drip.leads.export())

    assert lines[0] == "phone,email,name,zone,trigger,niche\r\n"
    assert lines[3] == "+60123456782,,'=HYPERLINK(1),,A,\r\n"
    assert len(list(drip.leads.export(trigger="b"))) == 2
    before = all_of_it(ask)
    (tmp_path / "out.csv").write_text("".join(lines[:3]))
    bring_in(drip, Upload(tmp_path / "out.csv", "out.csv"))
    assert all_of_it(ask) == before
