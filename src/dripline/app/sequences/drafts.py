"""Drafts: sequences that somebody is still writing, tried out on a lead, and kept until they are published."""

from dataclasses import replace

from dripline.app.permissions import UseCases, requires
from dripline.app.sequences.checks import SequenceChecks
from dripline.app.session import Session
from dripline.core.accounts.access import Scope
from dripline.core.leads.lead import Lead
from dripline.core.messages.preview import DraftPreview, Preview, preview
from dripline.core.queries.filters import LeadFilter
from dripline.core.sequences.sequence import NAME_LIMIT, Sequence
from dripline.core.text import is_text
from dripline.errors import DriplineError, InvalidLead, InvalidSequence
from dripline.store.sequences.drafts import SavedDraft

MADE_UP = Lead(0, phone="60123456789", email="aina@example.com", name="Aina")
"""Whom a draft is tried out on where nobody is there yet."""


DRAFT_LIMIT = 1_000_000
"""How long a draft may be, in characters."""


class Drafts(UseCases):
    """The sequences that are not published."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._checks = SequenceChecks(session)

    @requires(Scope.LEADS_READ)
    def try_out(self, sequence: Sequence, *, phone: str | None = None, email: str | None = None) -> DraftPreview:
        """Return what each step of a draft would send to a lead now, and what is wrong with it, if anything is.

        Without an address, the lead is the newest that has the sequence's trigger, else the newest of all.

        Raises:
            InvalidLead: Nobody has that address.
            DriplineError: The senders or the channel of the sequence cannot be used.
        """
        wanted = self._checks.on_channel(sequence)
        known = self._checks.known_variables(wanted)
        lead = self._lead_to_try(wanted, phone, email)
        made_up = replace(MADE_UP, attributes={name: name for name in known})
        shown = lead or made_up
        to = self._checks.address_of(wanted, shown)
        previews = preview(wanted, shown, to, self._application.links, known=known)
        checked = tuple(self._with_problem(wanted, one, known) for one in previews)
        return DraftPreview(shown, is_made_up=lead is None, previews=checked, variables=tuple(sorted(known)))

    @requires(Scope.SEQUENCES_READ)
    def all(self) -> list[SavedDraft]:
        """Return every draft, by name."""
        return self._stores.drafts.all()

    @requires(Scope.SEQUENCES_READ)
    def get(self, name: str) -> SavedDraft | None:
        """Return a draft; None if there is none of that name."""
        return self._stores.drafts.find(name)

    @requires(Scope.SEQUENCES_WRITE, audited_as="save_draft")
    def save(self, name: str, text: str) -> None:
        """Keep what somebody has written so far of a sequence, under its name, instead of the draft before.

        Raises:
            InvalidSequence: It has no name, or is too long.
        """
        known_as = name.strip()
        if not known_as or len(known_as) > NAME_LIMIT or not is_text(known_as):
            raise InvalidSequence(f"A draft needs a name of 1 to {NAME_LIMIT} characters: give the sequence one.")
        if len(text) > DRAFT_LIMIT or not is_text(text):
            raise InvalidSequence(f"A draft is text of at most {DRAFT_LIMIT:,} characters: shorten it.")
        self._stores.drafts.save(known_as, text, self._session.actor.name, self._session.now())

    @requires(Scope.SEQUENCES_WRITE, audited_as="drop_draft")
    def drop(self, name: str) -> bool:
        """Let a draft go: it was published, or nobody wants it. False if there is none of that name."""
        return self._stores.drafts.drop(name)

    def _lead_to_try(self, sequence: Sequence, phone: str | None, email: str | None) -> Lead | None:
        if phone is not None or email is not None:
            found = next(iter(self._stores.reads.leads(self._session.address(phone, email))), None)
            if found is None:
                raise InvalidLead(f"No lead has the address {phone or email}: choose a lead that is there.")
            return found
        for wanted in (LeadFilter(trigger=sequence.trigger), LeadFilter()):
            newest = self._stores.lists.leads(wanted, None, None, size=1, now=self._session.now())
            if newest.rows:
                return self._stores.reads.lead(newest.rows[0].person.lead_id)
        return None

    def _with_problem(self, sequence: Sequence, shown: Preview, known: frozenset[str]) -> Preview:
        try:
            self._checks.check_step(sequence, shown.step, known)
        except DriplineError as error:
            return replace(shown, problem=str(error))
        return shown
