"""Follow one due record from claim to settled: which files of dripline one tick enters, and which functions it calls.

Run it to read the list, in the order in which files are first entered: `python tests/engine/trace_tick.py`.
"""

import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Self

import dripline
from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from dripline.store.database.dialect import SQLITE
from dripline.store.database.statements import compiled

SOURCE = Path(dripline.__file__).parent


class Walk:
    """What is entered of dripline in any thread while this is entered: functions called, by file, in order."""

    def __init__(self) -> None:
        self.functions: dict[str, list[str]] = {}

    def __enter__(self) -> Self:
        threading.setprofile(self._look)
        sys.setprofile(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)

    def _look(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or code.co_name == "<module>" or not code.co_filename.startswith(str(SOURCE)):
            return
        called = self.functions.setdefault(str(Path(code.co_filename).relative_to(SOURCE)), [])
        if code.co_qualname not in called:
            called.append(code.co_qualname)


def trace_tick(folder: Path) -> Walk:
    """Trace the tick that sends the one message of one lead, through a database in `folder`."""
    channel = FakeChannel()
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with Dripline(f"sqlite:///{folder}/walk.db", clock=VirtualClock(at), channels={"fake": channel}) as drip:
        drip.tick()  # makes what every pass needs
        compiled(SQLITE)  # as in a process that has sent before
        drip.apply(Sequence("Welcome", trigger="HELLO", channel="fake", steps=[Step("Hi {{ name }}!")]))
        drip.add_lead(phone="0123456789", name="Alice", triggers=["HELLO"])
        with Walk() as walk:
            report = drip.tick()
    assert report.sent == 1, report
    return walk


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        walked = trace_tick(Path(folder)).functions
    for file, names in walked.items():
        sys.stdout.write(f"{file}\n" + "".join(f"    {name}\n" for name in names))
    sys.stdout.write(f"{len(walked)} files, {sum(map(len, walked.values()))} functions\n")
