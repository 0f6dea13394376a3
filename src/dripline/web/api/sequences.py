"""Sequences over the API: planned, applied, shown."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from dripline.core.model import Sequence, Step
from dripline.store.sequences import SequenceState
from dripline.web.api.answers import NO_NUL, Key, Written, answer, once, plain
from dripline.web.api.leads import Short
from dripline.web.gate import Calling

Name = Annotated[str, Path(max_length=200, pattern=NO_NUL)]

router = APIRouter(tags=["sequences"])


class WrittenStep(Written):
    """What to send, and how long after the step before: `12h`, `90m`, `3d`."""

    message: Annotated[str, Field(max_length=20_000, pattern=NO_NUL)]
    after: Short = "0s"
    subject: Short | None = None


class WrittenSequence(Written):
    """A sequence, known by its name."""

    name: Short
    trigger: Short
    channel: Short = "console"
    senders: list[Short] = Field(default=[], max_length=1_000)
    steps: list[WrittenStep] = Field(max_length=1_000)
    window: Short | None = Field(default=None, description="Such as Mon-Sat 09:00-20:00.")
    zone: Short | None = None
    goal: Short | None = None
    then: Short | None = None

    def sequence(self) -> Sequence:
        """Return the sequence that is written."""
        told = self.model_dump(exclude={"steps"})
        steps = [Step(step.message, step.after, subject=step.subject) for step in self.steps]
        return Sequence(told.pop("name"), **told, steps=steps)


@router.get("/sequences")
def list_sequences(drip: Calling) -> Response:
    """Return every sequence as it is, and whether it is paused."""
    return answer([_told(state) for state in drip.sequences()])


@router.get("/sequences/{name}")
def get_sequence(drip: Calling, name: Name) -> Response:
    """Return a sequence as it is."""
    return answer(_told(drip.sequence(name)))


@router.post("/plan")
def plan(drip: Calling, wanted: WrittenSequence) -> Response:
    """Say what applying a sequence would change, and for whom; change nothing."""
    planned = drip.plan(wanted.sequence())
    return answer({"version": planned.version, "changes": list(planned.changes), "notes": list(planned.notes)})


@router.post("/sequences")
def apply(request: Request, drip: Calling, wanted: WrittenSequence, key: Key = None) -> Response:
    """Create or update a sequence, and enroll every lead that has its trigger."""
    return once(request, drip, key, wanted, lambda: drip.apply(wanted.sequence()))


def _told(state: SequenceState) -> dict[str, object]:
    sequence = state.sequence
    return {
        "name": sequence.name,
        "trigger": sequence.trigger,
        "channel": sequence.channel,
        "senders": list(sequence.senders),
        "version": state.version,
        "paused_at": plain(state.paused_at),
        "pause_reason": state.pause_reason,
        "steps": [
            {"message": step.message, "after_seconds": step.wait.total_seconds(), "subject": step.subject}
            for step in sequence.steps
        ],
    }
