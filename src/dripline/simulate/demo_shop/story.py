"""The sample's story: who comes in when, what the people of the shop do on which day, and what fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dripline.app import Dripline
from dripline.core.leads.lead import NewLead
from dripline.core.planning.reach import Reach
from dripline.simulate.demo_shop.channel import Absence, Plot, Refusal
from dripline.simulate.demo_shop.people import arrivals, lead
from dripline.simulate.demo_shop.roles import BY_PHONE, PLACED, Placed, fates
from dripline.simulate.demo_shop.seeded_choice import share
from dripline.simulate.demo_shop.shop import (
    BRANCH,
    BULLETIN_NAME,
    CHANNEL,
    CLASS,
    ENROLLED,
    ENROLMENT_DESK,
    FARID,
    HOLIDAY_NAME,
    ZONE,
    bulletin,
)

DAYS = 5
"""How long the sample's story is."""

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)

_ENROLS = 0.06
"""How many of the leads become customers."""

_STRANGERS = ("+60170199990", "+60170199991", "+60170199992")
"""Who asked never to be written to before they were leads."""

ON_LEAVE = "on leave until Monday"


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """Something that somebody does at an instant."""

    at: datetime
    do: Callable[[Dripline], object] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Story:
    """Five days that end at `end`, with so many leads."""

    end: datetime
    leads: int = field(kw_only=True)
    seed: int = field(kw_only=True)

    @property
    def start(self) -> datetime:
        """When it begins."""
        return self.end - DAYS * _DAY

    @property
    def outage(self) -> tuple[datetime, datetime]:
        """When no processor runs: an afternoon in the middle."""
        begins = self._local(3, 13)
        return begins, begins + 3 * _HOUR

    def plot(self) -> Plot:
        """Return what is decided beforehand: also the hours in which the branch's phone is offline."""
        away = self.end - 52 * _HOUR
        return Plot(
            fates=fates(),
            absences=(
                Absence(BRANCH, begins=away, ends=away + 4 * _HOUR),
                Absence(BRANCH, begins=self.end - 3 * _HOUR, ends=self.end + _HOUR),
            ),
            refusal=Refusal(BULLETIN_NAME, step=2, since=self.end - 24 * _HOUR),
        )

    def deeds(self) -> list[StoryEvent]:
        """Return everything that people do, in its order; of what happens at once, first who comes in."""
        return sorted([*self._arrivals(), *self._goals(), *self._of_the_shop(), *self._of_leads()], key=_when)

    def cut_off(self) -> list[NewLead]:
        """Return the leads whose message is on its way when the processor is switched off, at the very end."""
        return [self._lead(placed) for placed in PLACED.values() if placed.role.before == timedelta(0)]

    def _local(self, days: int, hour: int) -> datetime:
        """Return an hour of the clock, about so many days after the start."""
        local = (self.start + days * _DAY).astimezone(ZoneInfo(ZONE))
        return local.replace(hour=hour, minute=0, second=0)

    def _lead(self, placed: Placed) -> NewLead:
        return lead(placed.number, self.seed, placed.role.trigger)

    def _arrivals(self) -> Iterator[StoryEvent]:
        out_at = self.outage[0]
        for placed in PLACED.values():
            if placed.role.before != timedelta(0):
                at = placed.comes_at(self.start, self.end, out_at)
                yield StoryEvent(at, do=_adds([_without_day(self._lead(placed), placed)]))
        for at, numbers in arrivals(range(len(PLACED), self.leads), self.start, DAYS):
            yield StoryEvent(at, do=_adds([lead(number, self.seed) for number in numbers]))

    def _goals(self) -> Iterator[StoryEvent]:
        """Yield the families that pay: within three days of coming in, if there is time."""
        for at, numbers in arrivals(range(len(PLACED), self.leads), self.start, DAYS):
            for number in numbers:
                pays_at = at + _HOUR * round(3 + 69 * share(self.seed, "pays", number))
                if share(self.seed, "enrols", number) < _ENROLS and pays_at < self.end:
                    yield StoryEvent(pays_at, do=_adds([lead(number, self.seed, ENROLLED)]))

    def _of_the_shop(self) -> Iterator[StoryEvent]:
        """Yield what is done to senders and sequences."""
        for phone in _STRANGERS:
            yield StoryEvent(self.start, do=lambda drip, phone=phone: drip.opt_out(phone=phone, reason=BY_PHONE))
        yield StoryEvent(
            self.start, do=lambda drip: drip.pause(sequence=HOLIDAY_NAME, reason="the hall is not confirmed")
        )
        lunch = self._local(2, 12)
        yield StoryEvent(lunch, do=lambda drip: drip.senders.pause(ENROLMENT_DESK, reason="lunch"))
        yield StoryEvent(lunch + _HOUR, do=lambda drip: drip.senders.resume(ENROLMENT_DESK))
        yield StoryEvent(self.end - 60 * _HOUR, do=lambda drip: drip.apply(bulletin(messages=2), reach=Reach.ALL))
        yield StoryEvent(self.end - 50 * _HOUR, do=_forges)
        yield StoryEvent(self.end - 30 * _HOUR, do=_decides)
        yield StoryEvent(self.end - 20 * _HOUR, do=lambda drip: drip.senders.pause(FARID, reason=ON_LEAVE))

    def _of_leads(self) -> Iterator[StoryEvent]:
        """Yield what is done about single leads."""
        phones = {name: placed.phone for name, placed in PLACED.items()}
        begin, later = self.start, self.start + 30 * _HOUR
        suppressed, paused, out = phones["was barred before"], phones["is paused"], phones["is taken out"]
        yield StoryEvent(begin - timedelta(seconds=1), do=lambda drip: drip.opt_out(phone=suppressed, reason=BY_PHONE))
        yield StoryEvent(
            later, do=lambda drip: drip.pause(phone=paused, reason="asked to wait until after the school holidays")
        )
        yield StoryEvent(later, do=lambda drip: drip.leads.exit(phone=out, reason="enrolled her son at another centre"))
        yield StoryEvent(later, do=lambda drip: drip.opt_out(phone=phones["calls to stop"], reason=BY_PHONE))
        yield StoryEvent(later, do=lambda drip: drip.add_lead(phone=phones["enrols"], triggers=[ENROLLED]))
        yield StoryEvent(
            begin + 5 * _HOUR, do=lambda drip: drip.add_lead(phone=phones["enrols early"], triggers=[ENROLLED])
        )
        left, changed = phones["leaves class"], phones["changes class"]
        yield StoryEvent(begin + 4 * _HOUR, do=lambda drip: drip.leads.remove_trigger(CLASS, phone=left))
        yield StoryEvent(begin + 6 * _HOUR, do=lambda drip: drip.add_lead(phone=changed, triggers=[CLASS]))


def _when(deed: StoryEvent) -> datetime:
    return deed.at


def _adds(leads: list[NewLead]) -> Callable[[Dripline], object]:
    return lambda drip: drip.add_leads(leads)


def _without_day(new: NewLead, placed: Placed) -> NewLead:
    """Return a lead of which nobody noted the day of its class, where that is its role."""
    if placed.name != "no class day":
        return new
    return NewLead(new.phone, name=new.name, triggers=new.triggers)


def _decides(drip: Dripline) -> None:
    """Decide about two messages of which nobody knows whether they went: one did, and one goes again."""
    records = drip.records.unknown.all()
    for waits, decide in ((False, drip.records.unknown.confirm_sent), (True, drip.records.unknown.send_again)):
        found = next((record.record_id for record in records if record.waits is waits), None)
        if found is not None:
            decide(found)


def _forges(drip: Dripline) -> None:
    """Post something that the provider did not sign."""
    drip.inbox.receive_webhook(CHANNEL, {}, b'{"events": []}')
