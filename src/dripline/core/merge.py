"""Two leads that are one person: which one stays, what it is afterwards, and what keeps them two. Pure."""

from dataclasses import dataclass, field

from dripline.core.intake import merge_leads
from dripline.core.model import Lead, NewLead
from dripline.errors import InvalidLead


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge does: `gone` becomes a part of `kept`, the older of the two, which is `result` afterwards.

    `ending` says which runs end, since the other lead is further on in the same sequence, or in its group.
    """

    kept: Lead
    gone: Lead = field(kw_only=True)
    result: Lead = field(kw_only=True)
    ending: tuple[str, ...] = field(default=(), kw_only=True)


def check_one_person(kept: Lead, gone: Lead) -> None:
    """Refuse two leads that cannot be one person.

    Raises:
        InvalidLead: It is one lead twice, or each has a phone of its own.
    """
    if kept.id == gone.id:
        raise InvalidLead(f"Both addresses are lead {kept.id} already: name two leads.")
    if kept.phone is not None and gone.phone is not None:
        raise InvalidLead(
            f"Lead {kept.id} has the phone {kept.phone} and lead {gone.id} has {gone.phone}: "
            "only one can stay, so forget the lead whose phone is wrong, or leave them two."
        )


def joined(kept: Lead, gone: Lead) -> Lead:
    """Return the lead that stays with what it lacked and the other one has."""
    person = merge_leads(_as_new(gone), _as_new(kept))
    return Lead(
        kept.id,
        phone=person.phone,
        email=person.email,
        name=person.name,
        attributes=person.attributes,
        zone=person.zone,
    )


def _as_new(lead: Lead) -> NewLead:
    return NewLead(lead.phone, email=lead.email, name=lead.name, attributes=lead.attributes, zone=lead.zone)
