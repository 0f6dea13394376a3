"""Those steps from before 1.0 that are no SQL, by the version that they belong to."""

from collections.abc import Callable

from dripline.store.migrations.before_1_0.reasons import Ask, take_apart
from dripline.store.sql_prompt.prompt_triggers import make_times_plain, sqlite_tables
from dripline.store.sql_prompt.references import let_go

Step = Callable[[str, Ask], None]
"""Takes the name of the database's kind, and what runs statements on it."""


def _make_times_plain(name: str, ask: Ask) -> None:
    if name == "sqlite":
        make_times_plain(ask)


def _let_go(name: str, ask: Ask) -> None:
    if name == "sqlite":
        let_go(sqlite_tables(ask), ask)


STEPS: dict[str, Step] = {"0029": _make_times_plain, "0034": take_apart, "0037": _let_go}
