"""Lists that come in, or are taken back, beside the answers; whoever asked is told how far it is."""

from functools import partial

from dripline.app import Dripline
from dripline.app.permissions import check
from dripline.core.accounts.access import Actor, Scope
from dripline.core.views.imports import Import
from dripline.importing.leads.upload import ImportOptions, Upload, let_go
from dripline.web.connection_pool import ConnectionPool

AT_FIRST = 1.5
"""How long an answer waits for what it began, in seconds: a short list is done by then, and shows no progress."""


def begin(pool: ConnectionPool, drip: Dripline, upload: Upload, options: ImportOptions, actor: Actor) -> Import:
    """Begin to bring a list in, whose file is let go at the end; return its import as it was written down first.

    Raises:
        DriplineError: It cannot come in; its file was let go.
    """
    try:
        begun = drip.imports.begin(upload, options)
    except BaseException:
        let_go(upload)
        raise
    work = partial(_run, pool, begun=begun, upload=upload, options=options, actor=actor)
    pool.jobs.begin(_name(begun.id), work)
    pool.jobs.is_doing(_name(begun.id), timeout=AT_FIRST)
    return begun


def begin_undo(pool: ConnectionPool, import_id: int, actor: Actor) -> None:
    """Begin to take back what an import did.

    Raises:
        NotAllowed: The actor may not.
    """
    # Asked here as well: nobody hears what the thread is refused.
    check(actor, Scope.LEADS_WRITE)
    pool.jobs.begin(_name(import_id), partial(_undo, pool, import_id=import_id, actor=actor))
    pool.jobs.is_doing(_name(import_id), timeout=AT_FIRST)


def is_under_way(pool: ConnectionPool, import_id: int) -> bool:
    """Return whether a list is coming in, or is being taken back, in this process."""
    return pool.jobs.is_doing(_name(import_id))


def _run(
    pool: ConnectionPool, drip: Dripline, *, begun: Import, upload: Upload, options: ImportOptions, actor: Actor
) -> None:
    try:
        drip.as_actor(actor).imports.run(begun, upload, options, on_progress=lambda _: pool.jobs.check())
    finally:
        let_go(upload)


def _undo(pool: ConnectionPool, drip: Dripline, *, import_id: int, actor: Actor) -> None:
    drip.as_actor(actor).imports.undo(import_id, on_progress=lambda _: pool.jobs.check())


def _name(import_id: int) -> str:
    return f"import {import_id}"
