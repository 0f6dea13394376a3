"""procrastinate on PostgreSQL: one worker, concurrency 20.

A row is a contact's job: the first step's, since each step defers the next. Jobs are written by `batch_defer_async`.
The rest is its default: a pool of 4 connections (10 was no faster, 22 slower), LISTEN and NOTIFY, and jobs kept when
they succeeded (deleting them gained nothing).
"""

import asyncio

from chain import SCHEMA, STEPS, Countdown, arguments, bulks, report, stopwatch
from procrastinate import App, PsycopgConnector

CONCURRENCY = 20


async def main() -> None:
    """Enroll, process, report."""
    url, contacts = arguments()
    app = App(connector=PsycopgConnector(conninfo=url, kwargs={"options": f"-c search_path={SCHEMA}"}))
    countdown = Countdown(contacts)

    @app.task(name="step")
    async def step(contact: int, number: int) -> None:
        if number < STEPS:
            await step.defer_async(contact=contact, number=number + 1)
        countdown.step()

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        lap = stopwatch()
        for bulk in bulks(contacts):
            await step.batch_defer_async(*({"contact": contact, "number": 1} for contact in bulk))
        enrolling, lap = lap(), stopwatch()
        worker = asyncio.create_task(app.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=False))
        await countdown.finished()
        processing = lap()
        worker.cancel()
        await asyncio.wait([worker])
    report(contacts, enrolling=enrolling, processing=processing)


asyncio.run(main())
