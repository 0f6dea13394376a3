"""Import all of core, store and engine where no adapter can be imported, and run one tick with a channel made by hand.

`test_without_adapters.py` starts this in a process of its own: `python without_adapters.py ADAPTER...`.
"""

import asyncio
import pkgutil
import sys
from datetime import UTC, datetime
from importlib import import_module

HIDDEN = ["app", "cli", "web", "simulate", *(f"channels.{name}" for name in sys.argv[1:])]
LIBRARIES = ["httpx", "aiosmtplib", "fastapi", "starlette", "uvicorn", "typer", "standardwebhooks"]
for name in [*(f"dripline.{room}" for room in HIDDEN), *LIBRARIES]:
    sys.modules[name] = None  # pyright: ignore[reportArgumentType]  # so its import fails

from dripline.core.leads.address import AddressKind  # noqa: E402
from dripline.core.leads.lead import NewLead  # noqa: E402
from dripline.core.messages.message import Message  # noqa: E402
from dripline.core.outcome import Accepted, Outcome  # noqa: E402
from dripline.core.sequences.sequence import Sequence, Step  # noqa: E402
from dripline.engine.clock import VirtualClock  # noqa: E402
from dripline.engine.context import WorkerContext  # noqa: E402
from dripline.engine.limits import Limits  # noqa: E402
from dripline.engine.processor import Processor  # noqa: E402
from dripline.store.database.connect import connect  # noqa: E402
from dripline.store.migrations.migrate import migrate  # noqa: E402
from dripline.store.sequences.in_flight import Reached  # noqa: E402
from dripline.store.sequences.sequences import Sequences  # noqa: E402


class ByHand:
    """A channel that nothing but its contract was read for."""

    async def send(self, message: Message) -> Outcome:
        """Take any message."""
        sys.stdout.write(f"{message.to} {message.text}\n")
        return Accepted("1")


async def main() -> None:
    """Send one message of one lead."""
    clock, database = VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC)), connect("sqlite://")
    migrate(database, 1)
    context = WorkerContext.on(database, clock, worker="w", limits=Limits())
    sequence = Sequence("Welcome", trigger="HELLO", channel="hand", steps=[Step("Hi")])
    Sequences(database, context.store).apply(sequence, Reached(AddressKind.ANY), clock.now())
    context.store.add_leads([NewLead("60123456789", triggers=("HELLO",))], clock.now())
    processor = Processor(context, {"hand": ByHand()})
    async with processor.at_work(asyncio.Event()):
        report = await processor.run_pass()
    database.close()
    sys.stdout.write(f"sent {report.sent}\n")


for room in ("core", "store", "engine"):
    package = import_module(f"dripline.{room}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in module.name:
            import_module(module.name)
asyncio.run(main())
