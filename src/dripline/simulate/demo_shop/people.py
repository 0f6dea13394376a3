"""The sample's people: made up, with names as they are in Malaysia and numbers that belong to nobody.

Their phones begin with 017-01, where no number was ever given out: possible ones, so that everything treats them as
phones, and none that rings. Their mail goes to example.com, which is nobody's either.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from dripline.core.leads.lead import NewLead
from dripline.simulate.demo_shop.seeded_choice import pick, share
from dripline.simulate.demo_shop.shop import BULLETIN, CLASS, COLD, HOLIDAY, HOT, TRIAL, WARM, ZONE

FIRST_PHONE = 60_170_100_000

MARKUP = "<img src=x onerror=alert(1)>"
"""The name of somebody who tries what a page makes of it."""

LONG_NAME = (
    "Tengku Puteri Nur Aishah Sofea Humaira Batrisyia binti Tengku Muhammad Faiz Al-Haqqani Shah ibni Almarhum Tengku "
    "Abdul Rahman Putra, also known in class as Kak Long of the second row"
)

_NAMES = {0: MARKUP, 1: LONG_NAME, 2: "مريم بنت يوسف", 3: 'Sean O\'Neil "Coach" & Sons 😀', 4: "Li"}

_WOMEN = ("Aina Sofea", "Nurul Izzah", "Siti Hajar", "Nur Alya", "Farah Nadia", "Syafiqah", "Puteri Balqis", "Hanis")
_MEN = ("Muhammad Haziq", "Ahmad Danish", "Hafiz", "Amirul Hakim", "Badrul", "Iman Rayyan", "Faris", "Zulkifli")
_FATHERS = ("Rahman", "Ismail", "Yusof", "Kamaruddin", "Abdullah", "Othman", "Salleh", "Zainal", "Mat Isa")
_BINTI, _BIN = (tuple(f"{word} {father}" for father in _FATHERS) for word in ("binti", "bin"))
_FAMILIES = ("Tan", "Lim", "Lee", "Wong", "Ng", "Chong", "Goh", "Yap", "Teoh")
_CHINESE = ("Wei Jie", "Mei Ling", "Jia Hui", "Kah Seng", "Xin Yi", "Zhi Hao", "Pei Shan", "Yong Sheng")
_TAMIL_WOMEN, _TAMIL_MEN = ("Kavitha", "Devi", "Jaya", "Shalini"), ("Arjun", "Pravin", "Suresh", "Logan")
_AP, _AL = (
    tuple(f"{word} {father}" for father in ("Subramaniam", "Muniandy", "Krishnan", "Raju")) for word in ("a/p", "a/l")
)
_BORNEO = ("Jackson", "Elvina", "Dayang", "Winston"), ("anak Jugah", "Majuntin", "anak Nyipa", "Gilong")

_PEOPLES = (
    *((_WOMEN, _BINTI),) * 6,
    *((_MEN, _BIN),) * 5,
    *((_FAMILIES, _CHINESE),) * 5,
    (_TAMIL_WOMEN, _AP),
    (_TAMIL_MEN, _AL),
    _BORNEO,
)
"""First and last names, each pair as often as it is met, more or less."""

_TRIGGERS = (COLD,) * 11 + (WARM,) * 4 + (HOT, CLASS, BULLETIN, TRIAL, HOLIDAY)
"""What twenty leads in a row ask for."""

_KNOWN_DAY = 0.9
"""How many of those who come to a class have its day noted."""

_WITH_MAIL = 0.2
"""How many of those who have a phone have an e-mail address as well."""

_BY_MAIL_ALONE = 50
"""Every how manieth has no phone at all."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Saturday")
_FORMS = ("Form 3", "Form 4", "Form 5")

SLOT = timedelta(minutes=20)
"""How often leads come in."""

_BUSY = (2, 1, 1, 0, 0, 1, 2, 4, 7, 10, 12, 12, 10, 9, 9, 9, 9, 9, 8, 8, 10, 10, 7, 4)
"""How many come in each hour of the day, in proportion."""

_OLD_LIST = 0.15
"""How much of everybody is on the list with which it begins."""

_CARNIVAL_LIST = 60
"""What a list weighs that comes in at ten every morning, beside the leads of single hours."""


def lead(number: int, seed: int, trigger: str | None = None) -> NewLead:
    """Return the lead of a number; of every fifty, one has an e-mail address and no phone."""
    wanted = trigger or _TRIGGERS[number % len(_TRIGGERS)]
    attributes = {"niche": "EXAMA", "form": pick(_FORMS, seed, "form", number)}
    if wanted == CLASS and (trigger or share(seed, "day", number) < _KNOWN_DAY):
        attributes["class_day"] = pick(_DAYS, seed, "class", number)
    is_by_mail = (number + 1) % _BY_MAIL_ALONE == 0
    email = f"parent{number}@example.com" if is_by_mail or share(seed, "mail", number) < _WITH_MAIL else None
    name = _NAMES.get(number) or _name(number, seed)
    return NewLead(
        None if is_by_mail else phone(number), email=email, name=name, triggers=(wanted,), attributes=attributes
    )


def phone(number: int) -> str:
    """Return the phone of a number."""
    return str(FIRST_PHONE + number)


def _name(number: int, seed: int) -> str:
    first, last = pick(_PEOPLES, seed, "people", number)
    return f"{pick(first, seed, 'first', number)} {pick(last, seed, 'last', number)}"


def arrivals(numbers: range, start: datetime, days: int) -> Iterator[tuple[datetime, range]]:
    """Yield when which leads come in: an old list at the start, more by day than by night, and a list every morning."""
    slots = [start + place * SLOT for place in range(days * timedelta(days=1) // SLOT)]
    weights = [_weight(slot) for slot in slots]
    old = sum(weights) * _OLD_LIST / (1 - _OLD_LIST)
    weights[0] += old
    parts = accumulate(weights, initial=0.0)
    total = sum(weights)
    ends = [numbers.start + round(len(numbers) * part / total) for part in parts]
    for slot, (first, last) in zip(slots, pairwise(ends), strict=True):
        if first < last:
            yield slot, range(first, last)


def _weight(slot: datetime) -> float:
    local = slot.astimezone(ZoneInfo(ZONE))
    is_list = local.hour == 10 and local.minute < SLOT // timedelta(minutes=1)  # noqa: PLR2004  (ten in the morning)
    return _BUSY[local.hour] + (_CARNIVAL_LIST if is_list else 0)
