"""In processes that tests start: what they log is looked through for people, record by record, as they may be killed.

Python imports this by its name, where `tests/conftest.py` has put this folder on the path. It costs nothing before
dripline's own objects are there.
"""

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from typing_extensions import override

MADE_IN = ("dripline.core.leads.lead", "dripline.core.messages.message", "dripline.core.events.inbound")
"""The modules of which people are made; `people.MADE_IN` says how."""


class Watch(MetaPathFinder):
    """Looks at the objects of each of these modules once it is loaded."""

    def __init__(self) -> None:
        self._telling: Any = None

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module as ever, and have it followed by the watching."""
        if fullname not in MADE_IN:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def loaded(module: ModuleType) -> None:
                load(module)
                self._watch(module.__name__)

            spec.loader.exec_module = loaded
        return spec

    def _watch(self, module: str) -> None:
        """Note people and, from the first module on, hear what is logged until this process ends."""
        if self._telling is None:
            sys.path.append(str(Path(__file__).parents[1]))
            from support import people

            self._telling = people.Telling()
            people.hearing(self._telling)
        sys.modules["support.people"].noted_in(module, self._telling)


if "PEOPLE_IN_LOGS" in os.environ:
    sys.meta_path.insert(0, Watch())
