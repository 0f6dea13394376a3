"""What tells that a text is about a person: their numbers, addresses and names, however a text writes them.

A body that a provider posted writes a number as ``%2B60123456789``, as ``60123456789@s.whatsapp.net`` or inside an id
in base64; a person writes ``012-345 6789``. An address says for sure whom a text is about. A name alone does not: it
counts where a whole cell says nothing else, and in what is taken out of a text that stays.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import cast
from urllib.parse import unquote_plus

import phonenumbers

FORGOTTEN = "[forgotten]"
"""What stands where something of a person was."""

UNFOLDED = 4
"""How often a text is decoded that was encoded inside what was encoded."""

LEAST_DIGITS = 7
"""How many digits of a number tell a person without its country's."""

_BETWEEN = r"[\s().\-/\u00a0\u2010-\u2015]{0,3}"
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_OTHER_ADDRESS = re.compile(r"@|\d{7}")
_PIECE = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Traces:
    """How texts may tell of some people. `hints` are patterns of SQL's LIKE; no text without a match has a trace."""

    hints: tuple[str, ...]
    names: frozenset[str] = field(kw_only=True)
    _address: re.Pattern[str] | None = field(kw_only=True)
    _name: re.Pattern[str] | None = field(kw_only=True)
    _encoded: tuple[str, ...] = field(kw_only=True)

    def are_in(self, text: str) -> bool:
        """Return whether a text holds a number, an address or an id of these people."""
        if self._address is None:
            return False
        return any(part in text for part in self._encoded) or any(map(self._address.search, _unfolded(text)))

    def are_in_row(self, cells: Iterable[str]) -> bool:
        """Return whether a row is about these people: by an address, or by a name where it has nobody's address."""
        row = [*cells]
        if any(map(self.are_in, row)):
            return True
        is_named = any(_squeezed(cell) in self.names for cell in row)
        return is_named and not any(map(_OTHER_ADDRESS.search, row))

    @property
    def nameless(self) -> "Traces":
        """The same people, told by their addresses alone."""
        return replace(self, names=frozenset[str](), _name=None)

    def without(self, text: str) -> str:
        """Return a text, or JSON, with `FORGOTTEN` in place of every address and name."""
        try:
            value = json.loads(text)
        except ValueError:
            return self._plain_without(text)
        changed = self._value_without(value)
        return text if changed == value else json.dumps(changed, ensure_ascii=False)

    def _value_without(self, value: object) -> object:
        match value:
            case str():
                return self._plain_without(value)
            case list():
                return [self._value_without(one) for one in cast("list[object]", value)]
            case dict():
                pairs = cast("dict[str, object]", value).items()
                return {self._plain_without(key): self._value_without(one) for key, one in pairs}
            case int() if self.are_in(str(value)):
                return FORGOTTEN
            case _:
                return value

    def _plain_without(self, text: str) -> str:
        for pattern in (self._address, self._name):
            text = text if pattern is None else pattern.sub(FORGOTTEN, text)
        # Encoded so that nothing could be taken out alone.
        return FORGOTTEN if self.are_in(text) else text


def traces_of(
    *, numbers: Iterable[str] = (), emails: Iterable[str] = (), ids: Iterable[str] = (), names: Iterable[str] = ()
) -> Traces:
    """Return the traces of people: `numbers` as E.164 digits, `ids` as providers have them, names as they are kept."""
    whole = sorted({*numbers})
    spelled = sorted({one for number in whole for one in _spellings(number)}, key=len, reverse=True)
    exact = sorted({*emails, *ids})
    addresses = [*map(_number_pattern, spelled), *(rf"(?<![\w.]){re.escape(one)}(?![\w])" for one in exact)]
    called = {" ".join(name.split()) for name in names} - {""}
    encoded = tuple({part for number in whole for part in _in_base64(number)})
    # What is found by its end alone needs no look of its own.
    shortest = [one for one in spelled if not any(one != other and one.endswith(other) for other in spelled)]
    hints = {_hint(one) for one in (*shortest, *exact, *encoded, *called)}
    return Traces(
        tuple(sorted(hints)),
        names=frozenset(map(str.casefold, called)),
        _address=re.compile("|".join(addresses), re.IGNORECASE) if addresses else None,
        _name=re.compile("|".join(map(_name_pattern, sorted(called))), re.IGNORECASE) if called else None,
        _encoded=encoded,
    )


def _spellings(number: str) -> set[str]:
    """Return the digits of a number with its country's, as they are dialled inside it, and without either."""
    try:
        parsed = phonenumbers.parse(f"+{number}")
    except phonenumbers.NumberParseException:
        return {number}
    dialled = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    short = {re.sub(r"\D", "", dialled), phonenumbers.national_significant_number(parsed)}
    return {number} | {one for one in short if len(one) >= LEAST_DIGITS}


def _number_pattern(digits: str) -> str:
    return rf"(?<!\d){_BETWEEN.join(digits)}(?!\d)"


def _name_pattern(name: str) -> str:
    words = r"\s+".join(map(re.escape, name.split()))
    # A name of one word may be a word as well, such as May: written small it is none.
    return rf"(?<!\w)(?{'' if ' ' in name else '-i'}:{words})(?!\w)"


def _squeezed(text: str) -> str:
    return " ".join(text.casefold().split())


def _unfolded(text: str) -> Iterator[str]:
    """Yield a text as it is, and as it is once URLs and JSON have written it out."""
    for _ in range(UNFOLDED):
        yield text
        plain = _ESCAPED.sub(_unescaped, unquote_plus(text))
        if plain == text:
            return
        text = plain


def _unescaped(escaped: re.Match[str]) -> str:
    units = bytes.fromhex(escaped[0].replace("\\u", ""))
    return units.decode("utf-16-be", "replace")


def _in_base64(digits: str) -> Iterator[str]:
    """Yield what stands in base64 wherever these digits were in what it says: WhatsApp's message ids hold a number."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + digits.encode()).decode().rstrip("=")
        # The first and the last letter may hold bits of what stands beside.
        yield whole[(before * 8 + 5) // 6 : (before + len(digits)) * 8 // 6]


def _hint(written: str) -> str:
    """Return a pattern that finds what is written here, whatever stands between its letters and digits."""
    if written.isdecimal():
        return f"%{'%'.join(written)}%"
    return f"%{'%'.join(_PIECE.findall(written.lower()))}%"
