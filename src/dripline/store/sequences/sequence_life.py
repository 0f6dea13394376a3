"""A sequence is renamed, archived or deleted, a trigger renamed: what was sent stays as it is, under its sequence."""

import json
from collections.abc import Callable
from datetime import datetime

from dripline.core.enrollments.chain import ChainLink, check_chain
from dripline.core.planning.sequence_life import InFlight, RenamedTrigger, name_when_deleted, still_in_flight
from dripline.core.reason import Reason, ReasonCode
from dripline.core.sequences.sequence import sequence_name
from dripline.errors import InvalidSequence, InvalidTrigger, NoSuchSequence
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.store import Store
from dripline.store.rows import link_of
from dripline.store.sequences.in_flight import at_goal

Now = Callable[[], datetime]
"""Reads the clock; asked once what is changed is locked."""


class SequenceLife:
    """Changes of sequences beside their steps and settings, on one database; each verb one transaction."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def rename(self, old: str, new: str, clock: Now) -> bool:
        """Give a sequence another name; False if it has that name.

        Raises:
            NoSuchSequence: There is none of the old name.
            InvalidSequence: Another one has the new name, or it is none.
        """
        name = sequence_name(new)
        with self._store.transaction():
            found = self._known(old)
            if name == found["name"]:
                return False
            if self._database.run("find_sequence", name=name):
                raise InvalidSequence(f"There is a sequence {name!r} already: choose another name.")
            self._database.change("rename_sequence", sequence_id=found["id"], name=name, now=clock())
            self._database.change("rename_draft", old_name=old, name=name)
            return True

    def archive(self, name: str, in_flight: InFlight | None, clock: Now) -> int:
        """Archive a sequence, and end who is in it where that is asked for; returns how many are in it.

        Raises:
            NoSuchSequence: There is none of that name.
            InvalidSequence: Leads are in it and it is not said what becomes of them, or another sequence leads to it.
        """
        with self._store.transaction():
            found = self._known(name)
            if found["archived_at"] is not None:
                return 0
            self._refuse_fired(found)
            live = self._settled(found, in_flight, ReasonCode.SEQUENCE_ARCHIVED, clock)
            self._database.change("archive_sequence", sequence_id=found["id"], now=clock())
            return live

    def unarchive(self, name: str, clock: Now) -> int:
        """Let an archived sequence start on its trigger again; returns how many leads start at once.

        Raises:
            NoSuchSequence: There is none of that name.
            InvalidSequence: Its trigger starts another sequence by now, or its chain leads nowhere.
        """
        with self._store.transaction():
            found = self._known(name)
            trigger = found["archived_trigger"]
            if trigger is None:
                return 0
            holder = self._database.run("find_sequence_of_trigger", trigger=trigger)
            if holder:
                raise InvalidSequence(
                    f"The trigger {trigger} starts the sequence {holder[0]['name']!r} by now: give that one another "
                    f"trigger, or archive it."
                )
            self._check_chain(found, trigger)
            now = clock()
            self._database.change("unarchive_sequence", sequence_id=found["id"], now=now)
            return self._store.enroll("enroll_all", now, sequence_id=found["id"])

    def delete(self, name: str, in_flight: InFlight | None, clock: Now) -> bool:
        """Delete a sequence; what it sent stays. False if nobody was ever in it, so that nothing of it stays.

        Raises:
            NoSuchSequence: There is none of that name.
            InvalidSequence: Leads are in it and are not to leave it, or another sequence leads to it.
        """
        with self._store.transaction():
            found = self._known(name)
            if found["archived_at"] is None:
                self._refuse_fired(found)
            self._settled(found, in_flight, ReasonCode.SEQUENCE_DELETED, clock)
            self._database.change("drop_draft", name=name)
            now, buried = clock(), name_when_deleted(name, found["id"])
            if not self._database.run("has_enrollments", sequence_id=found["id"]):
                self._database.change("bury_sequence", sequence_id=found["id"], name=buried, now=now)
                for statement in ("unname_senders", "delete_steps", "delete_sequence"):
                    self._database.change(statement, sequence_id=found["id"])
                return False
            self._database.change("archive_sequence", sequence_id=found["id"], now=now)
            self._database.change("unname_senders", sequence_id=found["id"])
            self._database.change("bury_sequence", sequence_id=found["id"], name=buried, now=now)
            return True

    def rename_trigger(self, old: str, new: str, clock: Now) -> RenamedTrigger:
        """Rename a trigger wherever it is named, and let whoever has it now be enrolled or be at a goal by it.

        Raises:
            InvalidTrigger: The new one starts a sequence already.
        """
        with self._store.transaction():
            if old == new:
                return RenamedTrigger(0, leads=0, sources=0)
            starts = self._database.run("started_by", trigger=old)
            if starts and self._database.run("started_by", trigger=new):
                raise InvalidTrigger(f"The trigger {new} starts a sequence already: choose another name for {old}.")
            now = clock()
            sequences = self._database.change("rename_trigger_of_sequences", old=old, new=new, now=now)
            self._database.change("give_renamed_trigger", old=old, new=new)
            leads = self._database.change("drop_renamed_trigger", old=old, new=new)
            for row in self._database.run("ended_by", trigger=new):
                led = at_goal(self._database, row["id"], new)
                self._store.leave(dict.fromkeys(led, Reason.of(ReasonCode.GOAL, goal=new)), now)
            starts = self._database.run("started_by", trigger=new)
            started = (self._store.enroll("enroll_all", now, sequence_id=row["id"]) for row in starts)
            return RenamedTrigger(sequences, leads=leads, sources=self._in_sources(old, new), enrolled=sum(started))

    def _known(self, name: str) -> Row:
        found = next(iter(self._database.run("find_sequence", name=name)), None)
        if found is None or found["deleted_at"] is not None:
            raise NoSuchSequence(f"There is no sequence {name[:80]!r}: look at the list of sequences.")
        return found

    def _settled(self, found: Row, in_flight: InFlight | None, code: ReasonCode, clock: Now) -> int:
        """Let who is in a sequence leave it or stay, as it was said, and return how many they are."""
        live = [row["id"] for row in self._database.run("live_of_sequence", sequence_id=found["id"])]
        allowed = (InFlight.END,) if code is ReasonCode.SEQUENCE_DELETED else tuple(InFlight)
        if live and in_flight not in allowed:
            raise InvalidSequence(still_in_flight(found["name"], len(live), allowed))
        if in_flight is InFlight.END:
            self._store.leave(dict.fromkeys(live, Reason(code)), clock())
        return len(live)

    def _refuse_fired(self, found: Row) -> None:
        fired = self._database.run("fired_by", trigger=found["trigger"], sequence_id=found["id"])
        if fired:
            raise InvalidSequence(
                f"The sequence {fired[0]['name']!r} fires {found['trigger']} at its end, which starts "
                f"{found['name']!r}: correct its `then`, or archive it first."
            )

    def _check_chain(self, found: Row, trigger: str) -> None:
        others = [link_of(row) for row in self._database.run("chains", name=found["name"])]
        own = ChainLink(found["name"], trigger=trigger, then=found["then_trigger"], may_loop=bool(found["may_loop"]))
        check_chain(own, others)

    def _in_sources(self, old: str, new: str) -> int:
        """Rename a trigger in the lists of what sources may give; returns in how many."""
        changed = 0
        for row in self._database.run("lead_sources"):
            triggers: list[str] = json.loads(row["triggers"])
            if old in triggers:
                renamed = list(dict.fromkeys(new if one == old else one for one in triggers))
                self._database.change("rename_triggers_of_source", source_id=row["id"], triggers=json.dumps(renamed))
                changed += 1
        return changed
