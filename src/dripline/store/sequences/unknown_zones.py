"""Where the leads of a trigger are, as far as anybody knows: what a plan says of those whose zone is a guess."""

from dataclasses import dataclass, field

from dripline.core.time.lead_zone import is_country_of_one_zone, zones_of_phone
from dripline.store.database.database import Database
from dripline.store.enrollments.store import keys

PHONES_READ = 20_000
"""How many phones are looked at one by one, where the country alone does not tell."""


@dataclass(frozen=True, slots=True)
class UnknownZones:
    """Of so many leads, whose phones leave open in which of `several` zones they are, and who has `none` at all."""

    leads: int
    several: int = field(kw_only=True)
    none: int = field(kw_only=True)

    def notes(self, elsewhere: str) -> list[str]:
        """Say it in sentences; `elsewhere` is the zone by which those go whom nothing places."""
        said: list[str] = []
        if self.several:
            said.append(
                f"{self.several} of {self.leads} leads may be in any of several time zones: their messages go when the "
                "window is open in all of these; give the leads a zone, or the sequence one"
            )
        if self.none:
            said.append(
                f"{self.none} of {self.leads} leads have no known time zone, and go by {elsewhere}: "
                "give the leads a zone, or the sequence one"
            )
        return said


def read_whereabouts(database: Database, trigger: str) -> UnknownZones:
    """Count the leads of a trigger by what is known of where they are."""
    rows = database.run("leads_by_country", trigger=trigger)
    open_digits = [row["digits"] for row in rows if row["digits"] and not is_country_of_one_zone(row["digits"])]
    phones = (
        database.run("phones_of_countries", trigger=trigger, digits=keys(open_digits), most=PHONES_READ)
        if open_digits
        else []
    )
    zone_counts = [len(zones_of_phone(row["phone"])) for row in phones]
    return UnknownZones(
        sum(row["many"] for row in rows),
        several=sum(count > 1 for count in zone_counts),
        none=sum(count == 0 for count in zone_counts) + sum(row["unplaced"] for row in rows if not row["digits"]),
    )
