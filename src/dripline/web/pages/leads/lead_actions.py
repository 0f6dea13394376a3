"""What a person does to leads: adds one, gives or takes a trigger, pauses, ends, bars, forgets. What is harsh asks."""

import re
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from starlette.responses import Response

from dripline.core.leads.lead_ref import lead_ref
from dripline.core.leads.note import NOTE_LIMIT
from dripline.core.text import counted
from dripline.core.views.leads import LeadResult
from dripline.errors import DriplineError, InvalidLead, InvalidTrigger
from dripline.web.errors import status_of
from dripline.web.path_segments import InAddress, in_address
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, PageContext

Posted = Annotated[str, Form(max_length=2_000)]

Noted = Annotated[str, Form(max_length=3 * NOTE_LIMIT)]

Asked = Annotated[str, Query(max_length=200)]

router = APIRouter()


@dataclass(frozen=True, slots=True)
class LeadForm:
    """A lead as it stands in the form; `more` has a line ``name: value`` for each attribute."""

    phone: str = field(default="", kw_only=True)
    name: str = field(default="", kw_only=True)
    email: str = field(default="", kw_only=True)
    triggers: str = field(default="", kw_only=True)
    zone: str = field(default="", kw_only=True)
    more: str = field(default="", kw_only=True)


OTHER_FIELDS = {"zone": ("Time zone", "as their phone says")}
"""The label and the hint of each field that is no address, name or trigger, in the order of the form."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before something harsh is done to a lead."""

    title: str
    text: str = field(kw_only=True)
    name: str = field(kw_only=True)
    is_typed: bool = field(default=False, kw_only=True)


@router.get("/leads/new")
def new_page(
    request: Request,
    context: CurrentUser,
    example: Asked = "",
    trigger: Asked = "",
    phone: Asked = "",
    email: Asked = "",
) -> Response:
    """Ask who the lead is; an example is filled in for whoever only tries."""
    triggers = _triggers(context)
    lead = EXAMPLE if example else LeadForm()
    first = triggers[0] if example and triggers else ""
    return _form(request, context, replace(lead, phone=phone or lead.phone, email=email, triggers=trigger or first))


@router.post("/leads/new")
def new(  # noqa: PLR0913, PLR0917  (a form has as many fields)
    request: Request,
    context: CsrfChecked,
    phone: Posted = "",
    name: Posted = "",
    email: Posted = "",
    triggers: Posted = "",
    zone: Posted = "",
    more: Posted = "",
) -> Response:
    """Add a lead; what cannot be used is told above what was written."""
    written = LeadForm(phone=phone, name=name, email=email, triggers=triggers, zone=zone, more=more)
    try:
        intake = context.drip.add_lead(
            phone=phone.strip() or None,
            email=email.strip() or None,
            name=name.strip() or None,
            triggers=_words(triggers),
            attributes=_attributes(more),
            zone=zone.strip() or None,
        )
    except DriplineError as error:
        return _form(request, context, written, refused=str(error), status=status_of(error))
    return back(_at(phone.strip() or email), done=_added_text(intake))


@router.post("/leads/{address}/trigger")
def give_trigger(context: CsrfChecked, address: InAddress, triggers: Posted = "") -> Response:
    """Give a lead a trigger; it is enrolled at once in what that starts."""
    try:
        words = _words(triggers)
        if not words:
            raise InvalidTrigger("No trigger was written: write a word such as WARMEXAMA.")
        intake = context.drip.add_lead(**lead_ref(address), triggers=words)
    except DriplineError as error:
        return back(_at(address), refused=str(error))
    return back(_at(address), done=_added_text(intake))


@router.post("/leads/{address}/untrigger")
def take_trigger(context: CsrfChecked, address: InAddress, trigger: Posted = "") -> Response:
    """Take a trigger from a lead."""
    try:
        ended = context.drip.leads.remove_trigger(trigger, **lead_ref(address))
    except DriplineError as error:
        return back(_at(address), refused=str(error))
    return back(_at(address), done=f"The trigger was removed; {counted(ended, 'enrollment')} ended.")


@router.post("/leads/{address}/pause")
def pause(context: CsrfChecked, address: InAddress, sequence: Posted = "") -> Response:
    """Pause what a lead is in."""
    touched = context.drip.pause(**lead_ref(address), sequence=sequence or None)
    return back(_at(address), done=f"Paused: {counted(touched, 'enrollment')}.")


@router.post("/leads/{address}/resume")
def resume(context: CsrfChecked, address: InAddress, sequence: Posted = "") -> Response:
    """Let what a lead is in go on."""
    touched = context.drip.resume(**lead_ref(address), sequence=sequence or None)
    return back(_at(address), done=f"Resumed: {counted(touched, 'enrollment')}.")


@router.post("/leads/{address}/opt-in")
def opt_in(context: CsrfChecked, address: InAddress) -> Response:
    """Let a person be sent to again."""
    context.drip.opt_in(**lead_ref(address))
    return back(_at(address), done="They may be sent to again. What was ended stays ended.")


@router.post("/leads/{address}/notes")
def note(context: CsrfChecked, address: InAddress, text: Noted = "") -> Response:
    """Write something down about a lead."""
    try:
        context.drip.leads.add_note(text, **lead_ref(address))
    except DriplineError as error:
        return back(_at(address), refused=str(error))
    return back(_at(address), done="Written down.")


@router.post("/leads/{address}/notes/{note_id}/drop")
def drop_note(context: CsrfChecked, address: InAddress, note_id: int) -> Response:
    """Delete a note."""
    context.drip.leads.drop_note(note_id)
    return back(_at(address), done="The note is deleted.")


@router.get("/leads/{address}/merge")
def plan_merge(request: Request, context: CurrentUser, address: InAddress, other: Asked = "") -> Response:
    """Show what merging a lead with another one does."""
    try:
        merge = context.drip.leads.plan_merge(address, other.strip())
    except DriplineError as error:
        return back(_at(address), refused=str(error))
    values = {"merge": merge, "address": address, "other": other.strip()}
    return page(request, "leads/merge.html", values, context=context)


@router.post("/leads/{address}/merge")
def merge(context: CsrfChecked, address: InAddress, other: Posted = "") -> Response:
    """Merge a lead with another one."""
    try:
        done = context.drip.leads.merge(address, other.strip())
    except DriplineError as error:
        return back(_at(address), refused=str(error))
    return back(_at(done.result.phone or done.result.email or address), done="They are one lead now.")


@router.get("/leads/{address}/{deed}")
def ask(request: Request, context: CurrentUser, address: InAddress, deed: str, sequence: Asked = "") -> Response:
    """Ask before something harsh is done to a lead."""
    question = QUESTIONS.get(deed)
    if question is None:
        raise HTTPException(404, "There is nothing here.")
    return _ask(request, context, question, address=address, sequence=sequence)


@router.post("/leads/{address}/stop")
def stop(context: CsrfChecked, address: InAddress, sequence: Posted = "", reason: Posted = "") -> Response:
    """End what a lead is in, or one sequence of it."""
    options = {"reason": reason.strip()} if reason.strip() else {}
    ended = context.drip.leads.exit(**lead_ref(address), sequence=sequence or None, **options)
    return back(_at(address), done=f"Ended: {counted(ended, 'enrollment')}.")


@router.post("/leads/{address}/opt-out")
def opt_out(context: CsrfChecked, address: InAddress, reason: Posted = "") -> Response:
    """Bar a person for good."""
    ended = context.drip.opt_out(**lead_ref(address), reason=reason)
    return back(_at(address), done=f"Opted out: nothing is sent any more; {counted(ended, 'enrollment')} ended.")


@router.post("/leads/{address}/forget")
def forget(request: Request, context: CsrfChecked, address: InAddress, typed: Posted = "") -> Response:
    """Delete a person and all that is stored of them, once their address was typed."""
    if _bare(typed) != _bare(address):
        problem = f"That is not {address}: write it as it stands here, and nothing was deleted until then."
        return _ask(request, context, QUESTIONS["forget"], address=address, refused=problem, status=422)
    count = context.drip.leads.forget(**lead_ref(address))
    return back("/leads", done=f"Deleted: {counted(count, 'lead')}.")


def _form(
    request: Request, context: PageContext, written: LeadForm, *, refused: str = "", status: int = HTTPStatus.OK
) -> Response:
    values = {"lead": written, "others": OTHER_FIELDS, "triggers": _triggers(context), "refused": refused}
    return page(request, "leads/new.html", values, context=context, status=status)


def _ask(  # noqa: PLR0913  (what is asked, of whom, and what was wrong with the answer)
    request: Request,
    context: PageContext,
    question: Question,
    *,
    address: InAddress,
    sequence: str = "",
    refused: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    if not context.drip.leads.with_address(**lead_ref(address)):
        raise HTTPException(404, f"No lead has the address {address}: it was never imported, or was forgotten.")
    values = {"question": question, "address": address, "sequence": sequence, "refused": refused}
    return page(request, "leads/confirm.html", values, context=context, status=status)


def _triggers(context: PageContext) -> list[str]:
    return [state.sequence.trigger for state in context.drip.sequences.all()]


def _words(triggers: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", triggers) if word]


def _attributes(more: str) -> dict[str, str]:
    """Read attributes, a line for each.

    Raises:
        InvalidLead: A line has no name.
    """
    found: dict[str, str] = {}
    for line in filter(str.strip, more.splitlines()):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise InvalidLead(f"{line.strip()[:40]!r} has no name before a colon: write it as niche: EXAMA.")
        found[name.strip()] = value.strip()
    return found


def _added_text(intake: LeadResult) -> str:
    lead = "The lead is added" if intake.added else "This lead was here already"
    begun = f"{counted(intake.enrolled, 'enrollment')} began" if intake.enrolled else "no sequence began"
    return f"{lead}; {begun}."


def _bare(address: str) -> str:
    """Return an address without what people write between its digits."""
    return address.strip().casefold() if "@" in address else "".join(filter(str.isdigit, address))


def _at(address: str) -> str:
    return f"/leads/{in_address(address.strip())}"


EXAMPLE = LeadForm(phone="60123456789", name="Aina", more="niche: EXAMA")

QUESTIONS = {
    "stop": Question(
        "End what they are in?",
        text="What was not sent yet is cancelled. They stay here, and a new trigger can begin a sequence again.",
        name="End it",
    ),
    "opt-out": Question(
        "Never send to them again?",
        text="Everything that they are in ends, and nothing is sent to this address, nor to any other of theirs, even "
        "if they are deleted and imported again.",
        name="Opt out for good",
    ),
    "forget": Question(
        "Delete them and all that is stored of them?",
        text="Their messages, tries and history are deleted. This cannot be taken back. If they opted out, that stays.",
        name="Forget them",
        is_typed=True,
    ),
}
"""What is asked before, by the last word of the address."""
