"""The sample shop: everything that a screen may show is in it, and nothing of it reaches anybody."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from dripline import Dripline, Status, VirtualClock
from dripline.core.leads.intake import new_lead
from dripline.errors import InvalidInput
from dripline.simulate.demo_shop.channel import SampleChannel
from dripline.simulate.demo_shop.fill import FEWEST_LEADS, fill_sample, post
from dripline.simulate.demo_shop.people import FIRST_PHONE, MARKUP, lead
from dripline.simulate.demo_shop.roles import PLACED
from dripline.simulate.demo_shop.shop import BRANCH, CHANNEL, FARID, NEW_NUMBER

NOW = datetime(2026, 11, 23, 6, 30, 17, tzinfo=UTC)
BY_NIGHT = NOW.replace(hour=20)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "shop.db"
    fill_sample(str(path), NOW, leads=FEWEST_LEADS)
    return path


@pytest.fixture
def shop(sample: Path) -> Iterator[Dripline]:
    channel = SampleChannel(VirtualClock(NOW))
    with Dripline(str(sample), clock=VirtualClock(NOW), channels={CHANNEL: channel}) as drip:
        yield drip


def told(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_every_promise_holds_and_every_status_is_there(shop: Dripline) -> None:
    counts = shop.reports.counts()

    assert shop.verify() == []
    assert counts["leads"] == FEWEST_LEADS
    assert [status for status in Status if not counts.get(status)] == []


ENDS = [
    (None, None),
    ("opted_out", '{"said": "asked for it on the phone"}'),
    ("completed", None),
    ("ended_by_person", '{"said": "enrolled her son at another centre"}'),
    ("restarted", None),
    ("trigger_lost", '{"trigger": "CLASS"}'),
    ("opted_out", '{"text": "STOP"}'),
    ("goal", '{"goal": "ENROLLED"}'),
    ("replied", None),
    ("opted_out_at_provider", None),
    ("contact_rejected", '{"error": "the number is not known to the service"}'),
    ("contact_rejected", '{"error": "the number left the service"}'),
    ("contact_rejected", '{"error": "the person blocked this business"}'),
    ("provider_rejected", '{"error": "the text is longer than the service takes"}'),
]


def test_enrollments_end_in_every_way_there_is(sample: Path) -> None:
    ends = set(told(sample, "SELECT DISTINCT end_code, end_facts FROM enrollments"))

    assert set(ENDS) - ends == set()


def test_every_outcome_and_every_delivery_is_there(sample: Path) -> None:
    outcomes = {outcome for (outcome,) in told(sample, "SELECT DISTINCT outcome FROM attempts")}
    deliveries = {delivery for (delivery,) in told(sample, "SELECT DISTINCT delivery FROM attempts")}

    assert outcomes == {"accepted", "retry_later", "rejected", "sender_unavailable", "unknown", "not_sent"}
    assert deliveries == {None, "delivered", "read", "failed"}


def test_one_sender_is_paused_one_is_broken_and_one_warms_up(shop: Dripline) -> None:
    senders = {state.sender.name: state for state in shop.senders.all()}
    events = {event.event for name in senders for event in shop.senders.events(name)}

    assert len(senders) == 6
    assert senders[FARID].reason == "on leave until Monday"
    assert senders[BRANCH].is_broken
    assert len(senders[NEW_NUMBER].sender.pace.warm_up) > 5
    assert events == {"paused", "resumed", "broken", "recovered"}


def test_what_waits_for_a_person_is_there(shop: Dripline) -> None:
    troubles = [trouble.thing.partition(" ")[0] for trouble in shop.alerts.all()]

    assert troubles == ["sender", "step", "unknown"]
    assert [posts.posts for posts in shop.inbox.refused_posts()] == [1]


def test_sequences_are_chained_paused_edited_and_without_leads(sample: Path) -> None:
    by_version = "SELECT name, (SELECT count(*) FROM enrollments AS e WHERE e.sequence_id = s.id) AS many, version,"
    rows = told(sample, f"{by_version} then_trigger, pause_facts FROM sequences AS s ORDER BY id")
    found = {row[0]: row[1:] for row in rows}

    assert [found[name][2] for name in ("COLD EXAMA", "WARM EXAMA", "HOT EXAMA")] == ["WARMEXAMA", "HOTEXAMA", None]
    assert found["Holiday camp"][3] == '{"said": "the hall is not confirmed"}'
    assert found["Parents' bulletin"][1] == 2
    assert [name for name, row in found.items() if not row[0]] == ["SPM intensive (draft)"]


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("is paused", "paused: asked to wait until after the school holidays"),
        ("replies while hot", "paused: the lead replied"),
        ("late one", "skipped: "),
        ("dropped message", "version 2 has no step left for it"),
        ("refused template", "its step is paused: the provider refused the template"),
        ("always busy", "given up after 6 failed tries: too many messages to this person"),
        ("branch is still away", "the phone of this sender is offline"),
        ("cut off one", "is being sent (try 1)"),
        ("holiday", "its sequence is paused: the hall is not confirmed"),
    ],
)
def test_what_happens_to_somebody_is_told_as_the_reason(shop: Dripline, role: str, said: str) -> None:
    timeline = shop.leads.timelines(phone=PLACED[role].phone)[0]

    assert said in "; ".join(timeline.why(record, NOW) for record in timeline.records)


def test_who_was_barred_is_not_enrolled_and_a_name_of_markup_stays_as_it_is(shop: Dripline) -> None:
    barred = shop.leads.timelines(phone=PLACED["was barred before"].phone)[0]
    named = shop.leads.with_address(phone=PLACED["markup"].phone)[0]

    assert (barred.enrollments, [one.sequence for one in barred.not_enrolled]) == ((), ["COLD EXAMA"])
    assert named.name == MARKUP


def test_a_late_receipt_completes_what_was_unknown(shop: Dripline) -> None:
    tries = shop.leads.timelines(phone=PLACED["lost and found"].phone)[0].attempts

    assert (tries[0].outcome, tries[0].delivery) == ("accepted", "read")


def test_nothing_goes_through_any_other_channel_nor_to_anybody(sample: Path) -> None:
    channels = told(sample, "SELECT channel FROM sequences UNION SELECT channel FROM senders")
    strangers = told(sample, f"SELECT phone, email FROM leads WHERE NOT (phone LIKE '{str(FIRST_PHONE)[:6]}%')")
    mails = told(sample, "SELECT email FROM leads WHERE email NOT LIKE '%@example.com'")

    assert (channels, strangers, mails) == ([(CHANNEL,)], [], [])


def test_it_all_happened_in_the_five_days_before(sample: Path) -> None:
    span = told(
        sample,
        "SELECT min(at), max(at) FROM (SELECT started_at AS at FROM attempts"
        " UNION ALL SELECT begun_at FROM sequence_contacts WHERE status = 'sending')",
    )

    assert span == [("2026-11-18 06:30:17", "2026-11-23 06:30:16")]


def rows(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        # The workspace's row holds the identity of its own copy.
        return [line for line in connection.iterdump() if not line.startswith('INSERT INTO "workspace"')]


def test_the_same_seed_gives_the_same_rows(sample: Path, tmp_path: Path) -> None:
    fill_sample(str(tmp_path / "again.db"), NOW, leads=FEWEST_LEADS)

    assert rows(tmp_path / "again.db") == rows(sample)


def test_it_can_be_filled_at_night_and_on_postgresql(new_url: Callable[[str], str]) -> None:
    url, heard = new_url("postgresql"), list[tuple[int, int]]()
    fill_sample(url, BY_NIGHT, leads=FEWEST_LEADS, seed=2, progress=lambda done, of: heard.append((done, of)))
    with Dripline(url, clock=VirtualClock(BY_NIGHT)) as drip:
        counts = drip.reports.counts()

        assert drip.verify() == []
        assert [status for status in Status if not counts.get(status)] == []
        assert (heard[0], heard[-1]) == ((0, 120), (119, 120))


class AtOnce(VirtualClock):
    """A clock on which nobody waits."""

    @override
    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        del event, seconds


def test_it_lives_on_with_a_sample_channel_and_forges_nothing(sample: Path, tmp_path: Path) -> None:
    path, tomorrow = tmp_path / "shop.db", NOW + timedelta(days=1)
    shutil.copy(sample, path)
    clock = AtOnce(tomorrow)
    channel = SampleChannel(clock, secret=b"ours")
    with Dripline(str(path), clock=VirtualClock(tomorrow), channels={CHANNEL: channel}) as drip:
        report = drip.tick()
        clock.advance(timedelta(hours=1))
        post(channel, drip)

        assert report.sent > 10
        assert drip.inbox.process() > report.sent
        assert not drip.inbox.receive_webhook(CHANNEL, {}, b"{}")


def test_a_database_that_has_leads_is_left_alone(sample: Path, tmp_path: Path) -> None:
    shutil.copy(sample, tmp_path / "shop.db")
    with pytest.raises(InvalidInput, match="holds leads already: name a new one"):
        fill_sample(str(tmp_path / "shop.db"), NOW, leads=FEWEST_LEADS)
    with pytest.raises(InvalidInput, match="cannot have 10 leads"):
        fill_sample(str(tmp_path / "new.db"), NOW, leads=10)

    assert rows(tmp_path / "shop.db") == rows(sample)


def test_a_lead_is_in_the_form_that_an_intake_gives_it() -> None:
    made = [lead(number, 1) for number in range(200)]
    taken = [
        new_lead(
            phone=one.phone,
            email=one.email,
            name=one.name,
            triggers=one.triggers,
            attributes=one.attributes,
            is_known=True,  # nobody's numbers: they are not given out
        )
        for one in made
    ]

    assert taken == made
