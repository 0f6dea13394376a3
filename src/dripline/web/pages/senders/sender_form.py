"""The form of a sender: a new one, or one with other limits, and what saving it would change."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Self

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import Response

from dripline.core.planning.settings_plan import SettingsPlan
from dripline.core.senders.sender import Pace, Sender
from dripline.errors import DriplineError, InvalidSender
from dripline.web.errors import status_of
from dripline.web.path_segments import InAddress, in_address
from dripline.web.render import back, page
from dripline.web.security.auth import Changing, Visit, Visiting

Posted = Annotated[str, Form(max_length=500)]

router = APIRouter(prefix="/senders")


@dataclass(frozen=True, slots=True)
class Written:
    """A sender as it stands in the form: texts, as somebody wrote them."""

    name: str = field(default="", kw_only=True)
    channel: str = field(default="", kw_only=True)
    account: str = field(default="", kw_only=True)
    pool: str = field(default="", kw_only=True)
    gap: str = field(default="10s-30s", kw_only=True)
    burst: str = field(default="1", kw_only=True)
    hourly_cap: str = field(default="", kw_only=True)
    daily_cap: str = field(default="", kw_only=True)
    warm_up: str = field(default="", kw_only=True)
    quiet: str = field(default="", kw_only=True)
    zone: str = field(default="", kw_only=True)

    @classmethod
    def of(cls, sender: Sender) -> Self:
        """Write a sender into the form."""
        pace = sender.pace
        return cls(
            name=sender.name,
            channel=sender.channel,
            account=sender.account or "",
            pool=sender.pool or "",
            gap=str(pace.gap),
            burst=str(pace.burst),
            hourly_cap=str(pace.hourly_cap or ""),
            daily_cap=str(pace.daily_cap or ""),
            warm_up=", ".join(map(str, pace.warm_up)),
            quiet=pace.quiet or "",
            zone=pace.zone or "",
        )

    def sender(self) -> Sender:
        """Read the form.

        Raises:
            DriplineError: Something of it cannot be used.
        """
        days = [word for word in self.warm_up.replace(",", " ").split() if word]
        pace = Pace(
            gap=self.gap.strip() or "0s",
            burst=_number("The messages before each rest", self.burst) or 1,
            hourly_cap=_number("The most an hour", self.hourly_cap),
            daily_cap=_number("The most a day", self.daily_cap),
            warm_up=[_number("A day of the warm-up", day) or 0 for day in days],
            quiet=self.quiet.strip() or None,
            zone=self.zone.strip() or None,
        )
        account, pool = self.account.strip() or None, self.pool.strip() or None
        return Sender(self.name, channel=self.channel, account=account, pool=pool, pace=pace)


@router.get("/new")
def new(request: Request, visit: Visiting) -> Response:
    """Ask for a sender."""
    return _form(request, visit, Written())


@router.get("/{name}/edit")
def edit(request: Request, visit: Visiting, name: InAddress) -> Response:
    """Ask for a sender's limits."""
    found = next((state.sender for state in visit.drip.senders() if state.sender.name == name), None)
    if found is None:
        raise HTTPException(404, f"There is no sender {name}: see the list of senders.")
    return _form(request, visit, Written.of(found), is_new=False)


@router.post("")
def apply_sender(  # noqa: PLR0913, PLR0917  (a form has as many fields)
    request: Request,
    visit: Changing,
    name: Posted = "",
    channel: Posted = "",
    account: Posted = "",
    pool: Posted = "",
    gap: Posted = "0s",
    burst: Posted = "1",
    hourly_cap: Posted = "",
    daily_cap: Posted = "",
    warm_up: Posted = "",
    quiet: Posted = "",
    zone: Posted = "",
    look: Posted = "",
    known: Posted = "",
) -> Response:
    """Add a sender, change one, or only say what that would change."""
    written = Written(
        name=name,
        channel=channel,
        account=account,
        pool=pool,
        gap=gap,
        burst=burst,
        hourly_cap=hourly_cap,
        daily_cap=daily_cap,
        warm_up=warm_up,
        quiet=quiet,
        zone=zone,
    )
    try:
        wanted = written.sender()
        if look:
            return _form(request, visit, written, is_new=not known, plan=visit.drip.plan_sender(wanted))
        planned = visit.drip.apply_sender(wanted)
    except DriplineError as error:
        return _form(request, visit, written, is_new=not known, refused=str(error), status=status_of(error))
    told = (
        f"Changed: {', '.join(planned.changes)}."
        if planned.changes and known
        else f"The sender {wanted.name} is ready."
    )
    return back(f"/senders/{in_address(wanted.name)}", done=told)


def _form(  # noqa: PLR0913  (what stands in it, and what came of it)
    request: Request,
    visit: Visit,
    written: Written,
    *,
    is_new: bool = True,
    plan: SettingsPlan | None = None,
    refused: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    values = {
        "sender": written,
        "is_new": is_new,
        "plan": plan,
        "refused": refused,
        "channels": visit.drip.channel_names(),
        "zone": visit.drip.workspace().workspace.zone,
    }
    return page(request, "senders/form.html", values, visit=visit, status=status)


def _number(what: str, written: str) -> int | None:
    given = written.strip()
    if given and not (given.isascii() and given.isdecimal() and len(given) <= _DIGITS):
        raise InvalidSender(f"{what} is {given[:40]!r}: write a number, or nothing where there is no limit.")
    return int(given) if given else None


_DIGITS = 9
"""No limit has more digits."""
