"""Leaving and pausing: who is not to be sent to, for good or for now."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from dripline.app.opened import Opened
from dripline.core.events.inbound import Keyword
from dripline.core.leads.opt_out import OptOut
from dripline.core.leads.trigger import normalize_trigger
from dripline.core.leads.who import who
from dripline.core.reason import Reason, ReasonCode, said_by_person
from dripline.core.records.catch_up import CatchUp, catch_up
from dripline.core.replies.stopping import Wish, wish_of
from dripline.core.text import as_text
from dripline.core.views.leads import Allowed, MaybeStopped, Received, Suppression

OPT_OUTS_AT_ONCE = 1_000
"""How many people are barred in one transaction."""


class StoppingCases(Opened):
    """What can be asked about leaving and pausing. A person is named by `phone` or `email`, as everywhere."""

    def opt_out(self, *, phone: str | None = None, email: str | None = None, reason: str | Reason = "") -> int:
        """Bar a person for good: the address given and every other of the leads that have it.

        Returns how many enrollments that ends. Nothing claimed after this is sent to them, not even when they are
        deleted and imported again.

        Raises:
            InvalidPhone: The phone cannot be one.
            InvalidEmail: The e-mail address cannot be one.
            InvalidLead: Neither is given.
        """
        why = said_by_person(ReasonCode.OPTED_OUT, reason)
        return self._stopping.suppress(dict.fromkeys(self._addresses(phone, email), why))

    def opt_out_all(self, opt_outs: Iterable[OptOut]) -> int:
        """Bar many people for good, as `opt_out` does one; returns how many enrollments that ends.

        All are read first, then a thousand are barred in one transaction. Who is barred already stays so, with the
        reason of then.

        Raises:
            InvalidPhone: A phone cannot be one; nobody is barred.
            InvalidEmail: An e-mail address cannot be one; likewise.
        """
        named = [(who(one.address), one.reason) for one in opt_outs]
        for person, _ in named:
            self._address(person.get("phone"), person.get("email"))
        ended, left = 0, iter(named)
        while some := list(islice(left, OPT_OUTS_AT_ONCE)):
            reasons: dict[str, Reason] = {}
            for person, reason in some:
                for address in self._addresses(**person):
                    reasons.setdefault(address, said_by_person(ReasonCode.OPTED_OUT, reason))
            ended += self._stopping.suppress(reasons)
        return ended

    def opt_in(self, *, phone: str | None = None, email: str | None = None) -> bool:
        """Let a person be sent to again who asked for it. False if nothing barred them. What was ended stays ended."""
        return bool(self._stopping.lift(self._addresses(phone, email)))

    def opt_in_all(self, addresses: Iterable[str]) -> Allowed:
        """Let many people be sent to again who asked for it, as `opt_in` does one; says how many, and who of them.

        All are read first, then a thousand are let go in one transaction. `own` counts those of them whom their own
        stop word barred: whoever lets them go answers for it that they asked.

        Raises:
            InvalidPhone: A phone cannot be one; nobody is let go.
            InvalidEmail: An e-mail address cannot be one; likewise.
        """
        named = [who(address) for address in addresses]
        for person in named:
            self._address(person.get("phone"), person.get("email"))
        allowed, left = Allowed(), iter(named)
        while some := list(islice(left, OPT_OUTS_AT_ONCE)):
            allowed += self._stopping.lift_each([self._addresses(**person) for person in some])
        return allowed

    def suppressions(self) -> Iterable[Suppression]:
        """Yield every address that nothing is sent to, with its reason."""
        return self._stopping.suppressions()

    def receive(self, text: str, *, phone: str | None = None, email: str | None = None) -> Received:
        """Take in what a person wrote: a stop word bars them for good, anything else is a reply.

        A reply ends, pauses or leaves alone what they are in, as each sequence says (`on_reply`). What only may ask to
        stop pauses all that they are in until somebody has decided (`maybe_stopped`). START lifts what a stop word of
        their own barred, and is no reply; nor is HELP. Done before the next claim: what is being sent at this instant
        still goes.
        """
        return self._heard(self._wish_of(text), text, phone, email)

    def maybe_stopped(self) -> list[MaybeStopped]:
        """Return the leads that may have asked to stop, the oldest first: nothing is sent to them.

        That is so until somebody decides: `opt_out` bars one, and `resume` lets it go on.
        """
        return self._doubts.all()

    def _wish_of(self, text: str, *, button: str = "", keyword: Keyword | None = None) -> Wish:
        wish = wish_of(text, self._workspaces.state().workspace.stop_words, button=button, keyword=keyword)
        if wish in {Wish.MAYBE_STOP, Wish.HELP} and keyword is None and self._sequences.starts_on(text):
            return Wish.NOTHING
        return wish

    def _heard(self, wish: Wish, text: str, phone: str | None, email: str | None) -> Received:
        """Let what a person wrote have the effect that it asks for."""
        said = as_text(text.strip(), 40)
        match wish:
            case Wish.STOP:
                reason = Reason.of(ReasonCode.OPTED_OUT, text=said or str(wish))
                return Received(stopped=True, ended=self.opt_out(phone=phone, email=email, reason=reason))
            case Wish.MAYBE_STOP:
                return Received(held=True, paused=self._stopping.doubt(self._ids(phone, email), said))
            case Wish.START:
                allowed = bool(self._stopping.lift_own(self._addresses(phone, email)))
                # Who begins a sequence with this word has answered what they are in.
                starts = self._sequences.starts_on(text)
                replied = self._stopping.reply(self._ids(phone, email)) if starts else Received()
                return replace(replied, allowed=allowed)
            case Wish.HELP:
                return Received()
            case Wish.NOTHING:
                return self._stopping.reply(self._ids(phone, email))

    def exit(
        self,
        *,
        phone: str | None = None,
        email: str | None = None,
        sequence: str | None = None,
        reason: str = "",
    ) -> int:
        """End what a person is in, or one sequence of it; returns how many enrollments that touches.

        Raises:
            InvalidSequence: There is none of that name.
        """
        why = said_by_person(ReasonCode.ENDED_BY_PERSON, reason)
        return self._stopping.exit(self._ids(phone, email), sequence, why)

    def remove_trigger(self, trigger: str, *, phone: str | None = None, email: str | None = None) -> int:
        """Take a trigger from a person; returns how many enrollments that ends (`on_trigger_lost: exit`)."""
        return self._stopping.lose_trigger(self._ids(phone, email), normalize_trigger(trigger))[1]

    def forget(self, *, phone: str | None = None, email: str | None = None) -> int:
        """Delete a person and all that is stored of them; what bars their addresses stays. Returns how many leads.

        Raises:
            BusyLead: A message to them is on its way.
        """
        return self._stopping.forget(self._ids(phone, email))

    def pause(
        self,
        *,
        sequence: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        reason: str = "",
    ) -> int:
        """Pause a sequence, what a person is in, a person's run of one sequence, or, with nothing named, everything.

        From the next claim on; what is being sent at this instant still goes. Returns what it touches: the number of
        enrollments of a person, else 1, or 0 if it is paused already. (`pause_sender` pauses a sender.)

        Raises:
            InvalidSequence: There is none of that name.
        """
        why = said_by_person(ReasonCode.PAUSED_BY_PERSON, reason)
        if phone is not None or email is not None:
            return self._stopping.pause_leads(self._ids(phone, email), sequence, why)
        if sequence is not None:
            return int(self._stopping.pause_sequence(sequence, why))
        return int(self._stopping.pause_everything(why))

    def plan_resume(
        self,
        *,
        sequence: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        sender: str | None = None,
    ) -> CatchUp:
        """Say what becomes of everything that is due, once what is named goes on; nothing named is everything.

        A `sender` is resumed by `resume_sender`.

        What stays paused, for itself or with everything, is left out. After an outage there is nothing to resume: this
        says what the next pass will do.

        Raises:
            InvalidSequence: There is no sequence of that name.
            InvalidSender: There is no sender of that name.
        """
        self._stopping.check_known(sequence)
        if sender is not None:
            self._senders.check_known(sender)
        now = self._now()
        if phone is not None or email is not None:
            return catch_up(self._standing.of_leads(self._ids(phone, email), sequence, now), now)
        return catch_up(self._standing.of_all(sequence, sender, now), now)

    def resume(self, *, sequence: str | None = None, phone: str | None = None, email: str | None = None) -> int:
        """Let go on what `pause` paused; returns what it touches, as `pause` does.

        Nothing bursts: late steps move the rest of their enrollments, go one a pass or are skipped, as each sequence
        says, and senders keep their pace. `plan_resume` says beforehand what will happen.

        Raises:
            InvalidSequence: There is none of that name.
        """
        if phone is not None or email is not None:
            touched = self._stopping.resume_leads(self._ids(phone, email), sequence)
        elif sequence is not None:
            touched = int(self._stopping.resume_sequence(sequence))
        else:
            touched = int(self._stopping.resume_everything())
        return touched

    def _ids(self, phone: str | None, email: str | None) -> list[int]:
        return [lead.id for lead in self._reads.leads(self._address(phone, email))]

    def _addresses(self, phone: str | None = None, email: str | None = None) -> set[str]:
        address = self._address(phone, email)
        leads = self._reads.leads(address)
        own = {own for lead in leads for own in (lead.phone, lead.email) if own}
        return {address} | own | self._one_person.other_addresses(lead.id for lead in leads)
