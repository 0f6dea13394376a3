"""A sender that is silent whenever a lead may be written to: said when it is applied, and found afterwards."""

from datetime import UTC, datetime, timedelta

from dripline import Dripline, FakeChannel, Pace, Sender, SendWindow, Sequence, Step, VirtualClock

NEW_YORK = "America/New_York"
SILENT = "jb is silent (21:00-09:00 Asia/Kuala_Lumpur) whenever the window 09:00–20:00 of America/New_York is open"


def sender(quiet: str | None) -> Sender:
    return Sender("jb", channel="console", pace=Pace(quiet=quiet, zone=None if quiet is None else "Asia/Kuala_Lumpur"))


def made(window: str | None = "09:00-20:00", step_window: str | None = None) -> Sequence:
    return Sequence("S", trigger="T", senders=["jb"], window=window, steps=[Step("a", window=step_window)])


def days_pass(drip: Dripline, clock: VirtualClock, days: int) -> None:
    for _ in range(days * 24):
        drip.tick()
        clock.advance(timedelta(hours=1))


def test_a_plan_says_whom_a_silent_sender_never_reaches(drip: Dripline) -> None:
    drip.senders.apply(sender("21:00-09:00"))
    drip.add_lead(phone="12125550100", zone=NEW_YORK, triggers=["T"])
    drip.add_lead(phone="60123456789", triggers=["T"])

    assert drip.plan(made()).notes == (f"{SILENT}, and never reaches 1 lead there",)
    assert drip.plan(made(window=None, step_window="09:00-20:00")).notes == drip.plan(made()).notes
    assert drip.plan(made("09:00-22:00")).notes == ()
    assert drip.plan(made(), senders=[sender(None)]).notes == ()


def test_the_plan_of_a_sender_says_whom_it_will_never_reach(drip: Dripline) -> None:
    drip.senders.apply(sender(None))
    drip.apply(made())
    drip.add_lead(phone="12125550100", zone=NEW_YORK, triggers=["T"])
    note = f"S: {SILENT}, and never reaches 1 lead there"

    assert drip.senders.plan(sender("21:00-09:00")).notes == (note,)
    assert drip.senders.plan(sender("21:00-08:00")).notes == ()
    assert drip.senders.apply(sender("21:00-09:00")).notes == (note,)


def test_what_is_applied_with_a_sender_tells_of_its_hours_itself(drip: Dripline) -> None:
    drip.senders.apply(sender(None))
    drip.apply(made())
    drip.add_lead(phone="12125550100", zone=NEW_YORK, triggers=["T"])
    mended = drip.workspace.plan_all([made("09:00-22:00")], senders=[sender("21:00-09:00")])
    silent = drip.workspace.plan_all([made()], senders=[sender("21:00-09:00")])

    assert [mended.senders[0].notes, mended.sequences[0].notes] == [(), ()]
    assert [silent.senders[0].notes, silent.sequences[0].notes] == [(), (f"{SILENT}, and never reaches 1 lead there",)]


def test_a_sequence_whose_messages_wait_for_hours_that_never_come_is_a_trouble(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.senders.apply(sender("21:00-09:00"))
    drip.apply(made())
    drip.add_lead(phone="12125550100", zone=NEW_YORK, triggers=["T"])
    assert drip.alerts.all() == []
    days_pass(drip, clock, 2)

    assert fake.offered == []
    assert [(trouble.name, SILENT in trouble.told) for trouble in drip.alerts.all()] == [("S", True)]
    drip.apply(made("09:00-22:00"))
    assert drip.alerts.all() == []
    days_pass(drip, clock, 1)
    assert len(fake.offered) == 1


def test_hours_that_meet_for_part_of_the_year_are_no_trouble(drip: Dripline) -> None:
    """New York is an hour nearer in summer: 20:00 there is 08:00 in Kuala Lumpur then, and 09:00 in winter."""
    drip.senders.apply(sender("20:00-08:30"))
    drip.add_lead(phone="12125550100", zone=NEW_YORK, triggers=["T"])

    assert drip.plan(made("08:00-20:00")).notes == ()


def test_a_step_with_hours_of_its_own_keeps_the_holidays_of_its_sequence(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    holidays = SendWindow.read("09:00-20:00", holidays="2026-01-05..2026-01-06")
    own = SendWindow.read("10:00-12:00", holidays="2026-01-06..2026-01-07")
    clock.advance(datetime(2026, 1, 5, 2, 30, tzinfo=UTC) - clock.now())
    drip.apply(Sequence("S", trigger="T", window=holidays, steps=[Step("a", window=own)]))
    drip.add_lead(phone="60123456789", triggers=["T"])
    drip.tick()

    record = drip.records()[0]
    assert fake.offered == []
    assert record.next_trigger_time.date() == datetime(2026, 1, 8, tzinfo=UTC).date()
    clock.advance(record.next_trigger_time - clock.now())
    drip.tick()
    assert len(fake.offered) == 1
