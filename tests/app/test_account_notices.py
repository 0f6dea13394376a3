"""What a provider says of templates and accounts: steps stop and go on, and operators are told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dripline import Dripline, Sequence, Step, Template, VirtualClock
from support.meta import MetaDouble, posted, take

START = datetime(2026, 11, 28, 8, tzinfo=UTC)
STATUS = "message_template_status_update"
PHONE = "60123456789"


class Shop:
    """One step that goes by a template."""

    def __init__(self, url: str) -> None:
        self.clock = VirtualClock(START)
        self.provider = MetaDouble(window=timedelta(hours=24))
        self.drip = Dripline(url, clock=self.clock, channels={"whatsapp": self.provider})
        steps = [Step("Hi", template=Template("order_confirmation", language="en_US"))]
        self.drip.apply(Sequence("Orders", trigger="ORDER", channel="whatsapp", steps=steps))
        self.drip.add_lead(phone=PHONE, triggers=["ORDER"])

    def post(self, field: str, value: dict[str, Any], *, seconds: int = 0) -> None:
        assert take(self.drip, posted(value, field=field, at=int(START.timestamp()) + seconds))
        self.drip.inbox.process()

    def template(
        self, event: str, *, seconds: int = 0, language: str = "en-US", name: str = "order_confirmation"
    ) -> None:
        told = {"message_template_name": name, "message_template_language": language, "reason": "NONE"}
        self.post(STATUS, {"event": event, "message_template_id": 1, **told}, seconds=seconds)

    @property
    def sent(self) -> int:
        self.drip.tick()
        return len(self.provider.offered)

    @property
    def told(self) -> list[str]:
        return [trouble.told for trouble in self.drip.alerts.all()]


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    made = Shop(url)
    with made.drip:
        yield made


@pytest.mark.parametrize("language", ["en-US", "en_US", "EN_us"])
@pytest.mark.parametrize(
    "event", ["PAUSED", "DISABLED", "REJECTED", "DELETED", "PENDING_DELETION", "ARCHIVED", "LIMIT_EXCEEDED", "paused"]
)
def test_a_template_that_may_not_be_sent_stops_its_step_until_it_may(shop: Shop, event: str, language: str) -> None:
    shop.template(event, language=language)
    assert shop.sent == 0
    assert shop.told == [
        (
            f"Step 1 of 'Orders' is paused for everyone: the provider says that the template order_confirmation is "
            f"{event.upper()}. Correct its text and apply it."
        )
    ]

    shop.template("APPROVED", language=language, seconds=60)
    assert (shop.sent, shop.told) == (1, [])


@pytest.mark.parametrize("event", ["FLAGGED", "LOCKED", "UNLOCKED", "UNARCHIVED", "A_STATE_OF_NEXT_YEAR"])
def test_a_template_at_risk_goes_on_and_is_told(shop: Shop, event: str) -> None:
    shop.template(event)

    assert shop.sent == 1
    assert shop.told == [
        (
            "The provider of whatsapp says of your account: the template order_confirmation (en-US) is "
            f"{event}. Look at the account there."
        )
    ]
    shop.template("APPROVED", seconds=60)
    assert shop.told == []


def test_what_is_older_undoes_nothing(shop: Shop) -> None:
    shop.template("PAUSED", seconds=60)
    shop.template("APPROVED", seconds=0, language="en_US")
    assert shop.sent == 0

    shop.template("APPROVED", seconds=120)
    shop.template("PAUSED", seconds=90)
    assert (shop.sent, shop.told) == (1, [])


def test_a_template_of_another_language_or_name_is_another(shop: Shop) -> None:
    shop.template("PAUSED", language="en_GB")
    shop.template("PAUSED", name="order")

    assert shop.sent == 1


def test_what_was_archived_goes_on_when_it_is_no_more(shop: Shop) -> None:
    shop.template("ARCHIVED")
    shop.template("UNARCHIVED", seconds=60)
    assert shop.sent == 1


def test_what_was_paused_stays_so_when_it_was_not_archived(shop: Shop) -> None:
    shop.template("PAUSED")
    shop.template("UNARCHIVED", seconds=60)
    assert shop.sent == 0


NOTICES: list[tuple[str, dict[str, Any], str]] = [
    ("phone_number_quality_update", {"display_phone_number": "15550783881", "event": "DOWNGRADE",
     "current_limit": "TIER_250"}, "phone number quality update: event DOWNGRADE, current limit TIER_250"),
    ("phone_number_quality_update", {"display_phone_number": "15550783881", "event": "UPGRADE",
     "current_limit": "TIER_10K"}, "phone number quality update: event UPGRADE, current limit TIER_10K"),
    ("account_update", {"event": "ACCOUNT_DELETED"}, "account update: event ACCOUNT_DELETED"),
    ("account_update", {"event": "ACCOUNT_DISABLED", "phone_number": "15550783881"},
     "account update: event ACCOUNT_DISABLED"),
    ("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}},
     "account update: event DISABLED_UPDATE, waba ban state DISABLE"),
    ("account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [
        {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1}]},
     "account update: event ACCOUNT_RESTRICTION, restriction type RESTRICTED_BIZ_INITIATED_MESSAGING, expiration 1"),
    ("business_capability_update", {"max_daily_conversation_per_phone": 250, "max_phone_numbers_per_business": 2},
     "business capability update: max daily conversation per phone 250, max phone numbers per business 2"),
    ("message_template_quality_update", {"previous_quality_score": "GREEN", "new_quality_score": "RED",
     "message_template_name": "order_confirmation", "message_template_language": "en-US"},
     ("message template quality update: previous quality score GREEN, new quality score RED, message template name "
     "order_confirmation, message template language en-US")),
    ("account_review_update", {"decision": "REJECTED"}, "account review update: decision REJECTED"),
    ("account_alerts", {"alert_type": "OBA_APPROVED", "alert_description": "words of 60123456789"},
     "account alerts: alert type OBA_APPROVED"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "told"), NOTICES)
def test_what_is_said_of_an_account_reaches_operators(
    shop: Shop, caplog: pytest.LogCaptureFixture, field: str, value: dict[str, Any], told: str
) -> None:
    alerts: list[str] = []
    shop.post(field, value)
    shop.drip.alerts.send(lambda text: alerts.append(text) is None)

    assert shop.told == [f"The provider of whatsapp says of your account: {told}. Look at the account there."]
    assert told in alerts[0]
    assert "15550783881" not in alerts[0] + caplog.text
    assert "60123456789" not in alerts[0] + caplog.text


def test_a_later_notice_takes_the_place_of_an_earlier_one_and_is_over_in_time(shop: Shop) -> None:
    quality = {"display_phone_number": "15550783881", "current_limit": "TIER_250"}
    shop.post("phone_number_quality_update", {**quality, "event": "FLAGGED"}, seconds=60)
    shop.post("phone_number_quality_update", {**quality, "event": "UPGRADE"}, seconds=30)
    assert ["FLAGGED" in told for told in shop.told] == [True]
    shop.clock.advance(timedelta(days=2))
    assert len(shop.told) == 1

    shop.post("phone_number_quality_update", {**quality, "event": "UNFLAGGED"}, seconds=90)
    assert ["UNFLAGGED" in told for told in shop.told] == [True]
    shop.clock.advance(timedelta(days=1))
    assert shop.told == []


def test_echoes_and_histories_leave_nothing_in_a_log(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    said = {
        "from": "15550783881",
        "to": PHONE,
        "id": "e",
        "timestamp": "1",
        "type": "text",
        "text": {"body": "Zorbwords"},
    }
    shop.post("smb_message_echoes", {"message_echoes": [said]})
    shop.post("history", {"history": [{"threads": [{"id": PHONE, "messages": [said]}]}]})
    shop.post("a_field_of_next_year", {"messages": [said]})

    assert (shop.sent, shop.told) == (1, [])
    assert PHONE not in caplog.text
    assert "Zorbwords" not in caplog.text
