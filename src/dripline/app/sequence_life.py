"""Sequences beside what they send: renamed, archived, deleted; and triggers renamed wherever they are named."""

from dripline.app.opened import Opened
from dripline.core.leads.trigger import normalize_trigger
from dripline.core.planning.sequence_life import InFlight, RenamedTrigger, in_flight_of


class SequenceLifeCases(Opened):
    """What can be asked about the life of a sequence."""

    def rename_sequence(self, old: str, new: str) -> bool:
        """Give a sequence another name; who is in it and what it sent stay as they are. False if it has that name.

        Raises:
            NoSuchSequence: There is none of the old name.
            InvalidSequence: Another one has the new name, or it is none.
        """
        return self._sequence_life.rename(old, new, self._now)

    def archive_sequence(self, name: str, *, in_flight: InFlight | str | None = None) -> int:
        """Retire a sequence: nobody starts it any more, its trigger is free, and it leaves the lists.

        `in_flight` says what becomes of who is in it: `end` ends their runs, `finish` lets them come to their end. What
        was sent stays. Returns how many were in it; `unarchive_sequence` takes it back.

        Raises:
            NoSuchSequence: There is none of that name.
            InvalidSequence: Leads are in it and `in_flight` is not given, or another sequence leads to it.
        """
        return self._sequence_life.archive(name, in_flight_of(in_flight), self._now)

    def unarchive_sequence(self, name: str) -> int:
        """Let an archived sequence start again on its trigger; returns how many leads start at once.

        Raises:
            NoSuchSequence: There is none of that name.
            InvalidSequence: Its trigger starts another sequence by now, or its chain leads nowhere.
        """
        return self._sequence_life.unarchive(name, self._now)

    def delete_sequence(self, name: str, *, in_flight: InFlight | str | None = None) -> bool:
        """Delete a sequence for good; its name and its trigger are free then.

        What it sent stays readable, in the timelines of its leads and in reports, under its name with a mark; False if
        nobody was ever in it, so that nothing of it stays. Who is in it leaves it with `in_flight="end"`.

        Raises:
            NoSuchSequence: There is none of that name.
            InvalidSequence: Leads are in it and are not to leave it, or another sequence leads to it.
        """
        return self._sequence_life.delete(name, in_flight_of(in_flight), self._now)

    def rename_trigger(self, old: str, new: str) -> RenamedTrigger:
        """Rename a trigger wherever it is named: of leads, of sequences (start, goal, `then`) and of sources.

        Leads that had the new one already start what it starts now.

        Raises:
            InvalidTrigger: One of them cannot be one, or the new one starts another sequence.
        """
        return self._sequence_life.rename_trigger(normalize_trigger(old), normalize_trigger(new), self._now)
