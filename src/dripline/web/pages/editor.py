"""The editor: a sequence is written, tried out on a lead, planned, and published exactly as planned.

It is one form whose buttons say what is done with it, so that it works in any browser; a script posts the same form
while somebody writes, and takes over what stands beside the fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from dripline.core.planning.plan import Action, Plan
from dripline.core.planning.reach import Reach
from dripline.core.queries.report import Tally
from dripline.core.sequences.content import MediaKind
from dripline.core.sequences.policy import OnFailure, OnReply, OnTriggerLost, OnUnknown, ReEntry, WhenLate
from dripline.core.sequences.sequence import Sequence
from dripline.core.text import counted, start_now
from dripline.core.views.sequences import Applied
from dripline.errors import ChannelNotConfigured, InvalidInput, InvalidSequence
from dripline.web.editor.example import WARM
from dripline.web.editor.live_preview import look
from dripline.web.editor.sequence_form import FULL_STEPS, STEPS_LIMIT, SequenceForm
from dripline.web.editor.step_form import FURTHER
from dripline.web.errors import status_of
from dripline.web.path_segments import InAddress, in_address
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, PageContext

MOVES_SHOWN = 20
"""How many of those that go over are shown."""

SIMULATED = 300
"""How many leads a draft is played over unless somebody asks for more."""

CHANGED = "The sequence or its leads changed since: look at the plan again. Pause the sequence where it never rests."

ANSWERS = (
    ("on_reply", "When a lead replies", OnReply),
    ("on_failure", "When a step fails", OnFailure),
    ("on_unknown", "When nobody knows whether a step went", OnUnknown),
    ("when_late", "When a step is late", WhenLate),
    ("on_trigger_lost", "When a lead loses the trigger", OnTriggerLost),
    ("re_entry", "When a lead gains the trigger again", ReEntry),
)
"""A sequence's answers: field, label, and what may be answered."""

router = APIRouter(prefix="/sequences")


@dataclass(frozen=True, slots=True)
class Work:
    """A form, and what it is of: `stored` is the sequence that is edited, None for a new one."""

    form: SequenceForm
    stored: Sequence | None = field(kw_only=True)
    lead: str = field(default="", kw_only=True)
    draft: str = field(default="", kw_only=True)
    reach: Reach = field(default=Reach.NEW, kw_only=True)

    @property
    def where(self) -> str:
        """Where it is edited."""
        return "/sequences/new" if self.stored is None else f"{_at(self.stored.name)}/edit"

    @property
    def is_changed(self) -> bool:
        """Whether publishing would change anything that is written here."""
        return self.stored is None or self.form != SequenceForm.of(self.stored)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A plan as it is shown: `starting` leads have the trigger of a sequence that is new."""

    plan: Plan
    starting: int = field(kw_only=True)

    @property
    def has_changes(self) -> bool:
        """Whether there is anything to publish."""
        return self.plan.action is not Action.KEEP or bool(self.plan.starting.leads)


async def _given(request: Request) -> FormData:
    return await request.form()


Given = Annotated[FormData, Depends(_given)]


@router.get("/new")
def new_page(request: Request, context: CurrentUser, example: str = "", copy: str = "", draft: str = "") -> Response:
    """Show the editor of a new sequence: an empty one, an example, a copy, or a draft."""
    if draft:
        return _show(request, context, Work(_drafted(context, draft), stored=None, draft=draft))
    if copy:
        other = SequenceForm.of(context.drip.sequences.get(copy).sequence)
        steps = tuple(step.but(was="") for step in other.steps)
        form = replace(other, steps=steps).but(name=f"{other.name} copy", trigger="")
    else:
        form = WARM if example == "warm" else SequenceForm.empty()
    return _show(request, context, Work(form, stored=None))


@router.get("/{name}/edit")
def edit_page(request: Request, context: CurrentUser, name: InAddress, *, published: bool = False) -> Response:
    """Show the editor of a sequence: its draft, where there is one."""
    stored = context.drip.sequences.get(name).sequence
    saved = None if published else context.drip.sequences.drafts.get(name)
    form = SequenceForm.of(stored) if saved is None else SequenceForm.from_json(saved.text)
    return _show(request, context, Work(form, stored=stored, draft=name if saved else ""))


@router.post("/new")
def write_new(request: Request, context: CsrfChecked, given: Given) -> Response:
    """Do what a button of the editor says with a new sequence."""
    return _done(request, context, given, None)


@router.post("/{name}/edit")
def write(request: Request, context: CsrfChecked, name: InAddress, given: Given) -> Response:
    """Do what a button of the editor says with a sequence that is there."""
    return _done(request, context, given, context.drip.sequences.get(name).sequence)


def _done(request: Request, context: PageContext, posted: FormData, stored: Sequence | None) -> Response:
    given = {name: text for name, text in posted.items() if isinstance(text, str)}
    form = SequenceForm.posted(given, tuple(text for text in posted.getlist("senders") if isinstance(text, str)))
    if stored is not None:
        form = form.but(name=stored.name)
    reach = given.get("reach", "")
    work = Work(
        form,
        stored=stored,
        lead=given.get("lead", ""),
        draft=given.get("draft", ""),
        reach=Reach(reach) if reach in set(Reach) else Reach.NEW,
    )
    try:
        return _acted(request, context, work, given)
    except (InvalidInput, ChannelNotConfigured) as error:
        return _show(request, context, work, refused=str(error), status=status_of(error))


def _acted(request: Request, context: PageContext, work: Work, given: Mapping[str, str]) -> Response:
    action = given.get("do", "")
    match action:
        case "look":
            return page(request, "editor/live.html", _beside(context, work), context=context)
        case "review":
            return _show(request, context, work, reviewed=_reviewed(context, work))
        case "publish":
            return _publish(request, context, work, given)
        case "save" | "simulate" | "discard":
            return _keep_draft(context, work, action)
        case _:
            return _show(request, context, replace(work, form=work.form.changed(action)))


def _reviewed(context: PageContext, work: Work, as_of: datetime | None = None) -> Reviewed:
    wanted = work.form.sequence(work.stored)
    if work.stored is None:
        _refuse_name(context, wanted.name)
    planned = context.drip.plan(wanted, reach=work.reach, as_of=as_of)
    return Reviewed(planned, starting=context.drip.leads.count_starting(wanted.trigger) if work.stored is None else 0)


def _publish(request: Request, context: PageContext, work: Work, given: Mapping[str, str]) -> Response:
    reviewed = _reviewed(context, work, _instant(given.get("planned_at", "")))
    if reviewed.plan.fingerprint != given.get("fingerprint"):
        return _show(request, context, work, reviewed=_reviewed(context, work), refused=CHANGED, status=409)
    applied = context.drip.sequences.publish(reviewed.plan)
    for draft in {work.draft, applied.plan.name} - {""}:
        context.drip.sequences.drafts.drop(draft)
    return back(_at(applied.plan.name), done=_published(applied))


def _keep_draft(context: PageContext, work: Work, action: str) -> Response:
    """Keep what is written as a draft and say so, or lead to its picture; or let the draft go."""
    if action == "discard":
        context.drip.sequences.drafts.drop(work.draft)
        return back("/sequences", done=f"The draft of {work.draft} is gone.")
    if action == "simulate":
        name = work.form.sequence(work.stored).name
        if work.is_changed:
            _saved(context, work)
        return back(f"/simulate?{urlencode({'sequence': name, 'drafts': '1', 'leads': str(SIMULATED)})}")
    name = _saved(context, work)
    where = f"{work.where}?{urlencode({'draft': name})}" if work.stored is None else work.where
    return back(where, done="The draft is saved. Nothing is sent until it is published.")


def _saved(context: PageContext, work: Work) -> str:
    name = work.form.name.strip()
    if work.stored is None:
        _refuse_name(context, name)
    context.drip.sequences.drafts.save(name, work.form.as_json())
    if work.draft not in {"", name}:
        context.drip.sequences.drafts.drop(work.draft)
    return name


def _refuse_name(context: PageContext, name: str) -> None:
    """Refuse a name that a sequence has already."""
    if any(state.sequence.name == name for state in context.drip.sequences.all()):
        raise InvalidSequence(f"There is a sequence {name!r} already: give this one another name, or edit that one.")


def _show(
    request: Request,
    context: PageContext,
    work: Work,
    *,
    reviewed: Reviewed | None = None,
    refused: str = "",
    status: int = 200,
) -> Response:
    if len(work.form.steps) > STEPS_LIMIT:
        raise InvalidSequence(f"More than {STEPS_LIMIT} steps cannot be edited on a page: change the sequence's file.")
    values = {
        **_beside(context, work),
        "work": work,
        "reviewed": reviewed,
        "moves": reviewed.plan.moves[:MOVES_SHOWN] if reviewed else (),
        "refused": refused,
        "is_posted": request.method == "POST",
        "is_full": len(work.form.steps) <= FULL_STEPS,
        "channels": context.drip.senders.channel_names(),
        "senders": _senders(context, work.form),
        "triggers": context.drip.leads.idle_triggers(),
        "answers": ANSWERS,
        "kinds": list(MediaKind),
        "further": FURTHER,
        "now": context.drip.now(),
    }
    return page(request, "editor/editor.html", values, context=context, status=status)


def _beside(context: PageContext, work: Work) -> dict[str, object]:
    seen = look(context.drip, work.form, work.stored, work.lead, _tallies(context, work.stored))
    return {"look": seen, "form": work.form}


def _tallies(context: PageContext, stored: Sequence | None) -> dict[int, Tally]:
    if stored is None:
        return {}
    report = next((one for one in context.drip.reports.overview().sequences if one.sequence == stored.name), None)
    return {} if report is None else {tally.of.step: tally for tally in report.steps if tally.of.step is not None}


def _senders(context: PageContext, form: SequenceForm) -> list[tuple[str, str]]:
    """Return the senders and pools that can be chosen, each with what it is."""
    states = [state.sender for state in context.drip.senders.all() if state.status != "archived"]
    found = {pool: f"pool, {sender.channel}" for sender in states if (pool := sender.pool)}
    found |= {sender.name: sender.channel for sender in states}
    return [*found.items(), *((name, "not there any more") for name in form.senders if name not in found)]


def _drafted(context: PageContext, name: str) -> SequenceForm:
    saved = context.drip.sequences.drafts.get(name)
    if saved is None:
        raise InvalidSequence(f"There is no draft {name[:80]!r}: look at the list of sequences.")
    return SequenceForm.from_json(saved.text)


def _published(applied: Applied) -> str:
    text = f"Published, version {applied.version}. {start_now(applied.enrolled)}."
    if applied.moved:
        text += f" {counted(applied.moved, 'enrollment')} moved to it."
    return f"{text} {applied.left_alone:,} had moved on meanwhile and stay." if applied.left_alone else text


def _instant(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _at(name: str) -> str:
    return f"/sequences/{in_address(name)}"
