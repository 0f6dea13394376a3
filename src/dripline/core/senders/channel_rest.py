"""How a channel rests that gave out, as far as messages go by it without a sender; a sender's lane keeps its own rest.

It breaks as a lane does: after so many messages in a row that were not taken, or one answer that says that the account
cannot send. When its rest is over one message is tried, by one worker, and if that is taken everything goes on.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.reason import Reason
from dripline.core.senders.lane import BREAK_LIMIT, Answer, AnswerKind, failing, is_breaking, streak_after


@dataclass(frozen=True, slots=True)
class ChannelRest:
    """What is known of a channel that is not well.

    `failures`: messages in a row that were not taken; `trips`: how often it broke since it was last well; `until`: when
    it is tried again, None as long as it has not broken.
    """

    failures: int = field(default=0, kw_only=True)
    trips: int = field(default=0, kw_only=True)
    until: datetime | None = field(default=None, kw_only=True)
    reason: Reason | None = field(default=None, kw_only=True)


WELL = ChannelRest()


class Breaker:
    """Counts the answers of one channel in one process, and says when nothing more is to be sent through it."""

    def __init__(self, first_rest: timedelta, after: int) -> None:
        self._first_rest, self._after = first_rest, after
        self._stored = self._rest = WELL
        self._is_trying = False
        self.is_broken = False

    @property
    def is_breaking(self) -> bool:
        """Whether it broke, and the database does not know it yet."""
        return self.is_broken and self._rest != self._stored

    def begin(self, stored: ChannelRest, *, is_trying: bool) -> None:
        """Begin with what the database says, and with one message on trial where its rest is over."""
        if not is_trying and self._rest != self._stored:
            return  # this process knows more
        self._stored = self._rest = stored
        self._is_trying, self.is_broken = is_trying, False

    def hear(self, answer: Answer, now: datetime) -> None:
        """Take in an answer, in the order in which they come."""
        failures = streak_after(self._rest.failures, answer)
        if is_breaking(failures, answer, is_trying=self._is_trying, after=self._after):
            self._break(answer, failures, now)
        elif answer.kind is AnswerKind.SOUND:
            self._rest, self._is_trying, self.is_broken = WELL, False, False
        elif not self.is_broken:
            self._rest = ChannelRest(failures=failures, trips=self._rest.trips)

    def untold(self) -> ChannelRest | None:
        """Return what is to be written, if anything; `WELL` where nothing is to be kept."""
        return self._rest if self._rest != self._stored else None

    def told(self, rest: ChannelRest) -> str | None:
        """Take something as written, and return what a person should know of: that it broke, or is well again."""
        before, self._stored = self._stored, rest
        if rest.until is not None and rest != before:
            return "broken"
        return "recovered" if rest == WELL and before.until is not None else None

    def _break(self, answer: Answer, failures: int, now: datetime) -> None:
        if self.is_broken:
            return  # what was on its way when it broke says nothing more
        trips = self._rest.trips
        rest = answer.rest or self._first_rest
        if answer.kind is not AnswerKind.HELD:
            rest = min(BREAK_LIMIT, self._first_rest * 2 ** min(trips, 16))
        reason = answer.reason or failing(failures, answer, is_trying=self._is_trying)
        # A time that has passed is none: the same record would be tried again and again within one pass.
        until = answer.until if answer.until is not None and answer.until > now else now + rest
        self._rest = ChannelRest(trips=trips + 1, until=until, reason=reason)
        self._is_trying, self.is_broken = False, True
