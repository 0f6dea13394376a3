"""Named statements: every ``.sql`` file of the rooms read once, each statement under its name.

A file is a row of statements, each behind ``-- name: <name>`` and a sentence in comments that says what it
guarantees. A statement that moves records says so: ``-- moves: active -> sending``. One that is asked often, and finds
all its rows by their keys, says ``-- plan: kept``: it is as good a plan for many rows as for few (`is_prepared`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from dripline.store.database.dialect import Dialect
from dripline.store.database.paging import variants

_NAME = re.compile(r"^-- name: ([a-z_]+)$", re.MULTILINE)

_PREPARED = "plan: kept"


@dataclass(frozen=True, slots=True)
class Statement:
    """One named statement, written for both databases."""

    name: str
    comment: str = field(kw_only=True)
    text: str = field(kw_only=True)


def sql_files() -> Iterator[Traversable]:
    """Yield the files of statements, each beside the code that runs them; migrations, which have numbers, are none."""
    rooms = (room for room in files("dripline.store").iterdir() if room.is_dir())
    return (file for room in rooms for file in room.iterdir() if re.fullmatch(r"[a-z_]+\.sql", file.name))


@cache
def statements() -> dict[str, Statement]:
    """Return every statement there is, by name.

    Raises:
        ValueError: Two statements have one name.
    """
    found: dict[str, Statement] = {}
    for file in sorted(sql_files(), key=lambda entry: entry.name):
        _, *parts = _NAME.split(file.read_text(encoding="utf-8"))
        for name, part in zip(parts[::2], parts[1::2], strict=True):
            if name in found:
                raise ValueError(f"two statements are named {name}")
            found[name] = _statement(name, part)
    return found


@cache
def is_prepared(name: str) -> bool:
    """Return whether PostgreSQL keeps the plan of a statement, so that it is made once and not each time.

    Of all others it is made again, with what the tables hold then and what is asked: to find the rows of a range, or of
    a status, may be better done in another way as a table grows.
    """
    return _PREPARED in statements()[name.partition(".")[0]].comment.splitlines()


class CompiledStatements(dict[str, str]):
    """Statements as one database's driver takes them, by name; each is compiled when it is first asked for.

    A process runs a few of the hundreds that there are: compiling all of them took a tenth of a second of each command.
    """

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self._dialect = dialect

    def __missing__(self, name: str) -> str:
        self._compile(statements()[name.partition(".")[0]])
        if name not in self:
            raise KeyError(name)
        return self[name]

    def compile_all(self) -> None:
        """Compile every statement that was not asked for yet."""
        for statement in statements().values():
            self._compile(statement)

    def _compile(self, statement: Statement) -> None:
        for way, text in variants(statement.text):
            self.setdefault(f"{statement.name}{way}", self._dialect.statement(text))


@cache
def compiled_on_use(dialect: Dialect) -> CompiledStatements:
    """Return the statements of one database, which all of its connections share."""
    return CompiledStatements(dialect)


def compiled(dialect: Dialect) -> dict[str, str]:
    """Return every statement as one database's driver takes it, by name; one that finds a list, in its variants."""
    found = compiled_on_use(dialect)
    found.compile_all()
    return found


def _statement(name: str, part: str) -> Statement:
    lines = part.strip().splitlines()
    comment = [line.removeprefix("-- ") for line in lines if line.startswith("--")]
    text = [line for line in lines if not line.startswith("--")]
    return Statement(name, comment="\n".join(comment), text="\n".join(text).strip().removesuffix(";"))
