"""Numbers as a spreadsheet shows them: with the country code, the currency or the percent sign of their format.

A format that says nothing but how many digits are shown leaves large whole numbers as they are: they are phones and
references, of which no digit is grouped or rounded. Formats that we do not know leave every number as it is.
"""

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

WHOLE_FROM = 10_000_000
"""From which number on a format without any text of its own is passed over."""

PRECISE = 1e15
"""From which number on no format is applied: a spreadsheet keeps no more digits."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<bracket>[^\]]*)\]|_(?P<room>.)|\*.'
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<word>[Gg]eneral|[A-Za-z@/])|(?P<sign>.)",
    re.DOTALL,
)
_COLOURS = frozenset({"black", "blue", "cyan", "green", "magenta", "red", "white", "yellow"})


@dataclass(frozen=True, slots=True)
class _Section:
    """What one part of a format shows: the pieces before the point, each a digit's place or a text, and after it.

    `scale` is by which power of ten the number is shown, `has_text` whether texts or zeros are shown before its digits.
    """

    whole: tuple[str, ...]
    after: tuple[str, ...] = field(kw_only=True)
    has_point: bool = field(kw_only=True)
    grouped: bool = field(kw_only=True)
    scale: int = field(kw_only=True)
    has_text: bool = field(kw_only=True)
    shows_digits: bool = field(kw_only=True)


def shown(number: float, code: str) -> str | None:
    """Return a number as a format shows it; None if it says nothing, hides it, or is not known."""
    sections = _sections(code)
    if sections is None:
        return None
    section, is_own = _chosen(number, sections)
    if not section.shows_digits or abs(number) >= (PRECISE if section.has_text else WHOLE_FROM):
        return None
    value = abs(Decimal(str(number)).scaleb(section.scale))
    text = _written(value, section).strip()
    is_below_zero = number < 0 and not is_own and any(digit in text for digit in "123456789")
    return (f"-{text}" if is_below_zero else text) or None


def _chosen(number: float, sections: tuple[_Section, ...]) -> tuple[_Section, bool]:
    """Return the section of a number, and whether that is one of negative numbers, which shows their sign itself."""
    match sections:
        case (_, below, *_) if number < 0:
            return below, True
        case (_, _, zero, *_) if number == 0:
            return zero, False
        case _:
            return next(iter(sections)), False


@lru_cache(maxsize=1_000)
def _sections(code: str) -> tuple[_Section, ...] | None:
    sections = [_section(part) for part in re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)[:3]]
    known = tuple(section for section in sections if section is not None)
    return known if len(known) == len(sections) else None


def _section(code: str) -> _Section | None:
    """Read one part of a format; None if it holds dates, fractions, powers, conditions or words that are not known."""
    pieces: tuple[list[str], list[str]] = ([], [])
    scale, has_point, commas, grouped = 0, False, 0, False
    for token in _TOKEN.finditer(code):
        kind = token.lastgroup or "fill"
        text = token[kind] if kind != "fill" else ""
        if kind == "word" or (kind == "bracket" and text.casefold() not in _COLOURS):
            return None
        if kind == "digit":
            grouped, commas = grouped or commas > 0, 0
            pieces[has_point].append(text)
        elif kind == "point" and not has_point:
            has_point, scale, commas = True, scale - 3 * commas, 0
        elif kind == "comma":
            commas += bool(pieces[0])
        elif kind not in {"bracket", "fill", "room"}:
            scale += 2 * (kind == "percent")
            pieces[has_point].append(f"'{text}")
    texts = "".join(piece[1:] for part in pieces for piece in part if piece[0] == "'")
    places = [piece for part in pieces for piece in part if piece[0] != "'"]
    return _Section(
        tuple(pieces[0]),
        after=tuple(pieces[1]),
        has_point=has_point,
        grouped=grouped,
        scale=scale - 3 * commas,
        has_text=bool(texts.strip()) or pieces[0].count("0") > 1,
        shows_digits=bool(places),
    )


def _written(value: Decimal, section: _Section) -> str:
    places = [piece for piece in section.after if piece[0] != "'"]
    rounded = value.quantize(Decimal(1).scaleb(-len(places)), rounding=ROUND_HALF_UP)
    whole, _, after = f"{rounded:f}".partition(".")
    return _whole(whole.lstrip("0"), section) + _after(after, section)


def _whole(digits: str, section: _Section) -> str:
    """Put digits into their places from the right; what is left over stands before the first place."""
    places = [at for at, piece in enumerate(section.whole) if piece[0] != "'"]
    width = next((len(places) - at for at, place in enumerate(places) if section.whole[place] == "0"), 0)
    digits = digits.rjust(width, "0")
    if section.grouped and digits:
        digits = f"{int(digits):,}".rjust(width, "0")
    parts: list[str] = []
    for at in reversed(range(len(section.whole))):
        piece = section.whole[at]
        if piece[0] == "'":
            parts.append(piece[1:])
        elif at == places[0] or section.grouped:
            parts.append(digits)
            digits = ""
        else:
            parts.append(digits[-1:])
            digits = digits[:-1]
    return "".join(reversed(parts)) + ("" if places else digits)


def _after(digits: str, section: _Section) -> str:
    needed = len(digits.rstrip("0"))
    parts: list[str] = []
    at = 0
    for piece in section.after:
        if piece[0] == "'":
            parts.append(piece[1:])
        else:
            parts.append(digits[at] if piece == "0" or at < needed else "")
            at += 1
    text = "".join(parts)
    return f".{text}" if section.has_point and text[:1].isdigit() else text
