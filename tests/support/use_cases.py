"""The use cases that there are, by their paths behind `drip`, and what each needs."""

from collections.abc import Callable, Iterator

from dripline.app.accounts.accounts import Accounts
from dripline.app.alerts import Alerts
from dripline.app.events import Events
from dripline.app.imports import Imports
from dripline.app.inbox.inbox import Inbox
from dripline.app.leads import Leads
from dripline.app.permissions import Requirement, UseCases, requirement_of
from dripline.app.records.records import Records
from dripline.app.records.unknown import UnknownRecords
from dripline.app.reports import Reports
from dripline.app.retention.retention import Retention
from dripline.app.senders import Senders
from dripline.app.sequences.drafts import Drafts
from dripline.app.sequences.sequences import Sequences
from dripline.app.sources import Sources
from dripline.app.workspace import WorkspaceSettings

NOUNS: dict[str, type[UseCases]] = {
    "accounts": Accounts,
    "alerts": Alerts,
    "events": Events,
    "imports": Imports,
    "inbox": Inbox,
    "leads": Leads,
    "records": Records,
    "records.unknown": UnknownRecords,
    "reports": Reports,
    "retention": Retention,
    "senders": Senders,
    "sequences": Sequences,
    "sequences.drafts": Drafts,
    "sources": Sources,
    "workspace": WorkspaceSettings,
}

VERBS = {
    "add_lead": "leads.add",
    "add_leads": "leads.add_all",
    "apply": "sequences.apply",
    "due": "records.due",
    "opt_in": "leads.opt_in",
    "opt_out": "leads.opt_out",
    "pause": "records.pause",
    "plan": "sequences.plan",
    "preview": "sequences.preview",
    "resume": "records.resume",
    "verify": "reports.verify",
}
"""The verbs of `Dripline`, each with the use case that it is."""

OWN = frozenset(
    {"as_actor", "close", "connect", "now", "run", "run_async", "stop", "tick", "tick_async", "watch_schema"}
)
"""What `Dripline` does itself: nobody has to be let in for it who has the object."""


def use_cases() -> Iterator[tuple[str, Callable[..., object], Requirement | None]]:
    """Yield each use case: its path, the function, and what it needs, if it says so."""
    for noun, kind in NOUNS.items():
        for name, case in vars(kind).items():
            if callable(case) and (name == "__call__" or not name.startswith("_")):
                yield f"{noun}.{name}", case, requirement_of(case)


REQUIREMENTS = {path: need for path, _, need in use_cases() if need is not None}
"""What each use case needs, by its path."""
