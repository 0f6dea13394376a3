"""Who may do what, in one table: the scope that each use case needs, and whether the log tells of it.

Whoever acts is checked here and nowhere else: the pages, the API and everything else that lets somebody in acts for
them (`Dripline.acting_as`), and what they may not do raises `NotAllowed` before anything is read or changed. What they
change is written into the log in the transaction that changes it, and once that is committed the processor of this
process looks. A program that has the database itself may do
everything, and keeps a log of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial, wraps
from inspect import signature
from typing import Concatenate, ParamSpec, TypeVar

from dripline.app.opened import Opened
from dripline.core.accounts.access import PROGRAM, Actor, Scope
from dripline.core.text import as_text
from dripline.errors import NotAllowed

DETAIL_LIMIT = 200
"""How much of an argument the log keeps, in characters."""

UNTOLD = frozenset(
    {"password", "secret", "url", "phone", "email", "attributes", "leads", "text", "upload", "begun", "one", "other"}
    | {"on_progress", "on_refused"}
)
"""Arguments that the log never keeps: secrets, URLs (one may hold one), and what is known of people, who may want to be
forgotten."""


@dataclass(frozen=True, slots=True)
class Right:
    """What a use case needs of whoever acts.

    `is_change`: it is written into the log. `is_long`: it is more than one transaction, or speaks to a provider, so
    that the log is written beside it and not with it. `of_change`: the scope of a change that this tells of: whoever
    may make it may ask before what it will do, and is told afterwards what it did. It reads nothing else: a token that
    only writes leads may stand where others find it.
    """

    scope: Scope
    is_change: bool = field(default=False, kw_only=True)
    is_long: bool = field(default=False, kw_only=True)
    of_change: Scope | None = field(default=None, kw_only=True)


def _rights(
    scope: Scope, names: str, *, is_change: bool = False, is_long: bool = False, of_change: Scope | None = None
) -> Iterator[tuple[str, Right]]:
    right = Right(scope, is_change=is_change, is_long=is_long, of_change=of_change)
    yield from ((name, right) for name in names.split())


RIGHTS: dict[str, Right] = dict(
    (
        *_rights(
            Scope.LEADS_READ,
            "leads suppressions maybe_stopped timelines preview try_out count_starting start_link records idle_triggers"
            " read_evidence"
            " find_leads find_suppressions get_lead read_upload kept_mapping imports refused_rows refused_csv"
            " export_leads",
        ),
        *_rights(
            Scope.LEADS_WRITE,
            "add_lead add_leads merge_leads opt_out opt_in receive exit remove_trigger forget note_lead drop_note",
            is_change=True,
        ),
        *_rights(Scope.LEADS_READ, "plan_merge plan_import get_import plan_undo_import", of_change=Scope.LEADS_WRITE),
        *_rights(Scope.LEADS_WRITE, "lead_source"),
        *_rights(
            Scope.LEADS_WRITE,
            "begin_import run_import undo_import opt_out_all opt_in_all",
            is_change=True,
            is_long=True,
        ),
        *_rights(Scope.SEQUENCES_READ, "sequences archived_sequences refused_texts drafts draft"),
        *_rights(Scope.SEQUENCES_READ, "plan sequence", of_change=Scope.SEQUENCES_WRITE),
        *_rights(
            Scope.SEQUENCES_WRITE,
            "apply publish save_draft drop_draft rename_sequence archive_sequence unarchive_sequence delete_sequence"
            " rename_trigger",
            is_change=True,
        ),
        *_rights(
            Scope.RECORDS_READ,
            "due count_due unknown plan_settle_unknown plan_settle_record plan_settle_by_evidence plan_resume"
            " find_records count_records find_record_ids export_records find_enrollments find_attempts get_enrollment"
            " get_record",
        ),
        *_rights(Scope.RECORDS_WRITE, "settle_record confirm_sent send_again pause resume restored", is_change=True),
        *_rights(Scope.RECORDS_READ, "plan_restored"),
        *_rights(
            Scope.RECORDS_WRITE,
            "settle_unknown settle_by_evidence retry_records send_now reschedule_record reschedule_records skip_record"
            " skip_records cancel_records",
            is_change=True,
            is_long=True,
        ),
        *_rights(Scope.SENDERS_READ, "senders sender_events plan_sender channel_names"),
        *_rights(Scope.SENDERS_WRITE, "apply_sender pause_sender resume_sender archive_sender", is_change=True),
        *_rights(Scope.SENDERS_WRITE, "pair_sender try_sender", is_change=True, is_long=True),
        *_rights(
            Scope.REPORTS_READ, "report counts step_counts lateness troubles workers verify refused_posts workspace"
        ),
        *_rights(
            Scope.ADMIN,
            "plan_workspace plan_all plan_change_user users invitations tokens audit subscriptions signs_events"
            " deliveries sources",
        ),
        *_rights(
            Scope.ADMIN,
            "apply_workspace apply_all invite revoke_invitation reset_password change_user create_token revoke_token"
            " subscribe change_subscription rotate_subscription end_subscription redeliver"
            " create_source drop_source",
            is_change=True,
        ),
        *_rights(Scope.ADMIN, "repair test_subscription", is_change=True, is_long=True),
    )
)
"""The right that each use case needs."""

ITSELF = "acting_as beside close now once"
COMING_IN = (
    "has_users setup_link access_link accept_link log_in log_out known_browser user_of_session actor_of_token"
    " source_of_post"
)
PROVIDERS = "take_webhook webhook_challenge inbound_channels"
PROCESSOR = "look next_due tick run work stop take_in alert watch_schema"

OPEN = frozenset(f"{ITSELF} {COMING_IN} {PROVIDERS} {PROCESSOR}".split())
"""What nobody has to be let in for: the object itself, how one comes in, what providers sign, and what only a program
does that has the database."""

P = ParamSpec("P")
T = TypeVar("T")
Case = Callable[Concatenate[Opened, P], T]


class Guarded(Opened):
    """Use cases of which each asks whether whoever acts may do that."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, right in RIGHTS.items():
            setattr(cls, name, cls._guarded(name, right, getattr(cls, name)))

    @staticmethod
    def _guarded(name: str, right: Right, case: Case[P, T]) -> Case[P, T]:
        names = list(signature(case).parameters)[1:]

        @wraps(case)
        def asked(self: Opened, *args: P.args, **kwargs: P.kwargs) -> T:
            act = partial(case if self._actor is PROGRAM or self._is_acting else logged, self, *args, **kwargs)
            if not right.is_change:
                return act()
            answer = act() if right.is_long else self._store.together(act)
            # Whatever was changed may have made something due: a lead that leaves one sequence may start the next.
            self._wake()
            return answer

        def logged(self: Opened, *args: P.args, **kwargs: P.kwargs) -> T:
            if not may_do(self._actor, right):
                check(self._actor, right.scope)
            with self._acting():
                answer = case(self, *args, **kwargs)
                if right.is_change:
                    given = {**dict(zip(names, args, strict=False)), **kwargs}
                    # A sender's phone is no lead's.
                    is_of_leads = right.scope is not Scope.SENDERS_WRITE
                    lead_id = self._lead_of(given.get("phone"), given.get("email")) if is_of_leads else None
                    told = dict(_told(given, is_of_leads=is_of_leads))
                    self._audit.log(self._actor.name, name, told, self._now(), lead_id)
                return answer

        return asked


def may_do(actor: Actor, right: Right) -> bool:
    """Return whether somebody may do what a right is asked for."""
    return actor.may(right.scope) or (right.of_change is not None and actor.may(right.of_change))


def check(actor: Actor, scope: Scope) -> None:
    """Refuse whoever may not do what needs a scope.

    Raises:
        NotAllowed: They may not.
    """
    if not actor.may(scope):
        raise NotAllowed(f"That needs the right {scope}, which {actor.name} does not have: ask an admin.")


def _told(arguments: dict[str, object], *, is_of_leads: bool) -> Iterator[tuple[str, str]]:
    """Yield what the log keeps of arguments: names of things, never of a person, and plain values."""
    is_of_a_person = is_of_leads and bool(arguments.get("phone") or arguments.get("email"))
    for name, value in arguments.items():
        if name in UNTOLD or value is None or (name == "name" and is_of_a_person):
            continue
        yield name, as_text(getattr(value, "name", value), DETAIL_LIMIT)
