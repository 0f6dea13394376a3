"""Connections to one account at a mail server: a few, kept and used again, each logged in once.

A login that is refused is tried once for all that wait for it, and by one way of logging in: servers lock accounts for
less. What it means that there is no connection is said as an outcome, with what a person can do.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiosmtplib

from dripline.channels.smtp.account import Security, SmtpAccount
from dripline.channels.smtp.replies import remedy
from dripline.core.outcome import RetryLater, Scope, SenderUnavailable

CONNECTIONS = 5
"""How many connections are open at once."""

REFUSED_FOR = 1.0
"""For so many seconds whoever comes next is given the refusal of the try before: all of one pass."""

STUCK_AFTER = 2
"""After so many refusals of us in a row for one receiver another one is tried: it may be that one's own rule."""

_FIRST_PERMANENT = 500
_WRONG_LOGIN = frozenset({530, 534, 535})
_WAYS = ("auth_plain", "auth_login", "auth_crammd5")
"""How to log in, the surest first: servers offer CRAM-MD5 that cannot do it, and take each wrong try for an attack."""

_LOGIN_REFUSED = "refuses our login: correct the username and password of this account"

Refusal = RetryLater | SenderUnavailable


class Sessions:
    """Kept connections and free places, for the event loop that is running; those of an ended loop are forgotten."""

    def __init__(self, account: SmtpAccount, timeout: float) -> None:
        self.account = account
        self._stuck = (0, 0)
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._forget()

    def _forget(self) -> None:
        self._idle: list[aiosmtplib.SMTP] = []
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._logging_in = asyncio.Lock()
        self._refused: tuple[float, Refusal] | None = None
        self._is_let_in = False

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        """Take one of the places of the running loop."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self._forget()
        async with self._slots:
            yield

    async def connected(self) -> aiosmtplib.SMTP | Refusal:
        """Return a connection, or what it means that there is none. Nothing of a message has left."""
        arrived_at = asyncio.get_running_loop().time()
        if (reused := await self._reused()) is not None:
            return reused
        if not self._is_let_in:
            # As long as nobody was let in one asks, and the others hear what it was told.
            async with self._logging_in:
                if (refusal := self._refused_since(arrived_at)) is not None:
                    return refusal
                if (reused := await self._reused()) is not None:
                    return reused
                if not self._is_let_in:
                    return self._heard(await self._opened())
        return self._heard(await self._opened())

    def is_stuck(self, record_id: int) -> bool:
        """Note that a receiver was refused for our sake; returns whether that is all that has been tried of late."""
        before, times = self._stuck
        self._stuck = (record_id, times + 1 if before == record_id else 1)
        return self._stuck[1] > STUCK_AFTER

    def keep(self, client: aiosmtplib.SMTP) -> None:
        """Keep a connection for the next message."""
        self._idle.append(client)

    async def aclose(self) -> None:
        """Take leave of the server on every kept connection."""
        while self._idle:
            client = self._idle.pop()
            try:
                await client.quit(timeout=1)
            except aiosmtplib.SMTPException:
                client.close()

    def _refused_since(self, arrived_at: float) -> Refusal | None:
        """Return what somebody was told who asked meanwhile; that we are refused holds a little longer."""
        if self._refused is None:
            return None
        at, refusal = self._refused
        lasts = REFUSED_FOR if isinstance(refusal, SenderUnavailable) else 0
        return refusal if arrived_at <= at + lasts else None

    def _heard(self, answer: aiosmtplib.SMTP | Refusal) -> aiosmtplib.SMTP | Refusal:
        self._is_let_in = isinstance(answer, aiosmtplib.SMTP)
        self._refused = None if isinstance(answer, aiosmtplib.SMTP) else (asyncio.get_running_loop().time(), answer)
        return answer

    async def _reused(self) -> aiosmtplib.SMTP | None:
        """Return a kept connection that still answers, if there is one: a stale one is let go before anything left."""
        while self._idle:
            client = self._idle.pop()
            try:
                await client.rset()
            except (aiosmtplib.SMTPException, OSError):
                client.close()
            else:
                return client
        return None

    async def _opened(self) -> aiosmtplib.SMTP | Refusal:
        client = aiosmtplib.SMTP(
            hostname=self.account.host,
            port=self.account.port,
            use_tls=self.account.security is Security.TLS,
            start_tls=self.account.security is Security.STARTTLS,
            timeout=self._timeout,
        )
        try:
            await client.connect()
            await self._log_in(client)
        except asyncio.CancelledError:
            client.close()
            raise
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            return _refusal(error)
        return client

    async def _log_in(self, client: aiosmtplib.SMTP) -> None:
        """Log in by the surest way that the server offers; by another one only where it cannot do that one."""
        if self.account.username is None:
            return
        if not client.supports_extension("auth") and client.is_ehlo_or_helo_needed:
            await client.ehlo()
        offered = {f"auth_{way.replace('-', '')}" for way in client.server_auth_methods}
        refused: aiosmtplib.SMTPAuthenticationError | None = None
        for way in filter(offered.__contains__, _WAYS):
            try:
                await getattr(client, way)(self.account.username, self.account.password or "")
            except aiosmtplib.SMTPAuthenticationError as error:
                refused = error
                if error.code in _WRONG_LOGIN or error.code < _FIRST_PERMANENT:
                    raise
            else:
                return
        raise refused or _NoLogin("it offers no login that we know")


class _NoLogin(aiosmtplib.SMTPException):
    """The server offers no way to log in."""


def _refusal(error: Exception) -> Refusal:
    """Say what it means that there is no connection: a permanent refusal, or a protection that is not there, stays."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        if error.code < _FIRST_PERMANENT:
            return RetryLater(error_text("the mail server lets us in later", error), scope=Scope.SENDER)
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            return SenderUnavailable(error_text(f"the mail server {_LOGIN_REFUSED}", error))
        return refused_us(error)
    if isinstance(error, _NoLogin):
        return SenderUnavailable(
            "the mail server offers no login here: set security to starttls or tls and the port that belongs to it, "
            "or remove the username"
        )
    # The library raises its bare base class where the server lacks STARTTLS, and wraps what TLS itself refused.
    if type(error) is aiosmtplib.SMTPException or isinstance(error.__cause__ or error, ssl.SSLError):
        return SenderUnavailable(
            error_text(
                "the connection to the mail server cannot be protected: check its host, port and security", error
            )
        )
    return RetryLater(error_text("the mail server cannot be reached", error), scope=Scope.SENDER)


def refused_us(error: aiosmtplib.SMTPResponseException) -> SenderUnavailable:
    """Say that a server refuses us, and what a person can do about it."""
    return SenderUnavailable(error_text(f"the mail server {remedy(error.code, error.message)}", error))


def error_text(what: str, error: Exception) -> str:
    """Say what happened with the server's own words: whole, since a part of a secret could not be left out of them."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{what} ({error.code} {' '.join(error.message.split())})"
    return f"{what} ({type(error).__name__})"
