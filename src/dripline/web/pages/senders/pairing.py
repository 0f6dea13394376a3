"""Pairing: a sender's account linked to a phone while somebody looks at what to do on it.

It is done on the server's own event loop, as everything with a provider is: connections to one belong to a loop.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from dripline.app import Dripline
from dripline.app.permissions import check
from dripline.channels.accounts import Pairing
from dripline.core.accounts.access import Actor, Scope
from dripline.core.safe_errors import wordless
from dripline.errors import DriplineError
from dripline.web.connection_pool import ConnectionPool
from dripline.web.path_segments import InAddress, in_address
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, pool_of

PAIRINGS_LIMIT = 2
"""How many are linked at once; each has a connection while it lasts."""

CONNECT = "connect"
"""What a form posts as `then` that stands on the page of a sender that is being connected."""

AT_FIRST = 1.0
"""How long an answer waits for what to do on the phone, in seconds."""

router = APIRouter(prefix="/senders")

_log = logging.getLogger("dripline.web")


@dataclass(slots=True)
class Link:
    """How far the linking of one account is. `shown`: what to do on the phone; `outcome`: how it ended."""

    shown: Pairing | None = field(default=None, kw_only=True)
    outcome: str = field(default="", kw_only=True)
    problem: str = field(default="", kw_only=True)
    task: asyncio.Task[None] | None = field(default=None, kw_only=True)

    @property
    def is_busy(self) -> bool:
        """Whether it is being linked."""
        return not self.outcome and not self.problem


@router.get("/{name}/pair")
def pair_page(request: Request, context: CurrentUser, name: InAddress) -> Response:
    """Show what to do on the phone, and whether it is linked."""
    found = next((state for state in context.drip.senders.all() if state.sender.name == name), None)
    if found is None:
        raise HTTPException(404, f"There is no sender {name}: see the list of senders.")
    return page(request, "senders/pair.html", {"state": found, "link": _links(request).get(name)}, context=context)


@router.post("/{name}/pair")
async def pair(
    request: Request,
    context: CsrfChecked,
    name: InAddress,
    phone: Annotated[str, Form(max_length=100)] = "",
    then: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Begin to link a sender's account to a phone."""
    # Asked before what others begin is touched.
    check(context.user.actor, Scope.SENDERS_WRITE)
    links, where = _links(request), f"/senders/{in_address(name)}/{CONNECT if then == CONNECT else 'pair'}"
    known = links.get(name)
    if known is not None and known.is_busy:
        return RedirectResponse(where, 303)
    if sum(link.is_busy for link in links.values()) >= PAIRINGS_LIMIT:
        return back(where, refused="Others are being linked now: wait until they are, three minutes at most.")
    link = links[name] = Link()
    link.task = asyncio.create_task(_pair(pool_of(request), link, context.user.actor, name, phone.strip() or None))
    # A refusal is there at once, what to do on the phone nearly so.
    await asyncio.wait([link.task], timeout=AT_FIRST)
    return RedirectResponse(where, 303)


async def _pair(pool: ConnectionPool, link: Link, actor: Actor, name: str, phone: str | None) -> None:
    def show(pairing: Pairing) -> None:
        link.shown = pairing

    try:
        async with _held(pool) as drip:
            asked = partial(drip.as_actor(actor).senders.pair, name, phone=phone, on_pairing=show)
            # Whether that may be done is asked, and logged, in the database: not on the loop.
            is_new = await (await asyncio.to_thread(asked))
        link.outcome = f"{name} is linked." if is_new else f"{name} was linked already."
    except DriplineError as error:
        link.problem = str(error)
    except Exception as error:  # noqa: BLE001  (the edge of a task: its page is told)
        _log.error("pairing.failed sender=%s", name, exc_info=wordless(error))
        link.problem = "Something went wrong here, and it was logged: try again, or ask who runs this."


@asynccontextmanager
async def _held(pool: ConnectionPool) -> AsyncGenerator[Dripline]:
    """Take a connection for as long as a block of the event loop lasts."""
    held = pool.acquire()
    drip = await asyncio.to_thread(held.__enter__)
    try:
        yield drip
    finally:
        held.__exit__(None, None, None)


def _links(request: Request) -> dict[str, Link]:
    return request.app.state.pairings
