"""Senders that may only answer, on one database: who is cold to them, and what refusals and a lead's word do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from dripline.core.reason import Reason, ReasonCode
from dripline.core.senders.lane import SLOW_TURNS
from dripline.core.senders.reply_only import WARM_LIMIT, WARM_SPAN, cold_rest, is_warm
from dripline.core.senders.sender import SenderStatus
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.enrollments.store import SECOND, Fields, Store, keys
from dripline.store.outbox import note_sender_events
from dripline.store.reasons import stored


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A sender and a person that it would write to: what the provider tells apart."""

    sender_id: int
    channel: str = field(kw_only=True)
    account: str | None = field(kw_only=True)
    address: str = field(kw_only=True)


class Cold:
    """Which senders may only answer, and who is cold to them. Call all of it inside a transaction."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def let_go_on(self, channel: str, account: str, leads: Iterable[int], now: datetime) -> int:
        """Let what waits for leads to write to an account go on; returns how many records."""
        self._store.hold(row["id"] for row in self._database.run("live_enrollments", leads=keys(leads), sequence=None))
        freed = self._database.run("answer_waiting", channel=channel, account=account, leads=keys(leads), now=now)
        if freed:
            held = self._store.spacing.hold_back(keys(row["id"] for row in freed), now)
            moved: dict[str, Fields] = {
                str(row["id"]): {
                    "delay": (instant(row["next_trigger_time"]) - now) // SECOND,
                    **stored(Reason.of(ReasonCode.LEAD_WROTE)),
                }
                for row in freed
                if row["id"] not in held
            }
            self._database.change("note_moves", records=moved, now=now)
            self._database.notify()
        return len(freed)

    def enroll_invited(self, leads: Iterable[int], now: datetime) -> int:
        """Enroll leads that have just written in what their triggers start; returns how many enrollments that makes."""
        who = keys(leads)
        return self._store.enroll("enroll_leads", now, leads=who, import_id=None) if who else 0

    def warm(self, pairs: Iterable[Pair]) -> set[Pair]:
        """Return the pairs whose person wrote to that sender, and since it was refused them if it was."""
        return set(self._warm(pairs))

    def rests(self, senders: Iterable[int], now: datetime) -> dict[int, datetime]:
        """Return until when senders write to nobody cold that were refused somebody just now."""
        rows = self._database.run("cold_senders", senders=keys(senders))
        return {row["id"]: _cold_until(row, now) for row in rows}

    def refuse(self, refused: Iterable[Pair], rests: Mapping[int, datetime], now: datetime) -> None:
        """Write that senders were refused people; one that was refused enough warm ones is paused."""
        pairs = set(refused)
        warm = self.warm(pairs)
        rows = {
            f"{pair.sender_id}:{pair.address}": {"sender": pair.sender_id, "address": pair.address, "had_written": had}
            for pair in sorted(pairs, key=lambda pair: (pair.sender_id, pair.address))
            for had in (int(pair in warm),)
        }
        self._database.change("note_refused_contacts", refused=rows, now=now)
        frozen = {str(sender): {"rest": (until - now) // SECOND} for sender, until in rests.items()}
        events: dict[str, Fields] = {
            str(row["id"]): {"event": "answers only", **stored(_cold(rests[row["id"]]))}
            for row in self._database.run("freeze_senders", senders=frozen, now=now)
        }
        for row in self._database.run("refused_warmly", senders=frozen, since=now - WARM_SPAN, many=WARM_LIMIT):
            self._database.change(
                "set_sender_status",
                sender_id=row["id"],
                status=str(SenderStatus.PAUSED),
                **stored(_WARM_REFUSED),
                slow=SLOW_TURNS,
                now=now,
            )
            events[str(row["id"])] = {"event": "paused", **stored(_WARM_REFUSED)}
        if events:
            note_sender_events(self._database, events, now)

    def lift(self, senders: Iterable[int], now: datetime) -> None:
        """Let senders write to new contacts again: the provider accepted one such message."""
        lifted = self._database.run("thaw_senders", senders=keys(senders))
        if lifted:
            event = {"event": "recovered", **stored(Reason.of(ReasonCode.COLD_RECOVERED))}
            note_sender_events(self._database, {str(row["id"]): event for row in lifted}, now)

    def _warm(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Yield warm pairs, sender by sender."""
        in_order = sorted(pairs, key=lambda pair: (pair.sender_id, pair.address))
        for sender_id, of_sender in groupby(in_order, key=lambda pair: pair.sender_id):
            mine = list(of_sender)
            who = keys(pair.address for pair in mine)
            written = self._written(mine[0], who)
            if written:
                rows = self._database.run("last_refused", sender_id=sender_id, addresses=who)
                refused = {row["address"]: instant(row["refused_at"]) for row in rows}
                yield from (p for p in mine if is_warm(written.get(p.address), refused.get(p.address)))

    def _written(self, of: Pair, who: dict[str, None]) -> dict[str, datetime]:
        if of.account is None:
            return {}
        rows = self._database.run("last_written", channel=of.channel, addresses=who)
        return {row["address"]: instant(row["last_written_at"]) for row in rows if row["account"] == of.account}


_WARM_REFUSED = Reason.of(ReasonCode.WARM_REFUSED, people=WARM_LIMIT)
"""Why a sender is paused that may not even answer."""


def _cold(until: datetime) -> Reason:
    return Reason.of(ReasonCode.COLD, until=f"{until:%Y-%m-%d %H:%M} UTC")


def _cold_until(row: Row, now: datetime) -> datetime:
    until = instant_or_none(row["cold_until"])
    return until if until is not None and until > now else now + cold_rest(row["cold_trips"])
