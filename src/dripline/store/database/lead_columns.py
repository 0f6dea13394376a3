"""Lists of a lead's columns in SQL, all made of the one in `core`: a new column is in every statement at once.

`lead_columns(l)` are those of a table or a query, `lead_columns()` their bare names, `person_columns(l)` what lists
show of a lead, `lead_values(value)` those of a JSON object.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from dripline.core.leads.lead import LEAD_FIELDS
from dripline.core.views.person import PERSON_FIELDS


def _of_table(table: str, names: Iterable[str]) -> str:
    return ", ".join(f"{table}.{name}" if table else name for name in names)


_LISTS: Mapping[str, Callable[[str], str]] = {
    "lead_columns": lambda table: _of_table(table, LEAD_FIELDS),
    "person_columns": lambda table: _of_table(table, PERSON_FIELDS),
    "lead_values": lambda value: ", ".join(f"{value} ->> '{name}' AS {name}" for name in LEAD_FIELDS),
}

_WRITTEN = re.compile(rf"\b({'|'.join(_LISTS)})\((\w*)\)")


def with_lead_columns(text: str) -> str:
    """Return a statement with the lists of a lead's columns written out."""
    return _WRITTEN.sub(lambda found: _LISTS[found[1]](found[2]), text)
