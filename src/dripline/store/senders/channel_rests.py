"""Channels that rest, as far as messages go by them without a sender."""

from datetime import datetime

from dripline.core.senders.channel_rest import WELL, ChannelRest
from dripline.store.database.database import Database
from dripline.store.reasons import NO_REASON, reason_of, stored
from dripline.store.rows import instant_or_none


class ChannelRests:
    """Reads and writes how channels rest, on one database; call within a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, channel: str) -> ChannelRest:
        """Return how a channel stands."""
        rows = self._database.run("channel_rest", channel=channel)
        if not rows:
            return WELL
        row = rows[0]
        return ChannelRest(
            failures=row["failures"],
            trips=row["trips"],
            until=instant_or_none(row["rest_until"]),
            reason=reason_of(row),
        )

    def take_trial(self, channel: str, now: datetime, until: datetime) -> bool:
        """Take the one message that is tried when a rest is over; false where another worker has it."""
        return bool(self._database.run("take_channel_trial", channel=channel, now=now, until=until))

    def write(self, channel: str, rest: ChannelRest) -> None:
        """Write down how a channel stands."""
        if rest == WELL:
            self._database.change("forget_channel_rest", channel=channel)
            return
        reason = NO_REASON if rest.reason is None else stored(rest.reason)
        self._database.change(
            "keep_channel_rest",
            channel=channel,
            failures=rest.failures,
            trips=rest.trips,
            until=rest.until,
            code=reason["code"],
            facts=reason["facts"],
        )
