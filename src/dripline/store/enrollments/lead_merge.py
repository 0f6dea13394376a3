"""The leads of one batch, matched with those that are stored: who is new, who changed, who is the same.

A lead is known by its phone; without one, by its e-mail address. A stored lead that has only an e-mail address gains
the phone that comes in with the same address, so that a person does not become two. Two stored leads are joined where
one row names the phone of one and the e-mail address by which alone the other is known: the older stays. Leads of
different phones are never joined, whatever address they share. Who was merged is also known by the addresses that it
has beside the phone and the e-mail address that it is sent to; a row that names it so leaves those two as they are.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Self

from dripline.core.leads.attribute import is_same
from dripline.core.leads.intake import merge_leads
from dripline.core.leads.lead import TEXT_FIELDS, Lead, NewLead, as_new


class LeadMerge:
    """Takes leads one by one and keeps what each person is after all of them."""

    def __init__(
        self, stored: Iterable[Lead], others: Mapping[str, int] | None = None, apart: Container[int] = ()
    ) -> None:
        self._known: list[Lead] = list(stored)
        self._people: list[NewLead] = [as_new(lead) for lead in self._known]
        self._by_phone: dict[str, int] = {}
        self._by_email: dict[str, int] = {}
        self._without_phone: dict[str, int] = {}
        self._apart = apart
        self._joined: dict[int, int] = {}
        for place in range(len(self._people)):
            self._index(place)
        places = {lead.id: place for place, lead in enumerate(self._known)}
        self._others = {address: places[lead] for address, lead in (others or {}).items() if lead in places}
        for address, place in self._others.items():
            self._index_other(address, place)

    def take(self, lead: NewLead) -> int:
        """Merge a lead into the person it means, or add a person; returns that one's place among all."""
        place = self._place(lead)
        if place is None:
            place = len(self._people)
            self._people.append(lead)
        else:
            said = self._without_name(place, lead)
            place = self._with_twin(place, lead)
            self._people[place] = merge_leads(self._people[place], said)
        self._index(place)
        return place

    def take_all(self, leads: Iterable[NewLead]) -> Self:
        """Take leads in their order."""
        for lead in leads:
            self.take(lead)
        return self

    def final(self, place: int) -> int:
        """Return where the person of a place stands after all leads: rows may have joined it with another one."""
        while place in self._joined:
            place = self._joined[place]
        return place

    def merged(self) -> dict[int, tuple[int, Lead]]:
        """Return the stored people that rows joined with an older one: by the id that goes, the one that stays."""
        return {
            self._known[gone].id: (self._known[self.final(gone)].id, self._known[gone])
            for gone in self._joined
            if gone < len(self._known)
        }

    def merges(self) -> Iterator[tuple[Lead, Lead, Lead]]:
        """Yield, of each of these, who stays, who goes, and what the two are after all leads."""
        for gone in self._joined:
            if gone < len(self._known):
                survivor = self.final(gone)
                person = self._people[survivor]
                now = replace(self._known[survivor], phone=person.phone, email=person.email)
                yield self._known[survivor], self._known[gone], now

    def new(self) -> list[NewLead]:
        """Return the people that are not stored yet."""
        known = len(self._known)
        return [one for place, one in enumerate(self._people) if place >= known and place not in self._joined]

    def changed(self) -> dict[int, NewLead]:
        """Return the stored people of whom something changed, by id."""
        return {known.id: person for known, person in self._pairs() if _differs(known, person)}

    def before(self) -> dict[int, Lead]:
        """Return those people as they are stored, by id."""
        return {known.id: known for known, person in self._pairs() if _differs(known, person)}

    def stored(self) -> list[Lead]:
        """Return the stored people, at the first places."""
        return self._known

    def travelled(self) -> list[int]:
        """Return the stored people whose zone, or phone that may tell it, changed."""
        pairs = self._pairs()
        return [known.id for known, person in pairs if (known.zone, known.phone) != (person.zone, person.phone)]

    def moved(self) -> list[int]:
        """Return the stored people of whom an address changed."""
        pairs = self._pairs()
        return [known.id for known, person in pairs if (known.phone, known.email) != (person.phone, person.email)]

    def people(self) -> Iterator[tuple[int | None, NewLead]]:
        """Yield everybody once as they are now, with the id of who is stored."""
        known = len(self._known)
        for place, person in enumerate(self._people):
            if place not in self._joined:
                yield (self._known[place].id if place < known else None), person

    def gains(self, new: Mapping[str, int]) -> list[tuple[int, str]]:
        """Return the triggers of everybody, with their ids; `new` are those of who was not stored before."""
        return [
            (new[identity(person.phone, person.email)] if known is None else known, trigger)
            for known, person in self.people()
            for trigger in person.triggers
        ]

    def touched(self) -> list[NewLead]:
        """Return everybody by their places, as they are now."""
        return self._people

    def _place(self, lead: NewLead) -> int | None:
        by_email = None if lead.email is None else self._by_email.get(lead.email)
        if lead.phone is None:
            return by_email
        by_phone = self._by_phone.get(lead.phone)
        return by_phone if by_phone is not None or lead.email is None else self._without_phone.get(lead.email)

    def _without_name(self, place: int, lead: NewLead) -> NewLead:
        """Return what a row says of a person, without an address that is not its own by which it is named."""
        if lead.phone is not None and self._by_phone.get(lead.phone) == place:
            return replace(lead, phone=None) if self._others.get(lead.phone) == place else lead
        return replace(lead, email=None) if self._others.get(lead.email or "") == place else lead

    def _with_twin(self, place: int, lead: NewLead) -> int:
        """Return the place of a person, joined with the one that is known by the lead's e-mail address alone."""
        twin = None if lead.phone is None or lead.email is None else self._without_phone.get(lead.email)
        if twin is None or twin == place:
            return place
        older, younger = sorted((place, twin))
        if younger < len(self._known) and self._known[younger].id in self._apart:
            return place
        gone = self._people[younger]
        self._people[older] = merge_leads(gone, self._people[older])
        self._joined[younger] = older
        for address, index in ((gone.phone, self._by_phone), (gone.email, self._by_email)):
            if address is not None:
                index[address] = older
        self._without_phone.pop(lead.email or "", None)
        return older

    def _index_other(self, address: str, place: int) -> None:
        if "@" not in address:
            self._by_phone.setdefault(address, place)
            return
        self._by_email.setdefault(address, place)
        if self._people[place].phone is None:
            self._without_phone.setdefault(address, place)

    def _index(self, place: int) -> None:
        person = self._people[place]
        if person.phone is not None:
            self._by_phone[person.phone] = place
        if person.email is None:
            return
        self._by_email.setdefault(person.email, place)
        if person.phone is None:
            self._without_phone[person.email] = place
        elif self._without_phone.get(person.email) == place:
            del self._without_phone[person.email]

    def _pairs(self) -> Iterator[tuple[Lead, NewLead]]:
        """Yield the stored people that stay, each as stored and as it is now."""
        for place, known in enumerate(self._known):
            if place not in self._joined:
                yield known, self._people[place]


def _differs(known: Lead, person: NewLead) -> bool:
    same = all(getattr(known, name) == getattr(person, name) for name in TEXT_FIELDS)
    return not (same and is_same(known.attributes, person.attributes))


def identity(phone: str | None, email: str | None) -> str:
    """Return what a lead is known by: its phone, or its e-mail address where it has none."""
    return phone or f"mailto:{email}"
