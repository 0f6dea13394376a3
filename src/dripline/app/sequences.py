"""Sequences: planned, then applied."""

from collections.abc import Iterable
from dataclasses import replace

from dripline.app.opened import Opened
from dripline.channels.contract import address_kind
from dripline.core.message import check_templates
from dripline.core.model import DEFAULT_CHANNEL, Sequence
from dripline.core.plan import Plan
from dripline.core.sender import Sender
from dripline.errors import InvalidSequence
from dripline.store.sequences import Applied


class SequenceCases(Opened):
    """What can be asked about sequences."""

    def plan(self, sequence: Sequence, *, senders: Iterable[Sender] = (), beside: Iterable[Sequence] = ()) -> Plan:
        """Say what applying a sequence would change, after the same checks, and change nothing.

        `senders` will have been applied before it, `beside` are sequences that are applied with it. Raises what `apply`
        raises.
        """
        return self._sequences.plan(self._checked(sequence, tuple(senders)), beside)

    def apply(self, sequence: Sequence, *, beside: Iterable[Sequence] = ()) -> Applied:
        """Create or update a sequence, known by its name, and enroll every lead that has its trigger.

        `beside` are sequences that are applied with it, so that its chain may lead to one that is yet to come.

        Idempotent. Texts are corrected for everything not yet sent; when the number or the waits of steps change, new
        enrollments get them and enrollments in flight keep what they have.

        Raises:
            ChannelNotConfigured: This process does not have its channel.
            InvalidTemplate: A template cannot be read, or uses a variable nobody knows.
            InvalidSender: A sender or pool that it names does not exist, or they speak through several channels.
            InvalidSequence: Its trigger starts another sequence, or its chain leads nowhere or in a circle.
        """
        checked = self._checked(sequence)
        applied = self._sequences.apply(checked, address_kind(self._channels[checked.channel]), self._now(), beside)
        self._wake()
        return applied

    def _checked(self, sequence: Sequence, coming: tuple[Sender, ...] = ()) -> Sequence:
        """Return a sequence that can be applied, on the channel of its senders where it has any."""
        if sequence.senders:
            channel = self._senders.channel_of(tuple(sequence.senders), coming)
            if sequence.channel not in (DEFAULT_CHANNEL, channel):
                raise InvalidSequence(
                    f"The sequence {sequence.name!r} names the channel {sequence.channel!r}, and its senders speak "
                    f"through {channel!r}: leave the channel out, or name other senders."
                )
            sequence = replace(sequence, channel=channel)
        self._check_channel(f"The sequence {sequence.name!r}", sequence.channel)
        check_templates(sequence, self._reads.attribute_names())
        return sequence
