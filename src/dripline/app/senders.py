"""Senders: set up, paused, resumed, archived."""

from collections.abc import Collection
from dataclasses import replace

from dripline.app.opened import Opened
from dripline.core.planning.settings_plan import SettingsPlan
from dripline.core.reason import ReasonCode, said_by_person
from dripline.core.senders.sender import Sender
from dripline.core.views.senders import SenderEvent, SenderState


class SenderCases(Opened):
    """What can be asked about senders."""

    def plan_sender(self, sender: Sender) -> SettingsPlan:
        """Say what applying a sender would change, after the same checks, and change nothing.

        Raises what `apply_sender` raises.
        """
        self._check_channel(f"The sender {sender.name!r}", sender.channel)
        return self._with_notes(self._senders.plan(sender), sender)

    def apply_sender(self, sender: Sender) -> SettingsPlan:
        """Create or update a sender, known by its name. Idempotent. What it did counts against its new pace at once.

        Raises:
            ChannelNotConfigured: This process does not have its channel.
            InvalidSender: Its name or pool is taken, its channel would change, it was archived, or a sequence would be
                left without a sender.
        """
        return self._apply_sender(sender)

    def _apply_sender(self, sender: Sender, *, beside: Collection[str] = ()) -> SettingsPlan:
        """Apply a sender; `beside` are sequences that are applied after it, whose plans tell of its hours."""
        self._check_channel(f"The sender {sender.name!r}", sender.channel)
        planned = self._senders.apply(sender, self._now())
        return self._with_notes(planned, sender, beside)

    def _with_notes(self, planned: SettingsPlan, sender: Sender, beside: Collection[str] = ()) -> SettingsPlan:
        """Return a plan that says whom a sender never reaches, since its hours and theirs never meet."""
        states = self._sequences.states() if sender.pace.window is not None else ()
        sequences = [
            state.sequence for state in states if state.archived_at is None and state.sequence.name not in beside
        ]
        return replace(planned, notes=tuple(self._hours.notes_of_sender(sender, sequences, self._now())))

    def pause_sender(self, name: str, *, reason: str = "") -> bool:
        """Keep a sender's lane from sending, from the next claim on. False if it is paused already.

        Raises:
            InvalidSender: There is none of that name, or it is archived.
        """
        return self._senders.pause(name, said_by_person(ReasonCode.PAUSED_BY_PERSON, reason), self._now())

    def resume_sender(self, name: str) -> bool:
        """Let a paused or broken sender go on, slowly at first. False if nothing held it.

        Raises:
            InvalidSender: There is none of that name, or it is archived.
        """
        return self._senders.resume(name, self._now())

    def archive_sender(self, name: str, *, to: str | None = None) -> int:
        """Retire a sender for good; its leads go on with `to`, or with the other senders of their sequences.

        Returns how many live enrollments went over.

        Raises:
            InvalidSender: There is none of that name, `to` cannot take over, or a sequence has nobody else.
        """
        return self._senders.archive(name, to, self._now())

    def channel_names(self) -> list[str]:
        """Return the channels that this process has, by name."""
        self._find_named()
        return sorted(self._channels)

    def senders(self) -> list[SenderState]:
        """Return every sender: its pace, its load, what is due on its lane and what the lane waits for."""
        return self._senders.all(self._now())

    def sender_events(self, name: str) -> list[SenderEvent]:
        """Return what happened to a sender, the latest first.

        Raises:
            InvalidSender: There is none of that name.
        """
        return self._senders.events(name)
