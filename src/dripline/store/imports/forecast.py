"""What an import would do, batch by batch: by the same matching and the same conditions, and nothing is written."""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Listing
from datetime import datetime

from dripline.core.leads.lead import NewLead
from dripline.core.views.imports import Expected
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.known_leads import look_up_known
from dripline.store.enrollments.lead_merge import LeadMerge
from dripline.store.enrollments.store import Fields
from dripline.store.imports.seen_before import SeenBefore


class Forecast:
    """Foretells one import, on one database. Who came in an earlier batch is known again."""

    def __init__(self, database: Database, now: datetime) -> None:
        self._database = database
        self._now = now
        self._seen = SeenBefore()
        self._people: Counter[str] = Counter()
        self._enrolled: Counter[str] = Counter()
        self._due = 0

    def take(self, leads: Listing[NewLead]) -> None:
        """Add a batch of leads to what would come in."""
        merge = look_up_known(self._database, leads).lead_merge()
        places = dict.fromkeys(map(merge.final, [merge.take(lead) for lead in leads]))
        people = merge.touched()
        differing = merge.changed()
        changed = {place for place, known in enumerate(merge.stored()) if known.id in differing}
        for place in places:
            kind = "new" if place >= len(merge.stored()) else "updated" if place in changed else "unchanged"
            if self._is_first(people[place]):
                self._people[kind] += 1
        self._enroll(merge, [place for place in places if people[place].triggers or place in changed])

    def expected(self) -> Expected:
        """Return what would become of all that was taken."""
        return Expected(
            new=self._people["new"],
            updated=self._people["updated"],
            unchanged=self._people["unchanged"],
            enrolled=dict(self._enrolled.most_common()),
            due_at_once=self._due,
        )

    def idle(self, triggers: Iterable[str]) -> tuple[str, ...]:
        """Return those triggers on which no sequence starts."""
        known = {row["trigger"] for row in self._database.run("sequence_triggers")}
        return tuple(trigger for trigger in sorted(triggers) if trigger not in known)

    def _is_first(self, person: NewLead) -> bool:
        """Return whether a person is named for the first time: by phone, or without one by e-mail address."""
        if person.phone is None:
            self._seen.add(("email alone", person.email))
            return self._seen.add(("email", person.email))
        is_first = self._seen.add(("phone", person.phone)) and ("email alone", person.email) not in self._seen
        if person.email is not None:
            self._seen.add(("email", person.email))
        return is_first

    def _enroll(self, merge: LeadMerge, places: Listing[int]) -> None:
        people = merge.touched()
        gains: list[Fields] = [
            {"place": place, "trigger": trigger} for place in places for trigger in people[place].triggers
        ]
        written = [_fields(merge, place) for place in places]
        if not written:
            return
        rows = self._database.run("would_enroll", people=written, gains=gains, now=self._now)
        for row in self._first_of_groups(people, rows):
            self._enrolled[row["sequence"]] += 1
            self._due += row["is_due"]

    def _first_of_groups(self, people: Listing[NewLead], rows: Iterable[Row]) -> Iterator[Row]:
        """Yield enrollments that come for the first time: one for each address, and of a group one for each person."""
        for row in rows:
            person = people[int(row["place"])]
            who = person.phone or person.email
            group = row["exclusive_group"]
            is_first = self._seen.add((who, "sequence", row["sequence_id"]))
            is_alone = is_first and self._seen.add((row["address"], "address", row["sequence_id"]))
            if is_alone and (group is None or self._seen.add((who, "group", group))):
                yield row


def _fields(merge: LeadMerge, place: int) -> Fields:
    stored, person = merge.stored(), merge.touched()[place]
    known = stored[place].id if place < len(stored) else None
    return {"place": place, "id": known, "phone": person.phone, "email": person.email}
