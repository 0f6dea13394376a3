"""Who may do what: each use case says beside itself which scope it needs, and under which name the log keeps it.

Whoever acts is checked here and nowhere else: the pages, the API and everything else that lets somebody in acts for
them (`Dripline.as_actor`), and what they may not do raises `NotAllowed` before anything is read or changed. What they
change is written into the log in the transaction that changes it, and once that is committed the processor of this
process looks. A program that has the database itself may do everything, and keeps a log of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial, wraps
from inspect import Parameter, iscoroutinefunction, signature
from typing import TypeVar, cast

from dripline.app.session import Session
from dripline.core.accounts.access import PROGRAM, Actor, Scope
from dripline.core.leads.lead import LEAD_FIELDS
from dripline.core.text import as_text
from dripline.errors import NotAllowed

DETAIL_LIMIT = 200
"""How much of an argument the log keeps, in characters."""

REDACTED = frozenset(
    {"credential", "password", "secret", "url", "phone", "email", "attributes", "leads", "text", "upload", "begun"}
    | {"one", "other"}
    | {"on_progress", "on_refused"}
)
"""Arguments that the log never keeps: secrets, URLs (one may hold one), and what is known of people, who may want to be
forgotten."""

_OF_A_PERSON = frozenset(LEAD_FIELDS) - {"zone"}
"""What is kept of a lead, which the log does not keep beside."""

_MARK = "__requirement__"

F = TypeVar("F", bound=Callable[..., object])
T = TypeVar("T")
Case = Callable[[], T]
Given = Callable[[], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a use case needs of whoever acts. `scope` is None for what nobody has to be let in for.

    `audited_as`: the name under which the log keeps it, which is stored and stays when a method is renamed. `is_long`:
    it is more than one transaction, or speaks to a provider, so that the log is written beside it and not with it.
    `of_change`: the scope of a change that this tells of: whoever may make it may ask before what it will do, and is
    told afterwards what it did. It reads nothing else: a token that only writes leads may stand where others find it.
    """

    scope: Scope | None
    audited_as: str | None = field(default=None, kw_only=True)
    is_long: bool = field(default=False, kw_only=True)
    of_change: Scope | None = field(default=None, kw_only=True)

    def allows(self, actor: Actor) -> bool:
        """Return whether somebody may do what needs this."""
        return self.scope is None or actor.may(self.scope) or (self.of_change is not None and actor.may(self.of_change))


PUBLIC = Requirement(None)
"""Of what nobody has to be let in for: how one comes in, what providers sign, and what only a program does that has the
database."""


class UseCases:
    """The use cases of one noun, on one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stores = session.stores
        self._application = session.application

    async def _run_long(self, need: Requirement, case: Case[Awaitable[object]], given: Given) -> object:
        """Do what a coroutine does, and write it into the log once it has succeeded."""
        if _is_trusted(self._session):
            answer = await case()
        else:
            check(self._session.actor, need)
            with _inside(self._session):
                answer = await case()
                await asyncio.to_thread(self._audit, need, given)
        if need.audited_as is not None:
            self._session.wake()
        return answer

    def _run(self, need: Requirement, case: Case[object], given: Given) -> object:
        """Do what a use case does: a change in one transaction with its entry in the log, unless it is a long one."""
        act = case
        if not _is_trusted(self._session):
            check(self._session.actor, need)
            act = partial(self._run_audited, need, case, given)
        if need.audited_as is None:
            return act()
        answer = act() if need.is_long else self._session.stores.store.together(act)
        # Whatever was changed may have made something due: a lead that leaves one sequence may start the next.
        self._session.wake()
        return answer

    def _run_audited(self, need: Requirement, case: Case[object], given: Given) -> object:
        with _inside(self._session):
            answer = case()
            self._audit(need, given)
            return answer

    def _audit(self, need: Requirement, given: Given) -> None:
        """Write down who changed what."""
        if need.audited_as is None:
            return
        session, arguments = self._session, given()
        # A sender's phone is no lead's.
        is_of_leads = need.scope is not Scope.SENDERS_WRITE
        lead_id = session.lead_of(arguments.get("phone"), arguments.get("email")) if is_of_leads else None
        details = dict(_details(arguments, is_of_leads=is_of_leads))
        session.stores.audit.log(session.actor.name, need.audited_as, details, session.now(), lead_id)

    @classmethod
    def guarded(cls, need: Requirement, case: F) -> F:
        """Return a use case that asks first what whoever acts may do."""

        def given(*args: object, **kwargs: object) -> dict[str, object]:
            """Return what it was given beside the object, without empty defaults."""
            known = signature(case)
            arguments = dict(list(known.bind(*args, **kwargs).arguments.items())[1:])
            for name, parameter in known.parameters.items():
                if parameter.kind is Parameter.VAR_KEYWORD:
                    arguments |= arguments.pop(name, {})
            # A yes or no counts also where it is the default: who is let in again is so by a no.
            defaults = {name: parameter.default for name, parameter in known.parameters.items()}
            return {
                name: value
                for name, value in arguments.items()
                if isinstance(value, bool) or value != defaults.get(name, Parameter.empty)
            }

        @wraps(case)
        def asked(self: UseCases, *args: object, **kwargs: object) -> object:
            return self._run(need, partial(case, self, *args, **kwargs), partial(given, self, *args, **kwargs))

        @wraps(case)
        async def asked_long(self: UseCases, *args: object, **kwargs: object) -> object:
            begin = cast("Case[Awaitable[object]]", partial(case, self, *args, **kwargs))
            return await self._run_long(need, begin, partial(given, self, *args, **kwargs))

        return cast("F", asked_long if iscoroutinefunction(case) else asked)


def requires(
    scope: Scope, *, audited_as: str | None = None, is_long: bool = False, of_change: Scope | None = None
) -> Callable[[F], F]:
    """Let a use case be done only by whoever has a scope; it is a change where the log keeps it under a name."""
    need = Requirement(scope, audited_as=audited_as, is_long=is_long, of_change=of_change)
    return lambda case: _marked(UseCases.guarded(need, case), need)


def public(case: F) -> F:
    """Let a use case be done by anybody who has the object."""
    return _marked(case, PUBLIC)


def requirement_of(case: object) -> Requirement | None:
    """Return what a use case needs; None if it does not say."""
    return cast("Requirement | None", getattr(case, _MARK, None))


def check(actor: Actor, need: Requirement | Scope) -> None:
    """Refuse whoever may not do what needs a scope.

    Raises:
        NotAllowed: They may not.
    """
    wanted = need if isinstance(need, Requirement) else Requirement(need)
    if not wanted.allows(actor):
        raise NotAllowed(f"That needs the right {wanted.scope}, which {actor.name} does not have: ask an admin.")


def _marked(case: F, need: Requirement) -> F:
    setattr(case, _MARK, need)
    return case


_session_inside = ContextVar[Session | None]("session_inside", default=None)
"""The session whose use case runs: what it asks of others there needs no right of its own, and no entry in the log."""


@contextmanager
def _inside(session: Session) -> Generator[None]:
    token = _session_inside.set(session)
    try:
        yield
    finally:
        _session_inside.reset(token)


def _is_trusted(session: Session) -> bool:
    return session.actor is PROGRAM or _session_inside.get() is session


def _details(arguments: dict[str, object], *, is_of_leads: bool) -> Iterator[tuple[str, str]]:
    """Yield what the log keeps of arguments: names of things, never of a person, and plain values."""
    is_of_a_person = is_of_leads and bool(arguments.get("phone") or arguments.get("email"))
    for name, value in arguments.items():
        if name in REDACTED or value is None or (is_of_a_person and name in _OF_A_PERSON):
            continue
        yield name, as_text(getattr(value, "name", value), DETAIL_LIMIT)
