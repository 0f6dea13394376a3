"""What is asked of gateways beside sending, on one database. Each question is one worker's, and answered once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.reason import Reason, ReasonCode
from dripline.core.senders.health import Health, Unwell, Well, held_reason
from dripline.core.senders.lane import SLOW_TURNS
from dripline.core.senders.sender import SenderStatus
from dripline.errors import InvalidSender
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Fields, Store, keys
from dripline.store.outbox import note_sender_events
from dripline.store.reasons import stored


@dataclass(frozen=True, slots=True)
class Account:
    """A sender's account at a channel's provider."""

    sender_id: int
    sender: str = field(kw_only=True)
    channel: str = field(kw_only=True)
    account: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Turned:
    """A sender that was held or let go, and why."""

    sender: str
    event: str = field(kw_only=True)
    reason: Reason = field(kw_only=True)


class AccountChecks:
    """Takes questions and writes their answers."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def account_of(self, name: str) -> Account:
        """Return the account of a sender.

        Raises:
            InvalidSender: There is none of that name, it is archived, or it has no account.
        """
        with self._store.transaction():
            found = next(iter(self._database.run("find_sender", name=name)), None)
        if found is None or found["status"] == SenderStatus.ARCHIVED:
            raise InvalidSender(f"There is no sender {name!r} that could be paired: see dripline senders.")
        if found["account"] is None:
            raise InvalidSender(f"The sender {name!r} has no account: give it the id that its device is to have.")
        return Account(found["id"], sender=found["name"], channel=found["channel"], account=found["account"])

    def take_checks(self, channels: Iterable[str], every: timedelta, now: datetime) -> list[Account]:
        """Take the senders that are to be asked after: those of channels that nobody has asked after for so long."""
        with self._store.transaction():
            rows = self._database.run("take_checks", channels=keys(channels), before=now - every, now=now)
        return [Account(row["id"], sender=row["name"], channel=row["channel"], account=row["account"]) for row in rows]

    def note_health(self, found: Mapping[Account, Health], now: datetime) -> list[Turned]:
        """Hold senders whose accounts cannot send, and let those go on that were held for that and can again.

        A sender that a person paused is left to that person. Returns what it changed.
        """
        unwell = {
            account: held_reason(health, account.sender)
            for account, health in found.items()
            if isinstance(health, Unwell)
        }
        well = [account for account, health in found.items() if isinstance(health, Well)]
        if not unwell and not well:
            return []
        with self._store.transaction():
            ids = keys(account.sender_id for account in found)
            if self._database.dialect.locks:
                self._database.run("lock_lanes", lanes=ids)
            held = self._hold({str(account.sender_id): stored(reason) for account, reason in unwell.items()}, now)
            let_go = self._let_go([account.sender_id for account in well], now)
            turned = {
                account.sender_id: Turned(account.sender, event="paused", reason=unwell[account])
                for account in unwell
                if account.sender_id in held
            }
            turned |= {
                account.sender_id: Turned(account.sender, event="resumed", reason=Reason.of(ReasonCode.ACCOUNT_WELL))
                for account in well
                if account.sender_id in let_go
            }
            if turned:
                events = {str(sender): {"event": one.event, **stored(one.reason)} for sender, one in turned.items()}
                note_sender_events(self._database, events, now)
            if let_go:
                self._database.notify()
        return list(turned.values())

    def _hold(self, senders: dict[str, Fields], now: datetime) -> set[int]:
        if not senders:
            return set()
        return {row["id"] for row in self._database.run("hold_unwell", senders=senders, now=now)}

    def _let_go(self, senders: list[int], now: datetime) -> set[int]:
        if not senders:
            return set()
        return {row["id"] for row in self._database.run("let_well", senders=keys(senders), slow=SLOW_TURNS, now=now)}
