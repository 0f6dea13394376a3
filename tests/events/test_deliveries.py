"""Deliveries: tried until they are taken, once by one worker, and never in the way of a message or of each other."""

import asyncio
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from receiver import MASTER, PHONE, POSTING, Told, telling
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from dripline import Dripline, EventSigning, FakeChannel, SubscriptionStatus
from dripline.app.event_posts import POST_TIMEOUT
from dripline.core.events.event import DISABLE_AFTER, GIVE_UP_AFTER
from dripline.core.events.posting import BOTH_FOR
from dripline.errors import InvalidSubscription
from dripline.store.events.deliveries import LEASE, POSTS_AT_ONCE, PostResult
from support.endpoint import Endpoint, serving
from support.real_time import eventually

SECOND = timedelta(seconds=1)
SEVEN_HOURS = timedelta(hours=7)


def hang(request: BaseHTTPRequestHandler) -> None:
    assert isinstance(request.server, Endpoint)
    request.server.released.wait()


def taken(told: Told) -> list[PostResult]:
    """Take what is due, as a worker does that dies before it writes what was answered."""
    deliveries = told.drip._session.stores.deliveries  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
    now = told.drip.now()
    return [
        PostResult(one, status_code=200) for receiver in deliveries.due(now) for one in deliveries.take(receiver, now)
    ]


def test_what_a_receiver_refuses_is_told_again_under_the_same_id_until_it_takes_it(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.endpoint.status, told.endpoint.body = 500, b"<h1>no room</h1>" * 100
        told.enroll()
        told.drip.tick()
        failed = told.drip.events.deliveries()[0]
        told.pass_time(timedelta(minutes=2))
        told.endpoint.status = 204
        told.pass_time(timedelta(minutes=10))
        delivered = told.drip.events.deliveries()[0]

        assert (failed.state, failed.tries, failed.status_code) == ("waiting", 1, 500)
        assert (failed.error or "").startswith("the receiver answered 500: <h1>no room</h1>")
        assert len(failed.error or "") < 250
        assert (delivered.state, delivered.status_code, delivered.error) == ("delivered", 204, None)
        assert set(told.ids()) == {delivered.webhook_id}
        assert len(told.ids()) == delivered.tries > 1


def test_a_worker_that_dies_between_the_post_and_the_note_has_it_told_again_under_the_same_id(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.enroll()
        (answer,) = taken(told)
        told.drip.tick()
        assert told.ids() == []
        told.pass_time(LEASE)

        assert told.ids() == [answer.delivery.webhook_id]


def test_an_answer_that_comes_after_the_lease_is_left_out(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.enroll()
        deliveries = told.drip._session.stores.deliveries  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
        receiver = deliveries.due(told.drip.now())[0]
        late = taken(told)
        told.clock.advance(LEASE)
        assert len(taken(told)) == 1
        deliveries.note(receiver, late, told.drip.now())

        assert told.drip.events.deliveries()[0].state == "waiting"


def test_each_delivery_is_one_workers(url: str) -> None:
    """Eight workers want all of them at once."""
    with telling(url, "lead.enrolled") as told:
        told.enroll()
        for number in range(1, 60):
            told.drip.add_lead(phone=f"60123457{number:03}", triggers=["WARM"])
        opened = [told.opened() for _ in range(4)]
        threads = [threading.Thread(target=drip.tick) for drip in opened]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for drip in opened:
            drip.close()

        assert len(told.ids()) == len(set(told.ids())) == 60


def test_a_receiver_that_hangs_holds_up_no_message_and_no_other_receiver(url: str) -> None:
    with telling(url, "lead.enrolled", "record.completed") as told, serving() as hanging:
        hanging.rude = hang
        told.drip.events.subscribe(hanging.url, ["lead.enrolled", "record.completed"])
        runner = threading.Thread(target=lambda: told.drip.run(poll=SECOND / 10))
        runner.start()
        for number in range(20):
            told.enroll(f"60123457{number:03}")
        told.clock.advance(SECOND)
        eventually(lambda: _moved_on(told) and len(told.fake.accepted) == 20 and len(set(told.ids())) == 40)
        told.drip.stop()
        told.clock.advance(timedelta(minutes=1))
        runner.join()

        assert hanging.connections >= 1


def _moved_on(told: Told) -> bool:
    told.clock.advance(SECOND)
    return True


def test_a_receiver_that_fails_is_tried_with_one_event_at_a_time_and_rests(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.endpoint.status = 503
        for number in range(30):
            told.enroll(f"60123457{number:03}")
        told.drip.tick()
        first = len(told.ids())
        told.drip.tick()
        resting = len(told.ids())
        told.pass_time(timedelta(seconds=6))

        assert (first, resting, len(told.ids())) == (POSTS_AT_ONCE, POSTS_AT_ONCE, POSTS_AT_ONCE + 1)


def test_a_receiver_that_asks_for_time_gets_it(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.endpoint.status, told.endpoint.headers = 429, {"retry-after": "3600"}
        told.enroll()
        told.drip.tick()
        told.pass_time(timedelta(minutes=59))
        assert len(told.ids()) == 1
        told.pass_time(timedelta(minutes=2))

        assert len(told.ids()) == 2


def test_an_event_is_given_up_after_three_days_and_can_be_told_again(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.endpoint.status = 500
        told.enroll()
        told.drip.tick()
        for _ in range(GIVE_UP_AFTER // SEVEN_HOURS + 1):
            told.pass_time(SEVEN_HOURS)
        given_up = told.drip.events.deliveries(state="given_up")
        told.endpoint.status = 200
        told.clock.advance(timedelta(minutes=6))
        assert told.drip.events.redeliver(given_up[0].id)
        told.drip.tick()

        assert [one.state for one in told.drip.events.deliveries()] == ["delivered"]
        assert set(told.ids()) == {given_up[0].webhook_id}


def test_a_subscription_that_takes_nothing_for_five_days_is_disabled_until_a_person_lets_it_go_on(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.endpoint.status = 500
        for number in range(DISABLE_AFTER // SEVEN_HOURS + 2):
            told.enroll(f"60123457{number:03}")
            told.pass_time(SEVEN_HOURS)
        disabled = told.subscription()
        told.enroll("60123458999")
        told.endpoint.status = 200
        told.drip.events.change(told.id, paused=False)
        told.enroll("60123458998")

        assert disabled.status is SubscriptionStatus.DISABLED
        assert (disabled.reason or "").startswith("it took nothing for 5 days: the receiver answered 500")
        assert told.subscription().failing_since is None
        told.drip.tick()
        assert told.subscription().waiting < disabled.waiting + 1


def test_a_receiver_that_is_gone_is_told_nothing_more(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.endpoint.status = 410
        told.enroll()
        told.drip.tick()

        assert told.subscription().status is SubscriptionStatus.DISABLED
        assert (told.subscription().reason or "").startswith("its receiver is gone")
        assert [trouble.thing for trouble in told.drip.alerts.all()] == [f"subscription {told.id}"]


def test_what_happens_during_a_pause_is_not_told_and_what_waited_goes_on(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.enroll()
        told.drip.events.change(told.id, paused=True)
        told.drip.tick()
        told.enroll("60123458999")
        told.drip.events.change(told.id, paused=False)
        assert told.ids() == []
        told.drip.tick()

        assert [one["data"]["lead_id"] for one in told.events()] == [1]


def test_an_ended_subscription_is_told_nothing_and_is_not_there(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.enroll()
        assert told.drip.events.end(told.id)
        told.drip.tick()

        assert (told.ids(), told.drip.events.subscriptions(), told.drip.events.deliveries()) == ([], [], [])
        assert not told.drip.events.end(told.id)
        with pytest.raises(InvalidSubscription, match="There is no subscription"):
            told.drip.events.rotate(told.id)


def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        fresh = told.drip.events.rotate(told.id).secret
        told.enroll()
        told.drip.tick()
        told.clock.advance(BOTH_FOR)
        told.enroll("60123458999")
        told.drip.tick()
        (headers, body), (later, later_body) = told.endpoint.requests

        assert fresh != told.secret
        assert Webhook(fresh).verify(body, headers) == Webhook(told.secret).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(told.secret).verify(later_body, later)


def test_a_ping_says_at_once_what_the_receiver_answered(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        taken_one = asyncio.run(told.drip.events.send_ping(told.id))
        told.endpoint.status = 401
        refused = asyncio.run(told.drip.events.send_ping(told.id))

        assert [one["type"] for one in told.events()] == ["ping", "ping"]
        assert (taken_one.state, taken_one.status_code) == ("delivered", 200)
        assert (refused.state, refused.error) == ("given_up", "the receiver answered 401: ok")


def test_a_receiver_in_ones_own_network_is_not_told_unless_that_is_wanted(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.enroll()
        careful = EventSigning(MASTER)
        with Dripline(url, clock=told.clock, channels={"console": FakeChannel()}, posting=careful) as drip:
            drip.tick()
            told_why = drip.events.deliveries()[0].error
            with pytest.raises(InvalidSubscription, match="not public"):
                drip.events.subscribe(told.endpoint.url, ["lead.enrolled"])

        assert told.ids() == []
        assert told_why == "the receiver was not posted to: its name leads to an address that is not public"


def test_deliveries_are_listed_page_by_page(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        for number in range(5):
            told.enroll(f"60123457{number:03}")
        first = told.drip.events.deliveries(told.id, most=3)
        rest = told.drip.events.deliveries(told.id, state="waiting", after=first[-1].id)

        assert [one.id for one in (*first, *rest)] == [5, 4, 3, 2, 1]
        assert told.drip.events.deliveries(told.id + 1) == told.drip.events.deliveries(-1) == []
        assert not told.drip.events.redeliver(first[0].id)
        with pytest.raises(InvalidSubscription, match="given_up"):
            told.drip.events.deliveries(state="lost")


def test_no_more_are_taken_at_once_than_can_be_answered_within_their_lease() -> None:
    assert timedelta(seconds=POST_TIMEOUT) * 3 < LEASE


def test_ids_are_nobody_elses_on_another_database(url: str) -> None:
    """Another subscription's secret proves nothing, and another one's ids are not its own."""
    with telling(url, "lead.enrolled") as told:
        other = told.drip.events.subscribe(told.endpoint.url, ["lead.enrolled"])

        assert other.secret != told.secret
        assert other.subscription.id != told.id
        assert POSTING.secret_of(told.id, 1) == told.secret
        assert MASTER not in repr(POSTING)
        assert PHONE not in str(told.drip.events.deliveries())
