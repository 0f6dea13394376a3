"""What people did at a SQL prompt, taken up by the next pass: triggers given, addresses changed, and records ended."""

from dripline.core.leads.trigger import normalize_trigger
from dripline.errors import InvalidTrigger
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store, gains_of, keys

AT_ONCE = 1_000
"""How many triggers or enrollments are looked after in one pass."""


class ByHand:
    """Takes up what was written by hand, on one database. Where nothing was, each question is one look."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def decide_triggers(self) -> int:
        """Let triggers that a person gave to leads have their effects; returns how many are enrolled by them."""
        if not self._database.run("undecided_triggers", most=1):
            return 0
        with self._store.transaction():
            found = self._database.run("undecided_triggers", most=AT_ONCE)
            self._store.hold_leads({row["lead_id"] for row in found})
            now = self._store.now()
            written = {(row["lead_id"], row["trigger"]): _token(row["trigger"]) for row in found}
            misspelt = [pair for pair, token in written.items() if token not in {None, pair[1]}]
            if misspelt:
                self._database.change("drop_misspelt", gains=gains_of(misspelt))
            gained = [(lead, token) for (lead, _), token in written.items() if token is not None]
            enrolled = self._store.gain(gained, keys({lead for lead, _ in gained}), now)
            self._database.change("decide_triggers", gains=gains_of([*written, *gained]), now=now)
            return enrolled

    def readdress(self) -> None:
        """Write down where enrollments send whose lead got another address; of two for one address, one ends."""
        if not self._database.run("unaddressed_leads", most=1):
            return
        with self._store.transaction():
            found = [row["lead_id"] for row in self._database.run("unaddressed_leads", most=AT_ONCE)]
            self._store.hold_leads(found)
            self._store.merging.readdress(found, self._store.now())

    def go_on(self) -> None:
        """Let enrollments go on of which somebody ended or deleted the record at which they stood."""
        if not self._database.run("is_anything_halted"):
            return
        with self._store.transaction():
            halted = keys(row["id"] for row in self._database.run("take_halted", most=AT_ONCE))
            self._store.hold(int(enrollment) for enrollment in halted)
            now = self._store.now()
            activated = self._database.run("activate_halted", enrollments=halted)
            still = halted.keys() - {str(row["enrollment_id"]) for row in activated}
            last = self._database.run("last_records", enrollments=keys(still)) if still else []
            if last:
                records = keys(row["id"] for row in last)
                self._store.end(self._database.run("finish_enrollments", records=records, now=now), now)


def _token(written: str) -> str | None:
    """Return the form in which a trigger is stored; None for what can be none."""
    try:
        return normalize_trigger(written)
    except InvalidTrigger:
        return None
