"""Bodies that no provider meant to post: noise, and real ones that are cut, bent, or hold something else somewhere."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import cast

PLACES = 40
"""At how many places a body is cut, and bent."""

CHANGES = 2_000
"""How many bodies are made of one that is JSON by putting something else into it."""

NOISE = (
    b"", b" ", b"\x00", b"\xff\xfe\xfa", b"{", b"[]", b"{}", b"null", b"true", b"0", b'"x"', b"[null]", b"[[]]",
    b"{}{}", b"1e999", b"9" * 5_000, b"[" * 100_000, b'{"a":' * 50_000, b'"\\ud800"',
    b"a=b", b"a=b&a=c", b"&" * 2_000, b"%ff=%00",
)  # fmt: skip

OTHERS = cast(
    "list[object]",
    json.loads(
        r'[null, true, 0, -1, 1.5, 1000000000000000000000, "", "x", "\ud800", [], {}, [[]], [null], {"x": "x"}]'
    ),
)
"""What is put in place of what was there."""


def spoilt(bodies: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what a reader of bodies must not stumble over."""
    yield from NOISE
    for body in bodies:
        for place in range(0, len(body), max(1, len(body) // PLACES)):
            yield body[:place]
            yield body[:place] + bytes([body[place] ^ 0x55]) + body[place + 1 :]
        yield from islice(_with_others(body), CHANGES)


def _with_others(body: bytes) -> Iterator[bytes]:
    try:
        read = cast("object", json.loads(body))
    except ValueError:
        return
    for other in OTHERS:
        for changed in _each(read, other):
            yield json.dumps(changed).encode()


def _each(value: object, other: object) -> Iterator[object]:
    """Yield a value once for each place in it, with something else in that place, or with nothing there."""
    yield other
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        for name, entry in entries.items():
            yield {key: part for key, part in entries.items() if key != name}
            yield from ({**entries, name: changed} for changed in _each(entry, other))
    elif isinstance(value, list):
        items = cast("list[object]", value)
        for place, item in enumerate(items):
            yield from ([*items[:place], changed, *items[place + 1 :]] for changed in _each(item, other))
