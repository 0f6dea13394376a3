"""The sample's roles: people to whom something happens for certain, however few leads there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.outcome import Rejected, RetryLater, Scope, Unknown
from dripline.simulate.demo_shop.outcomes import Fate
from dripline.simulate.demo_shop.people import phone
from dripline.simulate.demo_shop.shop import BULLETIN, CLASS, COLD, HOLIDAY, HOT, TRIAL, WARM

_HOUR = timedelta(hours=1)

BY_PHONE = "asked for it on the phone"
FAILED_TRIES = 6
LOST = Unknown("the connection broke before the answer came")
WELL = Fate()


@dataclass(frozen=True, slots=True)
class Role:
    """One person: what they ask for, what is their fate, and when they come in: at the start, or `before` the end.

    `during_outage`: while the processor is out.
    """

    trigger: str
    fate: Fate = field(default=WELL)
    before: timedelta | None = field(default=None, kw_only=True)
    during_outage: bool = field(default=False, kw_only=True)


ROLES: Mapping[str, Role] = {
    "markup": Role(WARM),
    "long name": Role(COLD),
    "arabic name": Role(WARM),
    "quoted name": Role(COLD),
    "short name": Role(HOT),
    "stops": Role(COLD, Fate(writes="STOP")),
    "tells the provider": Role(COLD, Fate(refuses_marketing=True)),
    "replies": Role(WARM, Fate(writes="Berapa yuran untuk Form 5, cikgu?")),
    "replies while hot": Role(HOT, Fate(writes="YES, but can I pay on Friday?")),
    "asks for more": Role(TRIAL, Fate(writes="WARMEXAMA")),
    "calls to stop": Role(WARM),
    "was barred before": Role(COLD),
    "is paused": Role(WARM),
    "is taken out": Role(COLD),
    "enrols": Role(WARM),
    "enrols early": Role(COLD),
    "changes class": Role(CLASS),
    "leaves class": Role(CLASS),
    "no class day": Role(CLASS),
    "not on the service": Role(COLD, Fate((Rejected("the number is not known to the service", scope=Scope.CONTACT),))),
    "blocks us": Role(WARM, Fate((Rejected("the person blocked this business", scope=Scope.CONTACT, suppress=True),))),
    "refused text": Role(WARM, Fate((Rejected("the provider takes the text for unwanted advertising"),), step=2)),
    "refused reminder": Role(CLASS, Fate((Rejected("the text is longer than the service takes"),))),
    "always busy": Role(
        WARM, Fate((RetryLater("too many messages to this person", after=timedelta(minutes=30)),) * FAILED_TRIES)
    ),
    "busy once": Role(COLD, Fate((RetryLater("the provider is under maintenance"),))),
    "never delivered": Role(WARM, Fate(is_delivered=False)),
    "lost": Role(WARM, Fate((LOST,))),
    "lost and found": Role(WARM, Fate((LOST,), is_reported_late=True)),
    "lost while hot": Role(HOT, Fate((LOST,))),
    "lost again": Role(HOT, Fate((LOST,))),
    "lost yesterday": Role(HOT, Fate((LOST,)), before=26 * _HOUR),
    "dropped message": Role(BULLETIN, before=80 * _HOUR),
    "refused template": Role(BULLETIN, before=30 * _HOUR),
    "holiday": Role(HOLIDAY),
    "trial one": Role(TRIAL),
    "trial two": Role(TRIAL),
    "trial three": Role(TRIAL),
    "late one": Role(HOT, during_outage=True),
    "late two": Role(HOT, during_outage=True),
    "late three": Role(HOT, during_outage=True),
    "branch was away": Role(CLASS, before=51 * _HOUR),
    "branch is back": Role(CLASS, before=46 * _HOUR),
    "branch is away": Role(CLASS, before=2 * _HOUR),
    "branch is still away": Role(CLASS, before=_HOUR),
    "cut off one": Role(BULLETIN, before=timedelta(0)),
    "cut off two": Role(BULLETIN, before=timedelta(0)),
}
"""Each by what happens to them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A role and the lead that plays it."""

    name: str
    role: Role = field(kw_only=True)
    number: int = field(kw_only=True)

    @property
    def phone(self) -> str:
        """The phone of its lead."""
        return phone(self.number)

    def comes_at(self, start: datetime, end: datetime, out_at: datetime) -> datetime:
        """Return when its lead comes in."""
        if self.role.during_outage:
            return out_at + timedelta(minutes=20)
        return start if self.role.before is None else end - self.role.before


PLACED: Mapping[str, Placed] = {
    name: Placed(name, role=role, number=number) for number, (name, role) in enumerate(ROLES.items())
}


def fates() -> dict[str, Fate]:
    """Return what is decided beforehand, by phone."""
    return {placed.phone: placed.role.fate for placed in PLACED.values()}
