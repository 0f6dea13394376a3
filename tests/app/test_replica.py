"""A standby from which reports, lists and exports are read: another database here, so that it shows which was asked."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from dripline.app.replica import StandbyWatch
from dripline.app.stores import Stores
from dripline.errors import DatabaseContended, DatabaseUnreachable

GONE = "postgresql:///gone?host=/nowhere/gone"
NewUrl = Callable[[str], str]


def hours_behind(_database: object) -> timedelta:
    return timedelta(hours=1)


@pytest.fixture
def other(new_url: NewUrl, clock: VirtualClock, fake: FakeChannel) -> str:
    """The database that stands for a standby: it has two leads in a sequence."""
    url = new_url("postgresql")
    with Dripline(url, clock=clock, channels={"console": fake}) as drip:
        drip.apply(Sequence("S", trigger="T", steps=[Step("one")]))
        drip.add_lead(phone="60123456781", triggers=["T"])
        drip.add_lead(phone="60123456782", triggers=["T"])
    return url


@pytest.fixture
def url(new_url: NewUrl) -> str:
    return new_url("postgresql")


def test_reports_lists_and_exports_are_read_there(url: str, other: str, clock: VirtualClock) -> None:
    with Dripline(url, clock=clock, replica=other) as drip:
        assert drip.reports.overview().leads == 2
        assert drip.reports.overview().behind == timedelta(0)
        assert drip.reports.counts()["leads"] == 2
        assert len(drip.leads.find().rows) == 2
        assert len(drip.records.find().rows) == 2
        assert len(drip.records.find_enrollments().rows) == 2
        assert len(list(drip.leads.export())) == 3
        assert len(list(drip.records.export())) == 3


def test_what_is_decided_on_is_read_from_the_database_itself(url: str, other: str, clock: VirtualClock) -> None:
    with Dripline(url, clock=clock, replica=other) as drip:
        assert drip.records.find_ids() == []
        assert drip.records.due() == []
        assert drip.leads.with_address(phone="60123456781") == []


def test_one_that_is_away_is_told_once_and_the_database_itself_is_read(
    url: str, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    with Dripline(url, clock=clock, replica=GONE) as drip, drip.connect() as second:
        drip.add_lead(phone="60123456789")
        for one in (drip, second, drip):
            assert one.reports.counts()["leads"] == 1
            clock.advance(timedelta(minutes=1))

        assert drip.reports.overview().behind is None
        assert caplog.text.count("replica.away") == 1


def test_one_of_another_schema_is_left_alone(
    url: str, new_database: Callable[[str], str], clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    with Dripline(url, clock=clock, replica=new_database("replica_without_tables")) as drip:
        assert drip.reports.counts()["leads"] == 0

    assert "has another schema" in caplog.text


def test_one_that_is_back_is_read_again(
    url: str, other: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with Dripline(url, clock=clock, replica=other) as drip:
        with monkeypatch.context() as patch:
            patch.setattr("dripline.app.replica.behind", hours_behind)
            assert drip.reports.counts()["leads"] == 0
        clock.advance(timedelta(seconds=31))

        with caplog.at_level("INFO"):
            assert drip.reports.counts()["leads"] == 2
    assert "is behind its primary by 3600 s" in caplog.text
    assert "replica.back" in caplog.text


def test_one_that_was_away_is_tried_by_one_reader_alone(clock: VirtualClock) -> None:
    watch = StandbyWatch(GONE)
    watch.went(DatabaseUnreachable("away"), clock.now())
    assert not watch.may_be_asked(clock.now())
    clock.advance(timedelta(seconds=31))

    assert [watch.may_be_asked(clock.now()) for _ in range(3)] == [True, False, False]


def test_how_far_it_is_behind_is_said_again_after_a_question_that_it_refused(
    url: str, other: str, clock: VirtualClock
) -> None:
    with Dripline(url, clock=clock, replica=other) as drip:
        session = drip._session  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # asked what no use case asks

        def refused(stores: Stores) -> None:
            if stores is not session.stores:
                raise DatabaseContended("what is replayed came in the way")

        drip.reports.counts()
        session.read(refused)
        assert session.behind is None

        assert drip.reports.counts()["leads"] == 2
        assert session.behind == timedelta(0)
