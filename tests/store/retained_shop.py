"""A shop that keeps what has ended for some days."""

from datetime import timedelta

from dripline import Dripline, VirtualClock, Workspace
from dripline.core.events.posting import EventSigning

SECRET = EventSigning("a-secret-of-thirty-two-characters")
DAY = timedelta(days=1)
PHONES = [f"601234567{number:02}" for number in range(5)]


def go_through(drip: Dripline, clock: VirtualClock, phones: list[str]) -> None:
    """Let leads begin, and go through both steps."""
    for phone in phones:
        drip.add_lead(phone=phone, name="Aina", triggers=["WARM"])
    for _ in range(3):
        drip.tick()
        clock.advance(timedelta(hours=12))


def upkeep(drip: Dripline, clock: VirtualClock) -> None:
    """Run passes until there is nothing old; the first may only see that the clock jumped."""
    for _ in range(3):
        drip.tick()
        clock.advance(timedelta(hours=1))


def put_away(drip: Dripline, clock: VirtualClock) -> None:
    """Let a hundred days go by with 60 days kept."""
    drip.workspace.apply(Workspace(keep="60d"))
    clock.advance(100 * DAY)
    upkeep(drip, clock)
