"""A lead's thread: what was sent, what it wrote, what happened and what is planned, as one list."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from dripline.app.sequences.checks import SequenceChecks
from dripline.app.session import Session
from dripline.core.leads.lead import Lead
from dripline.core.messages.preview import preview
from dripline.core.views.thread import LeadThread, ThreadEntry


class LeadThreads:
    """Reads threads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stores = session.stores
        self._application = session.application

    def page(self, lead: Lead, cursor: str | None, size: int, now: datetime) -> LeadThread:
        """Return a page of the thread of a lead, with what each planned message would say now.

        Raises:
            InvalidFilter: The cursor is none of a thread.
        """
        with self._stores.database.snapshot():
            timeline = self._stores.reads.timeline(lead, now)
            thread = self._stores.threads.page(timeline, cursor, size, now)
            return replace(thread, planned=tuple(self._with_texts(lead, thread.planned)))

    def _with_texts(self, lead: Lead, planned: Iterable[ThreadEntry]) -> Iterator[ThreadEntry]:
        """Yield planned messages with what each would say, as its run has it."""
        entries, known = [*planned], SequenceChecks(self._session)
        if not entries:
            return
        steps = self._stores.threads.steps(lead)
        sequences = {state.sequence.name: state.sequence for state in self._stores.sequences.states()}
        for entry in entries:
            own = steps[entry.enrollment_id or 0]
            sequence = replace(sequences[entry.sequence or ""], steps=own)
            shown = preview(sequence, lead, known.address_of(sequence, lead), self._application.links)
            one = shown[(entry.step or 1) - 1]
            yield replace(entry, text=one.text if one.problem is None else None)
