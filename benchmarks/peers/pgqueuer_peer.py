"""pgqueuer on PostgreSQL: one worker, batches of 100.

A row is a contact's job: the first step's, since each step enqueues the next. Jobs are written by `enqueue` with lists.
Its asyncpg pool of 5 connections, the uvloop of its own command, and tables of durability `durable` are its defaults;
one connection, ten or twenty, and its psycopg driver were no faster.
"""

import asyncio

import asyncpg
import uvloop
from chain import SCHEMA, STEPS, Countdown, arguments, bulks, report, stopwatch
from pgqueuer import Job, PgQueuer, Queries

BATCH = 100
POOL = 5


async def main() -> None:
    """Enroll, process, report."""
    url, contacts = arguments()
    countdown = Countdown(contacts)
    async with asyncpg.create_pool(url, min_size=POOL, max_size=POOL, server_settings={"search_path": SCHEMA}) as pool:
        worker = PgQueuer.from_asyncpg_pool(pool)
        queries = Queries.from_asyncpg_pool(pool)
        await queries.install()

        @worker.entrypoint("step")
        async def step(job: Job) -> None:
            contact, number = map(int, job.payload.split())
            if number < STEPS:
                await queries.enqueue("step", b"%d %d" % (contact, number + 1))
            countdown.step()

        lap = stopwatch()
        for bulk in bulks(contacts):
            payloads = [b"%d 1" % contact for contact in bulk]
            await queries.enqueue(["step"] * len(bulk), payloads, [0] * len(bulk))
        enrolling, lap = lap(), stopwatch()
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.run(batch_size=BATCH))
            await countdown.finished()
            processing = lap()
            worker.shutdown.set()
    report(contacts, enrolling=enrolling, processing=processing)


uvloop.run(main())
