"""Sequences over the API: planned, applied, shown."""

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel

from dripline.app import Dripline
from dripline.core.planning.plan import Plan
from dripline.core.planning.reach import Reach
from dripline.schema.base import NO_NUL
from dripline.web.api.responses import Key, once, tag_of
from dripline.web.api.sequence_body import SequenceBody
from dripline.web.path_segments import name_in
from dripline.web.security.auth import ApiClient

Name = Annotated[
    str,
    Path(
        max_length=201,
        pattern=NO_NUL,
        description="Percent-encoded, a slash too (%2F). `.`, `..` and `new` are written with a ~ in front: `~new`.",
    ),
    AfterValidator(name_in),
]

Reached = Annotated[Reach, Query(description="Of those under way, whom changed waits and steps reach.")]

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="The ETag that was read: what somebody else has changed since is not written over (412).",
    ),
]

router = APIRouter(tags=["sequences"])


class PlanView(BaseModel):
    """What applying a sequence would change: in words, how many go over to its new version, and how many start."""

    action: str
    version: int
    changes: list[str]
    notes: list[str]
    moves: int
    starting: int

    @classmethod
    def of(cls, plan: Plan) -> "PlanView":
        """Return a plan in words."""
        return cls(
            action=plan.action,
            version=plan.version,
            changes=list(plan.changes),
            notes=list(plan.notes),
            moves=len(plan.moves),
            starting=plan.starting.leads,
        )


class AppliedView(BaseModel):
    """What applying a sequence did, and how many leads it enrolled at once."""

    version: int
    enrolled: int
    moved: int
    left_alone: int
    plan: PlanView


@router.get("/sequences")
def list_sequences(drip: ApiClient, *, archived: bool = False) -> list[SequenceBody]:
    """Return every sequence as it is, and whether it is paused; the archived ones instead where they are asked for."""
    return [SequenceBody.of(state) for state in (drip.sequences.archived() if archived else drip.sequences.all())]


_WITH_TAG = {"headers": {"ETag": {"schema": {"type": "string"}, "description": "What to send as `If-Match`."}}}


@router.get("/sequences/{name}", responses={200: _WITH_TAG})
def get_sequence(drip: ApiClient, name: Name, response: Response) -> SequenceBody:
    """Return a sequence as it is; its `ETag` keeps an edit from writing over another."""
    body = SequenceBody.of(drip.sequences.get(name))
    response.headers["etag"] = tag_of(body)
    return body


@router.post("/plan")
def plan_sequence(drip: ApiClient, wanted: SequenceBody, reach: Reached = Reach.NEW) -> PlanView:
    """Say what applying a sequence would change, and for whom; change nothing."""
    return PlanView.of(drip.plan(wanted.to_core(), reach=reach))


@router.post("/sequences", response_model=AppliedView)
def apply_sequence(
    request: Request,
    drip: ApiClient,
    wanted: SequenceBody,
    reach: Reached = Reach.NEW,
    key: Key = None,
    tag: IfMatch = None,
) -> Response:
    """Create or update a sequence, and enroll every lead that has its trigger."""
    return once(request, drip, key, wanted, lambda: _apply(drip, wanted, reach, tag))


def _apply(drip: Dripline, wanted: SequenceBody, reach: Reach, tag: str | None) -> AppliedView:
    """Do what a plan says that was made before the tag was looked at: it is refused if anything changed in between."""
    planned = drip.plan(wanted.to_core(), reach=reach)
    if tag is not None and tag.strip() != tag_of(SequenceBody.of(drip.sequences.get(planned.wanted.name))):
        raise HTTPException(412, f"{planned.wanted.name} was changed since it was read: read it anew, then change it.")
    done = drip.apply(wanted.to_core(), reach=reach) if tag is None else drip.sequences.publish(planned)
    return AppliedView(
        version=done.version,
        enrolled=done.enrolled,
        moved=done.moved,
        left_alone=done.left_alone,
        plan=PlanView.of(done.plan),
    )
