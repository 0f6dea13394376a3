"""People of the tests, and how they are found in what was logged: their phones, addresses, names and words.

Whoever passes through the product is noted where its own objects are made: leads, messages, replies. Everything that is
logged is gathered, also what no handler would show, in this process and in those that it starts (`logs/sitecustomize`).
"""

import logging
import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TypeVar

from typing_extensions import override

LOGS = "PEOPLE_IN_LOGS"
"""The variable that names the folder into which processes that tests start write what they find in their logs."""

NOTED = 5_000
"""How many people of a test are noted: worlds have more, and log of them what they log of these."""

SHORTEST = {"phone": 8, "email": 6, "name": 4, "text": 8}
"""The shortest of each that is looked for: "Hi" stands in many a word."""

OURS = frozenset({
    "dripline", "console", "whatsapp", "telegram", "webhook", "sequence", "customer", "somebody", "everybody",
    "completed", "template", "cancelled", "warning", "message", "unsubscribe", "stopped", "recovered",
})  # fmt: skip
"""Names and texts of tests that are words of the log itself."""

_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ ().-]{0,2}[0-9]){6,}(?![0-9A-Za-z])")
_EMAIL = re.compile(r"[^\s<>'\"=,;:()\[\]]+@[^\s<>'\"=,;:()\[\]]+")
_WORD = re.compile(r"\w+")


Made = TypeVar("Made")


class People:
    """Who was met, and what was logged meanwhile."""

    def __init__(self) -> None:
        self._met: dict[str, set[str]] = {kind: set() for kind in SHORTEST}
        self._logged: list[str] = []

    def meet(self, *, phone: object = None, email: object = None, name: object = None, text: object = None) -> None:
        """Note what may be told of nobody."""
        for kind, value in (("phone", phone), ("email", email), ("name", name), ("text", text)):
            met = self._met[kind]
            if isinstance(value, str) and len(value.strip()) >= SHORTEST[kind] and len(met) < NOTED:
                met.add(value.strip())

    def hear(self, record: logging.LogRecord) -> None:
        """Keep what was logged, with what the errors of its trace say; the code in it is nobody's."""
        try:
            told = record.getMessage()
        except (TypeError, ValueError):
            told = str(record.msg)
        error = record.exc_info[1] if record.exc_info else None
        self._logged.append("\n".join([told, *_words_of(error)]))

    def forget(self) -> None:
        """Begin anew: the next test has other people."""
        for met in self._met.values():
            met.clear()
        self._logged.clear()

    def found(self) -> list[str]:
        """What of them stands in what was logged, each with its line; what was looked at is not looked at again."""
        logged, self._logged = self._logged, []
        return [f"{told} in {line!r}" for line in logged for told in sorted(set(self._told_in(line)))]

    def _told_in(self, line: str) -> Iterator[str]:
        digits = {re.sub(r"[^0-9]", "", number) for number in _NUMBER.findall(line)}
        phones = {re.sub(r"[^0-9]", "", phone) for phone in self._met["phone"]} - {""}
        # As it is dialled at home, too: 0123456789.
        yield from (phone for phone in phones if {phone, f"0{phone[2:]}", f"00{phone}"} & digits)
        yield from (email for email in self._met["email"] if email in _EMAIL.findall(line))
        words = set(_WORD.findall(line))
        for said in self._met["name"] | self._met["text"]:
            own = _WORD.findall(said)
            if own and said.casefold() not in OURS and words.issuperset(own) and _stands_in(said, line):
                yield said


def _words_of(error: BaseException | None) -> Iterator[str]:
    """What an error says, and those that led to it."""
    while error is not None:
        yield str(error)
        error = error.__cause__ or error.__context__


def _stands_in(said: str, line: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(said)}(?!\w)", line) is not None


def _noted(kind: type[Made], note: Callable[[Made], None]) -> Callable[[], None]:
    """Have each object of a kind noted once it is made; returns how to undo that."""
    made = kind.__init__

    def init(self: Made, *arguments: object, **named: object) -> None:
        made(self, *arguments, **named)
        note(self)

    def undo() -> None:
        setattr(kind, "__init__", made)  # noqa: B010  (what a type is made by cannot be assigned by its name)

    setattr(kind, "__init__", init)  # noqa: B010
    return undo


_LEAD = (("phone", "phone"), ("email", "email"), ("name", "name"))

MADE_IN: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "dripline.core.leads.lead": {"Lead": _LEAD, "NewLead": _LEAD},
    "dripline.core.messages.message": {"Message": (("text", "text"),)},
    "dripline.core.events.inbound": {
        "Reply": (("phone", "phone"), ("name", "name"), ("text", "text")),
        "Preference": (("phone", "phone"),),
        "NumberChanged": (("phone", "old"), ("phone", "new")),
    },
}
"""The modules whose objects tell of people, and what of whom by which attribute."""


def noted_in(module: str, people: People) -> list[Callable[[], None]]:
    """Have everybody noted whom the objects of a module tell of; returns how to undo that."""

    def meet(told: tuple[tuple[str, str], ...], made: object) -> None:
        for what, attribute in told:
            people.meet(**{what: getattr(made, attribute)})

    loaded = import_module(module)
    return [_noted(getattr(loaded, kind), partial(meet, told)) for kind, told in MADE_IN[module].items()]


def hearing(people: People) -> Callable[[], None]:
    """Have everything heard that is logged, also what no handler shows; returns how to undo that."""
    is_enabled, handle = logging.Logger.isEnabledFor, logging.Logger.handle

    def enabled(self: logging.Logger, level: int) -> bool:
        return self.name.startswith("dripline") or is_enabled(self, level)

    def handled(self: logging.Logger, record: logging.LogRecord) -> None:
        people.hear(record)
        if is_enabled(self, record.levelno):
            handle(self, record)

    def undo() -> None:
        logging.Logger.isEnabledFor, logging.Logger.handle = is_enabled, handle

    logging.Logger.isEnabledFor, logging.Logger.handle = enabled, handled
    return undo


@contextmanager
def watched(people: People) -> Generator[None]:
    """Note who passes through the product, and hear all that is logged, until the block ends."""
    undoing = [*chain.from_iterable(noted_in(module, people) for module in MADE_IN), hearing(people)]
    try:
        yield
    finally:
        for undo in undoing:
            undo()


class Telling(People):
    """Writes what it finds at once, where the tests will look: this process may be killed."""

    @override
    def hear(self, record: logging.LogRecord) -> None:
        super().hear(record)
        found = self.found()
        if found:
            with (Path(os.environ[LOGS]) / f"{os.getpid()}.found").open("a") as file:
                file.write("\n".join(found) + "\n")


def found_elsewhere(folder: Path) -> list[str]:
    """What processes that tests started found in their own logs."""
    return [path.read_text() for path in sorted(folder.glob("*.found"))]
