"""huey on SQLite: a consumer with 2 worker processes.

A row is a contact's task: the first step's, since each step enqueues the next. huey has no bulk insert, so each row is
a commit. Its storage is in WAL mode by default; `fsync=True` says aloud what SQLite does unasked, synchronous FULL.
Two processes were a little faster than two threads; a pipeline (`then`) instead of a call was not.
"""

import logging
import multiprocessing

from chain import STEPS, arguments, report, stopwatch
from huey import SqliteHuey

WORKERS = 2

file, contacts = arguments()
queue = SqliteHuey("peer", filename=file, fsync=True)
fork = multiprocessing.get_context("fork")
left = fork.Value("i", contacts * STEPS)
finished = fork.Event()


@queue.task()
def step(contact: int, number: int) -> None:
    """Send nothing, enqueue the next step, count this one."""
    if number < STEPS:
        step(contact, number + 1)
    with left:
        left.value -= 1
        if left.value == 0:
            finished.set()


def main() -> None:
    """Enroll, process, report."""
    logging.disable(logging.WARNING)
    lap = stopwatch()
    for contact in range(contacts):
        step(contact, 1)
    enrolling = lap()
    consumer = queue.create_consumer(workers=WORKERS, worker_type="process", periodic=False)
    lap = stopwatch()
    consumer.start()
    finished.wait()
    processing = lap()
    consumer.stop(graceful=True)
    report(contacts, enrolling=enrolling, processing=processing)


main()
