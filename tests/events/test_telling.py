"""What happens is told to whoever subscribed to it, in the transaction in which it happens, and to nobody else."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from receiver import MASTER, PHONE, POSTING, telling

from dripline import Dripline, EventType, FakeChannel, Rejected, Sender, Sequence, Step, VirtualClock
from dripline.core.events.event import DELIVERY_RETENTION
from dripline.errors import InvalidSettings, InvalidSubscription
from dripline.importing.leads.upload import Upload
from support.meta import MetaDouble, posted, take

EVERYTHING = tuple(EventType)


def test_a_run_is_told_from_its_beginning_to_its_end(url: str) -> None:
    with telling(url, *EVERYTHING) as told:
        told.enroll(steps=2)
        told.drip.tick()
        told.pass_time(timedelta(hours=12))

        assert sorted(told.types()) == ["enrollment.ended", "lead.enrolled", "record.completed", "record.completed"]


def test_an_event_is_signed_and_names_things_by_their_ids(url: str) -> None:
    with telling(url, "record.completed") as told:
        told.enroll()
        at = told.drip.now()
        told.drip.tick()
        record = told.drip.records()[0]

        assert told.events() == [
            {
                "type": "record.completed",
                "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "data": {
                    "lead_id": record.lead_id,
                    "enrollment_id": record.enrollment_id,
                    "record_id": record.id,
                    "sequence": "Warm",
                    "step": 1,
                },
            }
        ]


def test_only_what_was_asked_for_is_told(url: str) -> None:
    with telling(url, "enrollment.ended") as told:
        told.enroll()
        told.drip.tick()

        assert [(one["type"], one["data"]["reason"]) for one in told.events()] == [("enrollment.ended", "completed")]


def test_a_failed_record_says_why(url: str) -> None:
    with telling(url, "record.failed", fake=FakeChannel([Rejected("no such number")])) as told:
        told.enroll()
        told.drip.tick()

        assert [one["data"]["reason"] for one in told.events()] == ["the provider refused the message: no such number"]


def test_replies_and_opt_outs_are_told_without_a_word_of_them(url: str) -> None:
    with telling(url, "lead.replied", "lead.opted_out", "lead.opted_in") as told:
        told.enroll()
        told.drip.inbox.receive("Hello there", phone=PHONE)
        told.drip.inbox.receive("STOP", phone=PHONE)
        told.drip.opt_out(phone=PHONE)
        told.drip.opt_in(phone=PHONE)
        told.drip.tick()

        assert sorted(told.types()) == ["lead.opted_in", "lead.opted_out", "lead.replied"]
        assert all([*one["data"]] == ["lead_id"] for one in told.events())


def test_what_a_lead_wrote_is_told_only_to_who_asks_for_it(url: str) -> None:
    with telling(url, "message.received") as told:
        told.enroll()
        told.drip.inbox.receive("How much, please?", phone=PHONE)
        told.drip.events.change(told.drip.events.subscriptions()[0].id, with_text=True)
        told.drip.inbox.receive("stop it now", phone=PHONE)
        told.drip.tick()
        # Posts of one subscription are under way at once, and come in any order.
        plain, with_text = sorted((one["data"] for one in told.events()), key=len)

        assert sorted(plain) == ["class", "lead_id", "message_id"]
        assert (with_text["text"], with_text["class"]) == ("stop it now", "near_stop")
        assert with_text["reason"] == "it holds 'stop', and 2 words beside"


def test_a_lead_that_an_undone_import_takes_with_it_is_told_as_forgotten(url: str, tmp_path: Path) -> None:
    upload = Upload(tmp_path / "list.csv", "list.csv")
    upload.path.write_text(f"phone,trigger\n{PHONE},WARM\n")
    with telling(url, "lead.forgotten") as told:
        begun = told.drip.imports.begin(upload)
        told.drip.imports.run(begun, upload)
        (lead,) = told.drip.leads.with_address(phone=PHONE)
        told.drip.imports.undo(begun.id)
        told.drip.tick()

        assert [one["data"] for one in told.events()] == [{"lead_id": lead.id}]


def test_what_happens_to_senders_is_told(url: str) -> None:
    with telling(url, "sender.paused", "sender.resumed", "sender.archived") as told:
        told.drip.senders.apply(Sender("jb-1", channel="console"))
        told.drip.senders.pause("jb-1", reason="on leave")
        told.drip.senders.resume("jb-1")
        told.drip.senders.archive("jb-1")
        told.drip.tick()

        assert {(one["type"], one["data"]["sender"]) for one in told.events()} == {
            ("sender.paused", "jb-1"),
            ("sender.resumed", "jb-1"),
            ("sender.archived", "jb-1"),
        }


def test_every_thing_that_happens_to_a_sender_has_a_type() -> None:
    """They are made of the words in `sender_events`: a new word there needs a type here."""
    words = ("paused", "resumed", "broken", "recovered", "archived", "answers only")

    assert {f"sender.{word.replace(' ', '_')}" for word in words} == {
        kind for kind in EventType if kind.startswith("sender.")
    }


def test_how_far_a_message_came_is_told_later(url: str) -> None:
    with telling(url, "record.delivery") as told:
        channels = {"whatsapp": MetaDouble(lambda _: None)}
        with Dripline(told.url, clock=told.clock, channels=channels, posting=POSTING) as drip:
            drip.apply(Sequence("Chat", trigger="CHAT", channel="whatsapp", steps=[Step("Hi")]))
            drip.add_lead(phone=PHONE, triggers=["CHAT"])
            drip.tick()
            record = drip.records()[0]
            at = int(told.clock.now().timestamp())
            status = {"id": f"fake-{record.id}-1", "status": "read", "timestamp": str(at), "recipient_id": PHONE}
            value = {"statuses": [status | {"biz_opaque_callback_data": str(record.id)}]}
            assert take(drip, posted(value, at=at))
            drip.tick()

        assert [(e["data"]["record_id"], e["data"]["outcome"]) for e in told.events()] == [(record.id, "read")]


def test_a_forgotten_lead_is_told_by_its_id_and_nothing_else_of_it_is_kept(url: str) -> None:
    with telling(url, "lead.enrolled", "lead.forgotten") as told:
        told.enroll()
        told.drip.leads.exit(phone=PHONE)
        told.drip.leads.forget(phone=PHONE)
        told.drip.tick()

        assert told.types() == ["lead.forgotten"]


def test_an_event_and_its_fact_are_one_transaction(url: str) -> None:
    """Whatever undoes what happened undoes that it is told."""
    with telling(url, "lead.enrolled") as told:
        told.enroll()
        with suppress(InvalidSubscription), told.drip._session.stores.store.transaction():  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
            told.drip.add_lead(phone="60123456788", triggers=["WARM"])
            assert len(told.drip.events.deliveries()) == 2
            raise InvalidSubscription("undo")

        assert len(told.drip.events.deliveries()) == 1


def test_what_happened_before_anybody_subscribed_is_not_told(url: str) -> None:
    with Dripline(url, channels={"console": FakeChannel()}, posting=POSTING) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")]))
        drip.add_lead(phone=PHONE, triggers=["WARM"])
        drip.tick()
        drip.events.subscribe("http://127.0.0.1:9999/", ["record.completed"])

        assert drip.events.deliveries() == []


def test_another_process_tells_for_a_new_subscription_within_seconds(url: str) -> None:
    with telling(url, "lead.replied") as told, told.opened() as other:
        told.enroll()
        other.inbox.receive("before it asks", phone=PHONE)
        told.drip.events.change(told.id, types=["lead.enrolled"])
        told.clock.advance(timedelta(seconds=6))
        other.add_lead(phone="60123456788", triggers=["WARM"])

        assert [one.type for one in told.drip.events.deliveries()] == ["lead.enrolled", "lead.replied"]


def test_two_subscriptions_are_each_told(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.drip.events.subscribe(told.endpoint.url, ["lead.enrolled"])
        told.enroll()
        told.drip.tick()

        assert len(set(told.ids())) == 2


def test_deliveries_are_let_go_after_thirty_days(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        told.enroll()
        told.drip.tick()
        told.pass_time(DELIVERY_RETENTION - timedelta(minutes=1))
        assert len(told.drip.events.deliveries()) == 1
        told.pass_time(timedelta(hours=1))

        assert told.drip.events.deliveries() == []


def test_without_a_secret_nobody_subscribes_and_one_sentence_says_what_to_set(drip: Dripline) -> None:
    with pytest.raises(InvalidSettings, match="set DRIPLINE_WEB_SECRET"):
        drip.events.subscribe("https://crm.example.com/", ["lead.replied"])


def test_no_secret_is_stored(url: str) -> None:
    with telling(url, "lead.enrolled") as told:
        rows = [*told.drip._session.database.run("all_subscriptions", subscription_id=None)]  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

        assert told.secret not in str(rows)
        assert MASTER not in str(rows)


@pytest.mark.parametrize("types", [[], ["record.vanished"], ["ping"]])
def test_a_type_that_is_never_told_is_refused(url: str, clock: VirtualClock, types: list[str]) -> None:
    with (
        Dripline(url, clock=clock, posting=POSTING) as drip,
        pytest.raises(InvalidSubscription, match=r"lead\.enrolled"),
    ):
        drip.events.subscribe("https://crm.example.com/", types)
