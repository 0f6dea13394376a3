"""The leads of one batch, matched with those that are stored: who is new, who changed, who is the same.

A lead is known by its phone; without one, by its e-mail address. A stored lead that has only an e-mail address gains
the phone that comes in with the same address, so that a person does not become two.
"""

from collections.abc import Iterable

from dripline.core.attribute import is_same
from dripline.core.intake import merge_leads
from dripline.core.model import Lead, NewLead


class Roster:
    """Takes leads one by one and keeps what each person is after all of them."""

    def __init__(self, stored: Iterable[Lead]) -> None:
        self._known: list[Lead] = list(stored)
        self._people: list[NewLead] = [_as_new(lead) for lead in self._known]
        self._by_phone: dict[str, int] = {}
        self._by_email: dict[str, int] = {}
        for place in range(len(self._people)):
            self._index(place)

    def take(self, lead: NewLead) -> int:
        """Merge a lead into the person it means, or add a person; returns that one's place among all."""
        place = self._place(lead)
        if place is None:
            place = len(self._people)
            self._people.append(lead)
        else:
            self._people[place] = merge_leads(self._people[place], lead)
        self._index(place)
        return place

    def new(self) -> list[NewLead]:
        """Return the people that are not stored yet."""
        return self._people[len(self._known) :]

    def changed(self) -> dict[int, NewLead]:
        """Return the stored people of whom something changed, by id."""
        pairs = zip(self._known, self._people, strict=False)
        return {known.id: person for known, person in pairs if _differs(known, person)}

    def before(self) -> dict[int, Lead]:
        """Return those people as they are stored, by id."""
        pairs = zip(self._known, self._people, strict=False)
        return {known.id: known for known, person in pairs if _differs(known, person)}

    def stored(self) -> list[Lead]:
        """Return the stored people, at the first places."""
        return self._known

    def travelled(self) -> list[int]:
        """Return the stored people whose zone, or phone that may tell it, changed."""
        pairs = zip(self._known, self._people, strict=False)
        return [known.id for known, person in pairs if (known.zone, known.phone) != (person.zone, person.phone)]

    def touched(self) -> list[NewLead]:
        """Return everybody, as they are now."""
        return self._people

    def _place(self, lead: NewLead) -> int | None:
        by_email = None if lead.email is None else self._by_email.get(lead.email)
        if lead.phone is None:
            return by_email
        by_phone = self._by_phone.get(lead.phone)
        if by_phone is None and by_email is not None and self._people[by_email].phone is None:
            return by_email
        return by_phone

    def _index(self, place: int) -> None:
        person = self._people[place]
        if person.phone is not None:
            self._by_phone[person.phone] = place
        if person.email is not None:
            self._by_email.setdefault(person.email, place)


def _as_new(lead: Lead) -> NewLead:
    return NewLead(lead.phone, email=lead.email, name=lead.name, attributes=lead.attributes, zone=lead.zone)


def _differs(known: Lead, person: NewLead) -> bool:
    return (known.phone, known.email, known.name, known.zone) != (
        person.phone,
        person.email,
        person.name,
        person.zone,
    ) or not is_same(known.attributes, person.attributes)
