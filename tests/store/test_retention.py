"""What ended longer ago than the workspace keeps it is removed: sizes stay flat, and what counts stays."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from retained_shop import DAY, PHONES, SECRET, go_through, put_away, upkeep

from dripline import Dripline, FakeChannel, NewLead, Policy, Sequence, Step, VirtualClock, Workspace
from dripline.core.events.posting import EventSigning
from dripline.core.leads.import_undo import KeepReason
from dripline.errors import InvalidInput, InvalidSettings
from dripline.importing.leads.upload import Upload

Ask = Callable[[str], list[tuple[object, ...]]]
Done = TypeVar("Done")

GROWING = ("sequence_contacts", "attempts", "record_moves", "sent_messages", "settlements", "enrollments", "audit_log")


def sizes(ask: Ask) -> dict[str, object]:
    """Count the rows of the tables that grow with each message."""
    return {table: ask(f"SELECT count(*) FROM {table}")[0][0] for table in GROWING}


@pytest.fixture
def drip(url: str, clock: VirtualClock, fake: FakeChannel) -> Iterator[Dripline]:
    """Dripline on a fresh database of each kind, with a secret for proofs."""
    with Dripline(url, clock=clock, channels={"console": fake}, posting=SECRET) as opened:
        yield opened


@pytest.fixture
def warm() -> Sequence:
    """A sequence that a lead may go through again."""
    return Sequence(
        "Warm", trigger="WARM", steps=[Step("One"), Step("Two", "12h")], policy=Policy(re_entry="after_exit")
    )


def test_two_years_with_60_days_kept_are_as_large_as_60_days(
    drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask, url: str
) -> None:
    drip.apply(warm)
    drip.workspace.apply(Workspace(keep="60d"))
    found, pages = list[dict[str, object]](), list[int]()
    for _ in range(24):
        go_through(drip, clock, PHONES)
        clock.advance(29 * DAY)
        upkeep(drip, clock)
        found.append(sizes(ask))
        pages += [int(str(ask("PRAGMA page_count")[0][0]))] if url.startswith("sqlite") else [0]

    assert drip.verify() == []
    assert found[3:] == [found[3]] * 21
    assert pages[-1] - pages[3] <= 16
    assert found[3]["sequence_contacts"] == 10
    assert drip.reports.counts() == {"leads": 5, "enrollments": 120, "completed": 240}
    assert ask("SELECT count(*) FROM send_proofs") == [(240 - 10,)]


def test_a_report_is_the_same_before_and_after(drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES)
    drip.add_lead(phone="60199999999", triggers=["WARM"])
    drip.opt_out(phone="60199999999")
    clock.advance(100 * DAY)
    upkeep(drip, clock)
    before = drip.reports.overview()
    drip.workspace.apply(Workspace(keep="60d"))
    upkeep(drip, clock)
    after = drip.reports.overview()

    assert ask("SELECT count(*) FROM sequence_contacts") == [(0,)]
    assert (after.tally.many, after.sequences, after.leads) == (before.tally.many, before.sequences, before.leads)
    assert drip.verify() == []


def test_who_was_in_a_sequence_does_not_enter_again(drip: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    once = Sequence("Once", trigger="WARM", steps=[Step("One"), Step("Two", "12h")])
    drip.apply(once)
    go_through(drip, clock, PHONES)
    put_away(drip, clock)
    sent = len(fake.accepted)
    go_through(drip, clock, PHONES)
    drip.apply(replace(once, steps=[*once.steps, Step("Three", "12h")]), reach="finished")
    upkeep(drip, clock)

    assert len(fake.accepted) == sent == 10
    assert drip.verify() == []


def test_who_is_forgotten_is_in_no_proof(drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES)
    put_away(drip, clock)
    drip.leads.forget(phone=PHONES[0])

    found = (
        "SELECT count(*), count(address_digest), count(message_digest), count(DISTINCT address_digest) FROM send_proofs"
    )
    assert ask(found) == [(10, 8, 8, 4)]
    assert drip.verify() == []


def test_nobody_is_forgotten_whose_proofs_cannot_be_found(
    drip: Dripline, clock: VirtualClock, warm: Sequence, url: str
) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES)
    put_away(drip, clock)

    with Dripline(url, clock=clock) as without, pytest.raises(InvalidSettings, match="DRIPLINE_WEB_SECRET"):
        without.leads.forget(phone=PHONES[0])


def test_nothing_is_removed_without_a_secret(url: str, clock: VirtualClock, warm: Sequence, ask: Ask) -> None:
    with Dripline(url, clock=clock, channels={"console": FakeChannel()}) as without:
        without.apply(warm)
        go_through(without, clock, PHONES)
        put_away(without, clock)

    assert ask("SELECT count(*) FROM sequence_contacts") == [(10,)]


def test_a_run_that_went_over_goes_with_its_last_part(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel, ask: Ask
) -> None:
    slow = Sequence("Slow", trigger="WARM", steps=[Step("One", id="one"), Step("Two", "150d", id="two")])
    drip.apply(slow)
    drip.add_lead(phone=PHONES[0], triggers=["WARM"])
    drip.tick()
    drip.apply(replace(slow, steps=[Step("One", id="one"), Step("Two", "160d", id="two")]), reach="all")
    put_away(drip, clock)

    assert ask("SELECT count(*) FROM sequence_contacts WHERE status = 'completed'") == [(1,)]
    clock.advance(200 * DAY)
    upkeep(drip, clock)
    clock.advance(100 * DAY)
    upkeep(drip, clock)
    assert [message.text for message in fake.accepted] == ["One", "Two"]
    assert ask("SELECT count(*) FROM sequence_contacts") == [(0,)]
    assert drip.verify() == []


def test_what_went_to_an_address_is_found_by_it_and_by_nothing_else(
    drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask
) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES)
    sent_at = clock.now() - timedelta(hours=36)
    put_away(drip, clock)
    found = drip.retention.proofs(phone=PHONES[0], until=sent_at + timedelta(hours=1))
    stored = str(ask("SELECT * FROM send_proofs"))

    assert [(one.sequence, one.step, one.status, one.sent_at) for one in found] == [("Warm", 1, "completed", sent_at)]
    assert len(drip.retention.proofs(phone=PHONES[0])) == 2
    assert drip.retention.proofs(phone="60199999999") == []
    assert not [phone for phone in PHONES if phone in stored]


def test_a_repair_writes_nothing_back(drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES[:2])
    put_away(drip, clock)

    assert ask("SELECT count(*) FROM enrollments WHERE archived_at IS NOT NULL AND ended_at IS NOT NULL") == [(2,)]
    assert drip.records.repair() == []
    assert ask("SELECT count(*) FROM sequence_contacts") == [(0,)]
    assert drip.verify() == []


def test_what_somebody_else_has_at_this_moment_is_left_for_the_next_time(
    drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask, url: str
) -> None:
    if url.startswith("sqlite"):
        pytest.skip("one writer at a time")
    drip.apply(warm)
    go_through(drip, clock, PHONES)
    with psycopg.connect(url) as other:
        other.execute("SELECT id FROM sequence_contacts ORDER BY id LIMIT 1 FOR UPDATE")
        put_away(drip, clock)
        assert ask("SELECT count(*) FROM sequence_contacts") == [(2,)]
    upkeep(drip, clock)

    assert ask("SELECT count(*) FROM sequence_contacts") == [(0,)]


def test_sending_goes_on_while_much_is_removed(
    drip: Dripline, clock: VirtualClock, warm: Sequence, fake: FakeChannel, ask: Ask
) -> None:
    drip.apply(warm)
    drip.add_leads([NewLead(f"6011{number:07}", triggers=("WARM",)) for number in range(500)])
    drip.tick()
    clock.advance(DAY)
    drip.tick()
    clock.advance(100 * DAY)
    drip.add_leads([NewLead(f"6012{number:07}", triggers=("WARM",)) for number in range(200)])
    before = clock.now() - 60 * DAY
    with drip.connect() as other, ThreadPoolExecutor(1) as threads:
        removing = threads.submit(other.retention.remove, before, other.retention.write(before, lambda _rows: None))
        sent = drip.tick().sent
        clock.advance(DAY)
        sent += drip.tick().sent
        assert removing.result().records == 1000

    assert (sent, len({message.record_id for message in fake.accepted})) == (400, 1400)
    assert ask("SELECT count(*) FROM sequence_contacts") == [(400,)]
    assert drip.verify() == []


REFUSE = {
    "sqlite": "CREATE TRIGGER refused BEFORE DELETE ON attempts BEGIN SELECT RAISE(ABORT, 'refused'); END",
    "postgresql": """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$;
        CREATE TRIGGER refused BEFORE DELETE ON attempts FOR EACH ROW EXECUTE FUNCTION refuse();
    """,
}
"""Lets a database refuse to delete any try."""


def test_what_cannot_be_removed_keeps_nothing_from_being_sent(
    drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask, plant: Callable[[str], None], url: str
) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES)
    plant(REFUSE[url.partition(":")[0]])
    put_away(drip, clock)
    drip.add_lead(phone="60199999999", triggers=["WARM"])

    assert drip.tick().sent == 1
    assert ask("SELECT count(*) FROM sequence_contacts") == [(12,)]


def test_nothing_is_removed_while_everything_is_paused(
    drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask
) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES)
    drip.pause()
    put_away(drip, clock)
    assert ask("SELECT count(*) FROM sequence_contacts") == [(10,)]
    drip.resume()
    upkeep(drip, clock)

    assert ask("SELECT count(*) FROM sequence_contacts") == [(0,)]


def test_a_wrong_clock_removes_nothing_whichever_process_reads_it(
    url: str, clock: VirtualClock, warm: Sequence, ask: Ask
) -> None:
    with Dripline(url, clock=clock, channels={"console": FakeChannel()}, posting=SECRET) as drip:
        drip.apply(warm)
        drip.workspace.apply(Workspace(keep="60d"))
        go_through(drip, clock, PHONES)
    for _ in range(2):
        clock.advance(100 * DAY)
        for _ in range(3):
            with Dripline(url, clock=clock, channels={"console": FakeChannel()}, posting=SECRET) as opened:
                opened.tick()
            clock.advance(timedelta(minutes=10))

    assert ask("SELECT count(*) FROM sequence_contacts") == [(10,)]


def test_a_gap_longer_than_what_is_kept_still_holds(
    drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask
) -> None:
    drip.apply(warm)
    drip.apply(Sequence("Rare", trigger="RARE", steps=[Step("Hello")], policy=Policy(min_gap="200d")))
    go_through(drip, clock, PHONES)
    put_away(drip, clock)
    with pytest.raises(InvalidInput, match="less than 200d ago"):
        drip.retention.count(clock.now() - 100 * DAY)
    drip.add_lead(phone=PHONES[0], triggers=["RARE"])
    assert drip.tick().sent == 0
    clock.advance(100 * DAY)
    upkeep(drip, clock)

    assert ask("SELECT count(*) FROM sequence_contacts WHERE status = 'completed'") == [(1,)]


def test_a_sequence_of_forgotten_people_is_still_counted(drip: Dripline, clock: VirtualClock, warm: Sequence) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES[:1])
    put_away(drip, clock)
    drip.leads.forget(phone=PHONES[0])

    assert drip.sequences.delete("Warm")
    assert drip.verify() == []


def test_who_was_written_to_stays_when_an_import_is_undone(
    drip: Dripline, clock: VirtualClock, warm: Sequence, tmp_path: Path
) -> None:
    drip.apply(warm)
    path = tmp_path / "list.csv"
    path.write_text(f"phone,trigger\n{PHONES[0]},WARM\n")
    upload = Upload(path, "list.csv")
    brought = drip.imports.run(drip.imports.begin(upload), upload)
    go_through(drip, clock, [])
    clock.advance(100 * DAY)
    drip.add_lead(phone=PHONES[0], triggers=["WARM"])
    drip.leads.exit(phone=PHONES[0])
    drip.workspace.apply(Workspace(keep="60d"))
    upkeep(drip, clock)

    assert drip.imports.undo(brought.id).stays == {KeepReason.SENT: 1}


WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def done_beside_a_removal(url: str, ask: Ask, act: Callable[[], Done]) -> tuple[bool, Done]:
    """Do something while somebody else removes; returns whether it waited for that, and what it returned then."""
    if url.startswith("sqlite"):
        pytest.skip("one writer at a time")
    with psycopg.connect(url) as other, ThreadPoolExecutor(1) as threads:
        other.execute("SELECT id FROM archiving FOR UPDATE")
        doing = threads.submit(act)
        while not doing.done() and ask(WAITS) == [(0,)]:
            pass
        has_waited = not doing.done()
        other.rollback()
        return has_waited, doing.result()


def test_a_removal_by_hand_waits_for_a_processor_that_removes(
    drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask, url: str
) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES)
    clock.advance(100 * DAY)
    before = clock.now() - 60 * DAY
    going = drip.retention.write(before, lambda _rows: None)
    with drip.connect() as other:
        has_waited, removed = done_beside_a_removal(url, ask, lambda: other.retention.remove(before, going))

    assert (has_waited, removed.records) == (True, 10)


def test_who_goes_on_is_decided_once_a_removal_has_ended(
    drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask, url: str
) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES)
    longer = replace(warm, steps=[*warm.steps, Step("Three", "12h")])
    with drip.connect() as other:
        has_waited, _ = done_beside_a_removal(url, ask, lambda: other.apply(longer, reach="finished"))

    assert has_waited


def test_who_answers_a_message_that_was_removed_is_known_until_forgotten(
    drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask
) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES[:2])
    put_away(drip, clock)
    drip.add_lead(phone="60199999999")
    drip.leads.merge("60199999999", PHONES[1])
    records = [int(str(row[0])) for row in ask("SELECT record_id FROM send_proofs ORDER BY record_id")]
    mailboxes = drip._session.stores.mailboxes  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    assert len([one for one in records if mailboxes.lead_of_record(one)]) == 4
    drip.leads.forget(phone="60199999999")
    assert len([one for one in records if mailboxes.lead_of_record(one)]) == 2
    assert ask("SELECT count(lead_id) FROM send_proofs") == [(2,)]


def test_who_is_forgotten_is_in_no_proof_of_another_secret(
    drip: Dripline, clock: VirtualClock, warm: Sequence, ask: Ask, url: str
) -> None:
    drip.apply(warm)
    go_through(drip, clock, PHONES)
    put_away(drip, clock)
    with Dripline(url, clock=clock, posting=EventSigning("b-secret-of-thirty-two-characters")) as another:
        another.leads.forget(phone=PHONES[0])

    assert ask("SELECT count(*), count(address_digest), count(message_digest) FROM send_proofs") == [(10, 8, 8)]
