"""Who starts when a sequence is applied, and who has its trigger and does not: in numbers, before anybody does."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Starting:
    """How many leads that have a sequence's trigger start as soon as it is applied, and what keeps the others from it.

    `again`: those of them who were sent one of its texts before, by another sequence. Who was in it already is counted
    nowhere.
    """

    leads: int = field(default=0, kw_only=True)
    again: int = field(default=0, kw_only=True)
    barred: int = field(default=0, kw_only=True)
    no_address: int = field(default=0, kw_only=True)
    at_goal: int = field(default=0, kw_only=True)
    uninvited: int = field(default=0, kw_only=True)
    in_group: int = field(default=0, kw_only=True)
    same_address: int = field(default=0, kw_only=True)

    def sentences(self) -> Iterator[str]:
        """Say who starts, a line each; nothing where nobody does."""
        if self.leads:
            yield f"{self.leads} {'lead starts' if self.leads == 1 else 'leads start'} now"
        if self.again:
            yield f"{self.again} of them had one of its texts before, from another sequence, and would get it again"

    def notes(self, trigger: str, channel: str) -> Iterator[str]:
        """Say who does not start although the trigger is theirs, and why."""
        why = {
            "barred": self.barred,
            f"without an address for {channel}": self.no_address,
            "at the goal already": self.at_goal,
            "who never wrote first": self.uninvited,
            "in another sequence of the group": self.in_group,
            "whose address another lead has": self.same_address,
        }
        left_out = sum(why.values())
        if left_out:
            causes = ", ".join(f"{count} {what}" for what, count in why.items() if count)
            yield f"{left_out} {'lead' if left_out == 1 else 'leads'} with {trigger} would not get it: {causes}"
