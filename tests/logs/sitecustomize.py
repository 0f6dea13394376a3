"""In processes that tests start: what they log is looked through for people, record by record, as they may be killed.

Python imports this by its name, where `tests/conftest.py` has put this folder on the path. It costs nothing before
dripline's own objects are there.
"""

import importlib.util
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from typing_extensions import override

WAITED_FOR = "dripline.core.leads.lead"

WATCHING = ExitStack()
"""Held until the process ends: what nobody holds ends at once."""


class Watch(MetaPathFinder):
    """Begins to watch once the module is loaded of which people are made."""

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module as ever, and have it followed by the watching."""
        if fullname != WAITED_FOR:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def loaded(module: ModuleType) -> None:
                load(module)
                watch()

            spec.loader.exec_module = loaded
        return spec


def watch() -> None:
    """Note people and hear what is logged until this process ends."""
    sys.path.append(str(Path(__file__).parents[1]))
    import people

    WATCHING.enter_context(people.watched(people.Telling()))


if "PEOPLE_IN_LOGS" in os.environ:
    sys.meta_path.insert(0, Watch())
