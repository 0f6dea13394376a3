"""The few texts that a list's statement is composed of: which way it goes on from a place, and what it asks beside.

Only here is a statement put together, and only of constants: no word of a user is ever a part of one. A statement that
finds a list's rows names what it goes by (``/* page by hour, id */``); it has a variant for each way to go on:

- ``.up`` and ``.down`` find the rows behind a key, ``.up_ties`` and ``.down_ties`` those of the same key;
- ``.up_edge`` and ``.down_edge`` find the row that stands so far behind it (``/* beside */`` ends what they ask);
- ``.any`` finds rows in no order, for counting.
"""

import re
from collections.abc import Iterator

_PAGE = re.compile(r"/\* page by ([^*]+?) \*/")
_ORDER = re.compile(r"/\* order by ([^*]+?) \*/")
_BESIDE = re.compile(r"/\* beside \*/.*?(?=/\* page by)", re.DOTALL)
_KEY = re.compile(r"\ASELECT ([\w.]+)[^\n]*? AS key\b")

_TO = {"up": (">", "{key} < :high", ""), "down": ("<", "{key} >= :low", " DESC")}
"""Which way it goes: what lies behind a key, where that ends, and the order."""


def variants(text: str) -> Iterator[tuple[str, str]]:
    """Yield a statement's variants with what is added to its name; one that finds no list as it is."""
    if not _PAGE.search(text):
        yield "", text
        return
    plain = _KEY.sub(r"SELECT \1", _ORDER.sub("", text)).replace("/* each */", "/* every */")
    yield ".any", _put(plain, "AND {key} >= :low AND {key} < :high", "") + " LIMIT :page"
    for way, (behind, end, down) in _TO.items():
        order = f"ORDER BY {{order{down and '_down'}}} LIMIT :page"
        yield f".{way}", _put(text, f"AND {{key}} {behind} :key AND {end} {order}", order)
        edge = f"AND {{key}} {behind} :key AND {end} {order} OFFSET :most"
        yield f".{way}_edge", _put(_BESIDE.sub("", text), edge, order)
        # By these alone, since the key is the same: SQLite would sort them all once more.
        order = f"ORDER BY {{ties_order{down and '_down'}}} LIMIT :page"
        yield f".{way}_ties", _put(text, f"AND {{key}} = :key AND {{ties}} {behind} {{tie}} {order}", order)


def _put(text: str, page: str, order: str) -> str:
    """Put into a statement what it goes by: `page` where it finds its rows, `order` where those are put together."""
    text = _PAGE.sub(lambda written: _spelled(page, written[1]), text)
    return _ORDER.sub(lambda written: _spelled(order, written[1]), text)


def _spelled(template: str, columns: str) -> str:
    """Write a template with a list's columns: the first is its key, the others tell equal keys apart."""
    key, *ties = columns.split(", ")
    parts = [*dict.fromkeys([key, *ties])]
    has_ties = len(ties) > 1
    return template.format(
        key=key,
        ties=f"({', '.join(ties)})" if has_ties else "".join(ties),
        tie="(:tie, :second_tie)" if has_ties else ":tie",
        order=", ".join(parts),
        order_down=_down(parts),
        ties_order=", ".join(ties),
        ties_order_down=_down(ties),
    )


def _down(columns: list[str]) -> str:
    return ", ".join(f"{column} DESC" for column in columns)
