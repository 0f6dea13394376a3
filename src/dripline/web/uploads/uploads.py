"""Lists that were handed over and are not in yet: kept on this machine for a while, each for the session it came from.

What the pages ask about a list names it by a key that nobody can guess; its content never comes back from a browser.
"""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Message

from dripline.app.imports import ImportPlan
from dripline.engine.clock import new_id
from dripline.errors import InvalidFile, InvalidImport
from dripline.importing.leads.upload import UPLOAD_LIMIT, ImportOptions, Upload, keep_upload, let_go
from dripline.web.uploads.upload_folder import WaitingFolder

LIFE = timedelta(hours=1)
"""How long a list waits for its person, from when it was last looked at."""

UPLOADS_OF_ONE_LIMIT = 3
"""How many lists of one session wait; a further one takes the place of the oldest."""

UPLOADS_LIMIT = 20
"""How many wait in all: they take room on the disk."""

UPLOADS_AT_ONCE = 4
"""How many lists are handed over at the same time: each may be on the disk twice for a moment."""

BODY_LIMIT = UPLOAD_LIMIT + 100_000
"""The most bytes of a posted form that are kept: a list and the fields beside it."""

DRAINED_LIMIT = 10 * BODY_LIMIT
"""How much of a form that is too large is read and dropped, in bytes, so that the browser is there to be told."""

_GONE = "This list is not here any more: a list waits for an hour, where it was handed over. Choose its file again."


@dataclass(slots=True)
class Planning:
    """What importing a list so would do, as far as it is known: `share` of the file was read until then."""

    options: ImportOptions
    number: str = field(default_factory=lambda: f"{new_id():032x}", kw_only=True)
    share: float = field(default=0.0, kw_only=True)
    plan: ImportPlan | None = field(default=None, kw_only=True)
    problem: str = field(default="", kw_only=True)


@dataclass(slots=True)
class Waiting:
    """A list that waits for its person to say how it is to be read."""

    key: str
    upload: Upload = field(kw_only=True)
    owner: str = field(kw_only=True)
    until: datetime = field(kw_only=True)
    planning: Planning | None = field(default=None, kw_only=True)


class Uploads:
    """The lists that wait in one process, in a folder that only its user can enter; it is made when it is needed."""

    def __init__(self) -> None:
        self._folder: WaitingFolder | None = None
        self._waiting: dict[str, Waiting] = {}
        self._lock = Lock()
        self._coming = 0

    @contextmanager
    def coming(self) -> Generator[None]:
        """Take a place for a list while it comes.

        Raises:
            InvalidImport: All are taken.
        """
        with self._lock:
            if self._coming >= UPLOADS_AT_ONCE:
                raise InvalidImport(f"{UPLOADS_AT_ONCE} lists are being handed over already: try again in a moment.")
            self._coming += 1
        try:
            yield
        finally:
            with self._lock:
                self._coming -= 1

    def keep(self, content: BinaryIO, name: str, *, owner: str, now: datetime) -> Waiting:
        """Keep a list.

        Raises:
            InvalidFile: It is of no kind that can be read, empty or too large.
            InvalidImport: Too many wait already.
        """
        self._let_old_go(now)
        own = [one for one in self._waiting.values() if one.owner == owner]
        if len(own) >= UPLOADS_OF_ONE_LIMIT:
            self.drop(min(own, key=lambda one: one.until))
        elif len(self._waiting) >= UPLOADS_LIMIT:
            raise InvalidImport(f"{UPLOADS_LIMIT} lists wait already: try again in some minutes.")
        upload = keep_upload(content, name, self._place())
        waiting = Waiting(f"{new_id():032x}", upload=upload, owner=owner, until=now + LIFE)
        with self._lock:
            self._waiting[waiting.key] = waiting
        return waiting

    def stored(self, content: BinaryIO, name: str) -> Upload:
        """Keep a list that comes in at once, for whoever brings it in and then lets it go.

        Raises:
            InvalidFile: It is of no kind that can be read, empty or too large.
        """
        return keep_upload(content, name, self._place())

    def get(self, key: str, *, owner: str, now: datetime) -> Waiting:
        """Return a list that this owner handed over.

        Raises:
            InvalidImport: There is none, or not any more.
        """
        self._let_old_go(now)
        waiting = self._waiting.get(key)
        if waiting is None or waiting.owner != owner:
            raise InvalidImport(_GONE)
        waiting.until = now + LIFE
        return waiting

    def take(self, waiting: Waiting) -> Upload | None:
        """Return a list's file to whoever brings it in and then lets it go; None if somebody was faster."""
        with self._lock:
            return None if self._waiting.pop(waiting.key, None) is None else waiting.upload

    def drop(self, waiting: Waiting) -> None:
        """Let a list go that will not come in."""
        upload = self.take(waiting)
        if upload is not None:
            let_go(upload)

    def close(self) -> None:
        """Let all of them go."""
        self._waiting.clear()
        if self._folder is not None:
            self._folder.close()
            self._folder = None

    def _place(self) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = WaitingFolder()
            return self._folder.path

    def _let_old_go(self, now: datetime) -> None:
        with self._lock:
            old = [one for one in self._waiting.values() if one.until < now]
        for one in old:
            self.drop(one)


@asynccontextmanager
async def form_within(request: Request, uploads: Uploads) -> AsyncGenerator[FormData]:
    """Read a posted form with a file, of which no more than `BODY_LIMIT` is kept.

    Raises:
        InvalidFile: It is larger.
        InvalidImport: Too many are being read.
    """
    with uploads.coming():
        async with _form(request) as form:
            yield form


@asynccontextmanager
async def _form(request: Request) -> AsyncGenerator[FormData]:
    size, is_whole = 0, False

    async def receive() -> Message:
        nonlocal size, is_whole
        message = await request.receive()
        size, is_whole = size + len(message.get("body", b"")), not message.get("more_body", False)
        if size > BODY_LIMIT:
            # The one error on which the parser closes what it has written so far.
            raise MultiPartException("too large")
        return message

    try:
        form = await Request(request.scope, receive).form(max_files=1, max_fields=20)
    except HTTPException:
        if size <= BODY_LIMIT:
            raise
        if not is_whole:
            await _drain(request)
        raise InvalidFile(
            f"The file is larger than {UPLOAD_LIMIT // 1_000_000} MB: split it into several, or import it with "
            "dripline import where the program runs."
        ) from None
    try:
        yield form
    finally:
        await form.close()


async def _drain(request: Request) -> None:
    dropped, is_whole = 0, False
    while not is_whole and dropped < DRAINED_LIMIT:
        message = await request.receive()
        dropped, is_whole = dropped + len(message.get("body", b"")), not message.get("more_body", False)
