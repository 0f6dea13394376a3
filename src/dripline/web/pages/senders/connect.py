"""Connecting a sender: its account is asked about at its provider, kept, and then seen to receive and to send.

What is written into these forms is never in a page again, nor in an address: whoever is refused without a script writes
the secrets once more.
"""

import asyncio
from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from dripline.app.senders import TEST_MESSAGE
from dripline.core.senders.credential import ConnectableChannel, CredentialFact, FactCode, FactState
from dripline.core.senders.sender import Pace, SenderStatus
from dripline.core.views.senders import SenderState
from dripline.errors import DriplineError, InvalidCredential, InvalidSender
from dripline.web.errors import status_of
from dripline.web.pages.senders.kinds import AS_NOW, DEFAULT, FIRST, KINDS, LIMITS, kind_of
from dripline.web.path_segments import InAddress, in_address
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, PageContext

router = APIRouter(prefix="/senders")

PREFIX = "field-"
"""What the names of a credential's fields begin with in the form."""

LATER = "its set-up is not finished"
"""Why a sender is paused that was saved for later."""


@dataclass(frozen=True, slots=True)
class ConnectForm:
    """What somebody wrote, without its empty fields.

    `known` is a sender that gets another credential, `replaces` one that is archived once this one is there.
    """

    channel: str
    name: str = field(kw_only=True)
    account: str = field(kw_only=True)
    limits: str = field(kw_only=True)
    known: str = field(default="", kw_only=True)
    replaces: str = field(default="", kw_only=True)
    is_for_later: bool = field(default=False, kw_only=True)
    fields: Mapping[str, str] = field(default_factory=dict[str, str], kw_only=True, repr=False)

    @property
    def of(self) -> str:
        """The sender that is there already, if one is."""
        return self.known or self.replaces


async def _given(request: Request) -> ConnectForm:
    posted = await request.form()
    texts = {name: text.strip() for name, text in posted.items() if isinstance(text, str) and text.strip()}
    return ConnectForm(
        texts.get("kind", DEFAULT),
        name=texts.get("known") or texts.get("name", ""),
        account=texts.get("account", ""),
        limits=texts.get("limits", ""),
        known=texts.get("known", ""),
        replaces=texts.get("replaces", ""),
        is_for_later="later" in texts,
        fields={name.removeprefix(PREFIX): text for name, text in texts.items() if name.startswith(PREFIX)},
    )


Given = Annotated[ConnectForm, Depends(_given)]


@router.get("/new/connect")
def connect_page(
    request: Request, context: CurrentUser, kind: str = DEFAULT, sender: str = "", replaces: str = ""
) -> Response:
    """Ask for an account: of a new sender, of one that is there, or of one that takes another's place."""
    of = sender or replaces
    state = _state(context, of) if of else None
    form = ConnectForm(
        kind if state is None else state.sender.channel,
        name=sender,
        account="" if state is None or replaces else state.sender.account or "",
        limits="" if state is None else AS_NOW,
        known=sender,
        replaces=replaces,
    )
    return _form(request, context, form)


@router.post("/new/connect")
async def connect(request: Request, context: CsrfChecked, given: Given) -> Response:
    """Keep an account whose provider lets it in; one that is saved for later is not asked about."""
    facts: Listing[CredentialFact] = ()
    try:
        if not given.is_for_later:
            facts = await _facts(context, given)
        if not any(_forbids(fact, given.channel) for fact in facts):
            await asyncio.to_thread(_keep, context, given)
            return RedirectResponse(f"/senders/{in_address(given.name)}/connect", 303)
    except DriplineError as error:
        return await _again(request, context, given, facts=facts, refused=str(error), status=status_of(error))
    return await _again(request, context, given, facts=facts, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@router.post("/new/connect/check")
async def check_account(request: Request, context: CsrfChecked, given: Given) -> Response:
    """Ask the provider what it thinks of an account that is being written, and keep nothing."""
    try:
        facts = await _facts(context, given)
    except DriplineError as error:
        return await _again(request, context, given, refused=str(error), status=status_of(error))
    return await _again(request, context, given, facts=facts)


@router.get("/{name}/connect")
def connected_page(request: Request, context: CurrentUser, name: InAddress) -> Response:
    """Show what a connected sender still needs: a phone, what its provider is to be given, a test message."""
    state, senders = _state(context, name), context.drip.senders
    credential = next((one for one in senders.credentials() if one.sender == name), None)
    if credential is None:
        raise HTTPException(404, f"The sender {name} has no account of its own: connect it first.")
    channel = _channel(context, credential.channel)
    # Whoever looks is in the log: a page that only asks whether a call has come is nobody who looks.
    shows = context.may("admin") and channel.has_webhook and "x-live" not in request.headers
    values = {
        "state": state,
        "credential": credential,
        "kind": kind_of(credential.channel),
        "channel": channel,
        "webhook": senders.webhook(name) if shows else None,
        "titles": {one.name: one.title for one in channel.fields},
        "origin": f"{request.url.scheme}://{request.url.netloc}",
        "link": request.app.state.pairings.get(name),
        "tested": request.app.state.tried.get(name),
        "test_message": TEST_MESSAGE,
        "now": context.drip.now(),
    }
    return page(request, "senders/connected.html", values, context=context)


@router.post("/{name}/disconnect")
def disconnect(context: CsrfChecked, name: InAddress) -> Response:
    """Delete a sender's account; the sender stays."""
    context.drip.senders.disconnect(name)
    return back(f"/senders/{in_address(name)}", done=f"{name} has no account of its own any more.")


async def _facts(context: PageContext, given: ConnectForm) -> Listing[CredentialFact]:
    """Ask about an account; whether that may be done is asked in the database, which is not on the loop."""
    asked = partial(context.drip.senders.try_credential, given.channel, given.fields, account=given.account or None)
    return await (await asyncio.to_thread(asked))


async def _again(
    request: Request,
    context: PageContext,
    given: ConnectForm,
    *,
    facts: Listing[CredentialFact] = (),
    refused: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    """Show the form again; the page reads the database, so it is not made on the loop."""
    return await asyncio.to_thread(partial(_form, request, context, given, facts=facts, refused=refused, status=status))


def _forbids(fact: CredentialFact, channel: str) -> bool:
    """Return whether an account is not kept: a phone is linked, and a webhook set, only afterwards."""
    wanted = {FactCode.LOGIN, FactCode.RECEIVING}
    if not kind_of(channel).is_by_phone:
        wanted.add(FactCode.ACCOUNT)
    return fact.state is FactState.FAILS and fact.code in wanted


def _keep(context: PageContext, given: ConnectForm) -> None:
    senders, account = context.drip.senders, given.account or None
    if not given.known and any(state.sender.name == given.name for state in senders.all()):
        raise InvalidSender(f"There is a sender {given.name} already: give this one another name.")
    pace = _pace(context, given)
    if given.replaces:
        senders.replace(given.replaces, given.name, given.fields, account=account, pace=pace)
    else:
        senders.connect(given.name, given.channel, given.fields, account=account, pace=pace)
    if given.is_for_later:
        senders.pause(given.name, reason=LATER)


def _pace(context: PageContext, given: ConnectForm) -> Pace | None:
    """Return the limits that were chosen; None for those that are there."""
    if given.limits == AS_NOW and given.of:
        return None
    chosen = LIMITS.get(given.limits) or LIMITS[kind_of(given.channel).limits[0]]
    return chosen.in_zone(context.drip.workspace.state().workspace.zone)


def _form(
    request: Request,
    context: PageContext,
    form: ConnectForm,
    *,
    facts: Listing[CredentialFact] = (),
    refused: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    channel = _channel(context, form.channel)
    kind, shown = kind_of(form.channel), {*list(KINDS)[:FIRST], form.channel}
    given = [one for one in channel.fields if not one.is_generated]
    values = {
        "form": form,
        "kinds": [(name, one) for name, one in KINDS.items() if name in shown],
        "others": [(name, one) for name, one in KINDS.items() if name not in shown],
        "kind": kind,
        "channel": channel,
        "main": [one for one in given if one.is_required or one.where or one.name in kind.fields],
        "more": [one for one in given if not (one.is_required or one.where or one.name in kind.fields)],
        "limits": {name: LIMITS[name] for name in kind.limits},
        "chosen": form.limits or kind.limits[0],
        "facts": facts,
        "refused": refused,
    }
    return page(request, "senders/connect.html", values, context=context, status=status)


def _channel(context: PageContext, name: str) -> ConnectableChannel:
    found = next((one for one in context.drip.senders.connectable_channels() if one.name == name), None)
    if found is None:
        raise InvalidCredential(f"No account is connected for {name[:40]!r}: choose a kind of sender.")
    return found


def _state(context: PageContext, name: str) -> SenderState:
    found = next((state for state in context.drip.senders.all() if state.sender.name == name), None)
    if found is None or found.status is SenderStatus.ARCHIVED:
        raise HTTPException(404, f"There is no sender {name}: see the list of senders.")
    return found
