"""Which encoding a text is in: its mark says so, or it is UTF-8 to its end, or its letters are looked at.

The letters are chardet's affair, which knows how often each stands beside each in the languages of an encoding. It is
given the lines that have any, and what it is not sure of is refused with both ways to read the text: a wrong guess
would greet people by names that are not theirs.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO

from dripline.errors import InvalidFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 before UTF-16, whose mark it begins with."""

SAID = {
    "cp1252": "Windows-1252 (Western Europe)",
    "iso8859-15": "ISO-8859-15 (Western Europe)",
    "mac-roman": "Mac Roman",
    "cp850": "CP850 (DOS, Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "iso8859-2": "ISO-8859-2 (Central Europe)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp1258": "Windows-1258 (Vietnamese)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8-r": "KOI8-R (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp874": "Windows-874 (Thai)",
    "gb18030": "GB18030 (simplified Chinese)",
    "big5": "Big5 (traditional Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
}
"""The encodings that are looked for, by Python's names, in the words of a person; others are read when named."""

_LATIN = {
    "iso8859-15": 2.2,
    "mac-roman": 1.2,
    "cp850": 1.2,
    "cp1250": 2.2,
    "iso8859-2": 2.2,
    "cp1257": 5.0,
    "cp1258": 5.0,
}
"""Those that share most letters with Windows-1252, so that a few names hardly tell them apart.

By so much each is to fit better than that one, which most programs write. Found by lists of one to four names.
"""

_SAMPLE = 100_000
"""How many bytes of lines with letters beyond ASCII are looked at."""

_CHUNK = 1 << 20

_ZEROS = 0.5
"""How many of the upper bytes of letters are zero, if a text has two or four bytes a letter: commas and digits are."""

_QUOTES = "\u2018\u2019\u201c\u201d\u2026"
"""What stands in names besides letters."""

_WORD = re.compile(r"[A-Za-z'-]*[^\x00-\x7f][^\x00-&(-,./:-@\[-`{-\x7f\s]*")
"""A word with a letter beyond ASCII."""

_SIGNS = frozenset(map(chr, (0xA2, 0xA3, 0xA5, 0xA7, 0xA9, 0xAE, 0xB0, 0xB7, 0xBD, 0x20AC, 0x2022, 0x2122, 0x2013)))
"""The signs of money, degrees, rights and lists."""

_IN_WORD = re.compile(r"[a-z][^\x00-\x7f]|[^\x00-\x7f][a-z]")

_SURE = 1.3
"""By how much any other is to fit better than the next one; found as well by lists of one to four names."""

_SURE_OF_ICELANDIC = 1.9
"""The same, where three letters are Icelandic in Windows-1252 and Turkish in Windows-1254."""

_WHOLE = 4
"""How many letters of a text are right for each byte that is none, if it is UTF-8 that was damaged."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """A name for Python, and what a person is told of it, if it was not the text that said so."""

    name: str
    note: str = field(default="", kw_only=True)
    is_damaged: bool = field(default=False, kw_only=True)


def find_encoding(path: Path, stream: BinaryIO) -> Encoding:
    """Return the encoding of a whole text.

    Raises:
        InvalidFile: It is no text, or its letters do not say clearly what it is.
    """
    stream.seek(0)
    start = stream.read(400)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None) or _without_mark(start)
    if marked is not None:
        return Encoding(marked)
    stream.seek(0)
    right, wrong, has_escapes = _counted(path, stream)
    if has_escapes:
        return Encoding("iso2022_jp_2", note=f"It is read as {said('iso2022_jp_2')}.")
    if not wrong:
        return Encoding("utf-8")
    if right >= _WHOLE * wrong:
        return Encoding("utf-8", is_damaged=True)
    stream.seek(0)
    return _by_letters(path, b"".join(_lines_with_letters(stream)))


def said(encoding: str) -> str:
    """Return an encoding as a person knows it."""
    return SAID.get(encoding, encoding.upper().replace("_", "-"))


def _without_mark(start: bytes) -> str | None:
    """Return the encoding of a text of two or four bytes a letter, as the zeros among its first bytes tell."""
    if b"\0" not in start:
        return None
    for name, width, place in (("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1)):
        rows = start[: len(start) // width * width]
        zeros = [rows[at::width].count(0) * width / max(1, len(rows)) for at in range(width)]
        if not zeros.pop(place) and all(share > _ZEROS for share in zeros):
            return name
    return None


def _counted(path: Path, stream: BinaryIO) -> tuple[int, int, bool]:
    """Return how many letters beyond ASCII a text has in UTF-8, how many bytes are none, if it switches alphabets."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    right = wrong = 0
    has_escapes = False
    while chunk := stream.read(_CHUNK):
        if b"\0" in chunk:
            raise not_text(path)
        has_escapes = has_escapes or b"\x1b$" in chunk
        if chunk.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(chunk)
        beyond = sum(letter > "\x7f" for letter in text)
        bad = sum("\udc80" <= letter <= "\udcff" for letter in text)
        right, wrong = right + beyond - bad, wrong + bad
    return right, wrong + len(decoder.decode(b"", final=True)), has_escapes


def _lines_with_letters(stream: BinaryIO) -> Iterator[bytes]:
    length = 0
    while length < _SAMPLE and (line := stream.readline(_SAMPLE)):
        if not line.isascii():
            length += len(line)
            yield line


def _by_letters(path: Path, sample: bytes) -> Encoding:
    fits = _without_letters(sample) or _fitting(sample)
    if not fits:
        raise not_text(path)
    best = _best(sample, fits)
    shown = _words(sample, best)
    rival = _rival(sample, best, fits)
    if rival is not None:
        raise InvalidFile(
            f"{path} is not in UTF-8, and has too few letters to tell what it is in: as {said(best)} it says {shown}, "
            f"as {said(rival)} {_words(sample, rival)}. Say which by --encoding {best} or --encoding {rival}, "
            'or save it as "CSV UTF-8".'
        )
    return Encoding(
        best, note=f"It is not in UTF-8 and is read as {said(best)}, such as {shown}. Name another if that is wrong."
    )


def _without_letters(sample: bytes) -> dict[str, float]:
    """Return the encoding of signs such as those of money and degrees, where all letters are ASCII."""
    text = sample.decode("cp1252", errors="replace")
    signs = [sign for sign in text if sign > "\x7f"]
    return {"cp1252": 1.0} if _SIGNS.issuperset(signs) and not _IN_WORD.search(text) else {}


def _best(sample: bytes, fits: dict[str, float]) -> str:
    best = next(iter(fits))
    if best not in _LATIN or "cp1252" not in fits:
        return best
    is_close = fits[best] < _LATIN[best] * fits["cp1252"] or sample.decode(best) == sample.decode("cp1252")
    return "cp1252" if is_close else best


def _rival(sample: bytes, best: str, fits: dict[str, float]) -> str | None:
    """Return the encoding that may as well be meant, and reads another text."""
    text = sample.decode(best)
    for name, fit in fits.items():
        sure = _SURE_OF_ICELANDIC if best == "cp1252" and name == "cp1254" else _SURE
        is_close = fit * sure > fits[best] and (best != "cp1252" or name not in _LATIN)
        if name != best and is_close and sample.decode(name) != text:
            return name
    return None


def _fitting(sample: bytes) -> dict[str, float]:
    """Return the encodings that a text can be in and how well each fits, the best first."""
    import chardet  # takes its time to load, and most lists are UTF-8

    found: dict[str, float] = {}
    for one in chardet.detect_all(
        sample, ignore_threshold=True, include_encodings=[name.replace("_", "-") for name in SAID]
    ):
        name = codecs.lookup(one["encoding"] or "ascii").name
        name = {"shift_jis": "cp932", "euc_kr": "cp949", "iso8859-1": "cp1252", "tis-620": "cp874"}.get(name, name)
        if name in SAID and (letters := _letters(sample, name)):
            found.setdefault(name, one["confidence"] * letters**3)
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def _letters(sample: bytes, encoding: str) -> float:
    """Return how much of what is beyond ASCII are letters that names are written in, 0 where it cannot be read at all.

    No name holds a frame, and none goes from Latin letters to Arabic ones, or from small to capital ones, in a word.
    """
    try:
        words = _WORD.findall(sample.decode(encoding))
    except UnicodeDecodeError:
        return 0.0
    if any("\x7f" <= sign <= "\x9f" for word in words for sign in word):
        return 0.0
    beyond = right = 0
    for word in words:
        is_latin = any("a" <= letter <= "z" for letter in word.casefold())
        signs = [(before, sign) for before, sign in pairwise(f" {word}") if sign > "\x7f"]
        beyond += len(signs)
        right += sum(
            _is_letter(sign) and (not is_latin or _is_latin(sign)) and not (before.islower() and sign.isupper())
            for before, sign in signs
        )
    return right / max(1, beyond)


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM" or sign in _QUOTES


def _is_latin(sign: str) -> bool:
    return sign in _QUOTES or unicodedata.name(sign, "").startswith(("LATIN", "COMBINING"))


def _words(sample: bytes, encoding: str) -> str:
    """Return the first words of a text that have letters beyond ASCII."""
    found = (word[:40] for word in _WORD.findall(sample.decode(encoding, errors="replace")))
    return ", ".join(repr(word) for word in islice(dict.fromkeys(found), 3))


def not_text(path: Path) -> InvalidFile:
    """Return the error for a file that is no text that can be read."""
    return InvalidFile(f'{path} is not text in UTF-8: choose "Save As", "CSV UTF-8" in Excel and import that file.')
