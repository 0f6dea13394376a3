"""Two leads that are one person: which one stays, and what it is afterwards. Pure."""

from dataclasses import dataclass, field

from dripline.core.leads.intake import merge_leads
from dripline.core.leads.lead import Lead, as_new, field_values
from dripline.errors import InvalidLead


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge does: `gone` becomes a part of `kept`, the older of the two, which is `result` afterwards.

    `ending` says which runs end, and why: the other lead is further on in the same sequence, or in its group, or one of
    the two has reached its goal. By `others` it is known from then on, and sent nothing.
    """

    kept: Lead
    gone: Lead = field(kw_only=True)
    result: Lead = field(kw_only=True)
    ending: tuple[str, ...] = field(default=(), kw_only=True)
    others: tuple[str, ...] = field(default=(), kw_only=True)


def check_two_leads(one: Lead, other: Lead) -> None:
    """Refuse to merge a lead with itself.

    Raises:
        InvalidLead: It is one lead twice.
    """
    if one.id == other.id:
        raise InvalidLead(f"Both addresses are lead {one.id} already: name two leads.")


def joined(survivor: Lead, gone: Lead) -> Lead:
    """Return the lead that stays with what it lacked and the other one has."""
    return Lead(survivor.id, **field_values(merge_leads(as_new(gone), as_new(survivor))))


def other_addresses(survivor: Lead, gone: Lead, result: Lead) -> tuple[str, ...]:
    """Return the addresses of two leads beside the phone and the e-mail address that both are sent to afterwards."""
    every = dict.fromkeys(own for lead in (survivor, gone) for own in (lead.phone, lead.email) if own)
    return tuple(address for address in every if address not in {result.phone, result.email})
