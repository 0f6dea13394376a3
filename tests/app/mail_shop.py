"""A shop that writes mails and messages to its leads."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dripline import AddressKind, Dripline, FakeChannel, Plan, Sequence, Step, VirtualClock

PHONE = "60123456780"
OTHER = "60123456781"
MAIL = "aina@example.com"
DAY = timedelta(days=1)


class Shop:
    """A shop that writes mails and messages."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = VirtualClock(datetime(2026, 1, 5, tzinfo=UTC))
        self.mails, self.phones = (
            FakeChannel(address_kind=AddressKind.EMAIL),
            FakeChannel(address_kind=AddressKind.PHONE),
        )
        self.drip = Dripline(url, clock=self.clock, channels={"mail": self.mails, "wa": self.phones})

    def apply(self, name: str = "S", channel: str = "mail", **rules: Any) -> None:  # noqa: ANN401  (its own)
        """Apply a sequence of two steps a day apart, which starts on T."""
        self.drip.apply(_sequence(name, channel, rules))

    def plan(self, name: str = "S", channel: str = "mail", *, reach: str = "new", **rules: Any) -> Plan:  # noqa: ANN401  (its own)
        """Say what applying it would do."""
        return self.drip.plan(_sequence(name, channel, rules), reach=reach)

    def days(self, many: int = 3) -> None:
        """Let days go by."""
        for _ in range(many):
            self.drip.tick()
            self.clock.advance(DAY)

    def sent(self) -> list[tuple[str, str]]:
        """Let days go by and return what went where, in order of addresses and texts; the doctor finds nothing."""
        self.days()
        assert self.drip.verify() == []
        return sorted((one.to, one.text) for channel in (self.mails, self.phones) for one in channel.accepted)


def _sequence(name: str, channel: str, rules: dict[str, Any]) -> Sequence:
    steps = [Step(f"{name} one"), Step(f"{name} two", "1d")]
    settings: dict[str, Any] = {"trigger": "T", "channel": channel, "steps": steps, **rules}
    return Sequence(name, **settings)
