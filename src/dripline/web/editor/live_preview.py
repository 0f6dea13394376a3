"""What is shown beside the editor's form while somebody writes: the calendar, and each step as a lead would get it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from dripline.app import Dripline
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.messages.preview import DraftPreview, Preview
from dripline.core.queries.report import Tally
from dripline.core.sequences.sequence import DEFAULT_CHANNEL, Sequence, Step
from dripline.core.time.schedule import offsets, parse_delay
from dripline.errors import DriplineError, InvalidEmail, InvalidInput, InvalidLead, InvalidPhone
from dripline.web.editor.planned import Calendar, calendar, offset_text
from dripline.web.editor.sequence_form import SequenceForm, number_in, stored_step
from dripline.web.editor.step_form import StepForm

UNNAMED, UNTRIGGERED = "New sequence", "TRIGGER"
"""What stands for a name and a trigger that are yet to be written."""

_BLANK = "…"
"""What stands for a message that cannot be one yet."""


@dataclass(frozen=True, slots=True)
class StepLook:
    """A step beside its fields: when it is planned, what the lead would get, or what is wrong, in one sentence."""

    planned: str
    preview: Preview | None = field(kw_only=True)
    problem: str | None = field(kw_only=True)
    tally: Tally | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Look:
    """A draft as it would be. `problem` is what is wrong with all of it, `lead_problem` with the lead chosen for it."""

    calendar: Calendar
    steps: tuple[StepLook, ...] = field(kw_only=True)
    tried: DraftPreview | None = field(kw_only=True)
    problem: str | None = field(kw_only=True)
    lead_problem: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of trying a draft out."""

    tried: DraftPreview | None
    problem: str | None
    lead_problem: str | None = None


def look(
    drip: Dripline, form: SequenceForm, stored: Sequence | None, address: str, tallies: Mapping[int, Tally]
) -> Look:
    """Look at a draft, however little of it is written."""
    steps: list[Step] = []
    problems: dict[int, str] = {}
    for at, written in enumerate(form.steps, start=1):
        try:
            steps.append(written.step(stored_step(stored, written)))
        except InvalidInput as error:
            steps.append(Step(_BLANK, _wait(written)))
            problems[at] = str(error)
    ours = {
        at: tallies[was] for at, step in enumerate(form.steps, start=1) if (was := number_in(step["was"])) in tallies
    }
    outcome = _tried(drip, form, tuple(steps), stored, address) if steps else _Outcome(None, None)
    previews = {one.step: one for one in outcome.tried.previews} if outcome.tried else {}
    waits = [step.wait for step in steps]
    shown = tuple(
        _step(offset_text(planned), problems.get(at), previews.get(at), ours.get(at))
        for at, planned in enumerate(offsets(waits), start=1)
    )
    return Look(
        calendar(waits, ours),
        steps=shown,
        tried=outcome.tried,
        problem=outcome.problem,
        lead_problem=outcome.lead_problem,
    )


def _step(planned: str, problem: str | None, preview: Preview | None, tally: Tally | None) -> StepLook:
    problem_text = problem or (preview.problem if preview else None)
    return StepLook(planned, preview=None if problem_text else preview, problem=problem_text, tally=tally)


def _tried(
    drip: Dripline, form: SequenceForm, steps: tuple[Step, ...], stored: Sequence | None, address: str
) -> _Outcome:
    named = form.but(name=form.name.strip() or UNNAMED, trigger=form["trigger"].strip() or UNTRIGGERED)
    problem = None
    try:
        wanted = named.with_steps(steps, stored)
    except InvalidInput as error:
        problem = str(error)
        wanted = Sequence(UNNAMED, trigger=UNTRIGGERED, steps=steps, channel=DEFAULT_CHANNEL)
    try:
        return _on_lead(drip, wanted, address, problem)
    except DriplineError as error:
        bare = replace(wanted, senders=(), channel=DEFAULT_CHANNEL)
        return _on_lead(drip, bare, address, problem or str(error))


def _on_lead(drip: Dripline, wanted: Sequence, address: str, problem: str | None) -> _Outcome:
    named = address.strip()
    if not named:
        return _Outcome(drip.sequences.drafts.try_out(wanted), problem)
    try:
        return _Outcome(drip.sequences.drafts.try_out(wanted, **lead_ref(named)), problem)
    except (InvalidLead, InvalidPhone, InvalidEmail) as error:
        return _Outcome(drip.sequences.drafts.try_out(wanted), problem, str(error))


def _wait(written: StepForm) -> timedelta:
    try:
        return parse_delay(written["after"].strip() or "0s")
    except InvalidInput:
        return timedelta(0)
