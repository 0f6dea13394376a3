"""``python -m benchmarks.sharding``: senders and their leads over several databases, on paper.

A million leads of 500 and of 5,000 senders are placed in databases by their sender, so that no lane and no step of an
enrollment needs two. Senders differ in size (lognormal) and stand in pools of ten; one lead in ten has a second sender,
half of those in the pool of the first. Three ways to place a sender are compared: the hash of its name modulo the
number of databases; the database with the highest hash of both names (rendezvous hashing); and the latter by the name
of the pool. Everything follows from a seed: the same numbers come out anywhere.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from random import Random  # noqa: TID251  (whom this is about is drawn once, from a seed)

LEADS = 1_000_000
SENDERS = (500, 5_000)
DATABASES = (4, 8, 16)
SEED = 21

SPREAD = 1.0
"""The standard deviation of the logarithm of a sender's size."""

POOL = 10
SECOND, SAME_POOL = 0.1, 0.5
"""How many leads have a second sender, and how many of those have it from the pool of the first."""

FULL = 1.05
"""How much more than the mean a database may hold before senders are moved by hand."""

Place = Callable[[int, Sequence[str]], str]
"""Says in which of the databases a sender is."""


@dataclass(frozen=True, slots=True)
class World:
    """How many leads each sender has alone, and how many each two senders have together."""

    senders: int
    alone: Counter[int]
    shared: Counter[tuple[int, int]]

    @property
    def sizes(self) -> Counter[int]:
        """How many leads each sender writes to."""
        sizes = Counter(self.alone)
        for (one, other), leads in self.shared.items():
            sizes[one] += leads
            sizes[other] += leads
        return sizes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a way to place senders comes to.

    `balance`: the fullest database, of the mean. `added`, `removed`: the share of all leads that move with a database
    more or less. `apart`: the share of the leads with two senders that are in two databases. `reach`: in how many
    databases a lead is, on average. `by_hand`: how many senders to move until no database is fuller than `FULL`.
    """

    balance: float
    added: float
    removed: float
    apart: float
    reach: float
    by_hand: int


def world(senders: int, leads: int, seed: int) -> World:
    """Make senders of different sizes, and leads that have one or two of them."""
    random = Random(seed)  # noqa: S311  (the same numbers each time are what is wanted)
    weights = list(accumulate(random.lognormvariate(0, SPREAD) for _ in range(senders)))
    firsts = random.choices(range(senders), cum_weights=weights, k=leads)
    seconds = random.choices(range(senders), cum_weights=weights, k=round(leads * SECOND))
    alone, shared = Counter(firsts[len(seconds) :]), Counter[tuple[int, int]]()
    for one, anywhere in zip(firsts, seconds, strict=False):
        pool = one - one % POOL
        other = random.randrange(pool, min(pool + POOL, senders)) if random.random() < SAME_POOL else anywhere
        if one == other:
            alone[one] += 1
        else:
            shared[one, other] += 1
    return World(senders, alone, shared)


def digest(text: str) -> int:
    """Return a number of 64 bits that depends on nothing but the text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def modulo(sender: int, databases: Sequence[str]) -> str:
    """Place a sender by the hash of its name alone."""
    return databases[digest(f"sender-{sender}") % len(databases)]


def rendezvous(sender: int, databases: Sequence[str]) -> str:
    """Place a sender in the database with which its name has the highest hash."""
    return highest(f"sender-{sender}", databases)


def by_pool(sender: int, databases: Sequence[str]) -> str:
    """Place a sender with its pool."""
    return highest(f"pool-{sender // POOL}", databases)


def highest(name: str, databases: Sequence[str]) -> str:
    """Return the database with which a name has the highest hash (rendezvous hashing)."""
    return max(databases, key=lambda database: digest(f"{database} {name}"))


WAYS: dict[str, Place] = {"modulo": modulo, "rendezvous": rendezvous, "rendezvous, by pool": by_pool}


def placed(place: Place, senders: int, databases: Sequence[str]) -> list[str]:
    """Return the database of each sender."""
    return [place(sender, databases) for sender in range(senders)]


def outcome(leads: World, place: Place, number: int) -> Outcome:
    """Place everybody in so many databases, in one more and in one fewer."""
    names = [f"db-{one}" for one in range(1, number + 2)]
    now = placed(place, leads.senders, names[:number])
    more, fewer = placed(place, leads.senders, names), placed(place, leads.senders, names[: number - 1])
    shared, apart = leads.shared.total(), sum(n for (a, b), n in leads.shared.items() if now[a] != now[b])
    return Outcome(
        balance=balance(leads.sizes, now, number),
        added=moved(leads.sizes, now, more),
        removed=moved(leads.sizes, now, fewer),
        apart=apart / shared,
        reach=1 + apart / (leads.alone.total() + shared),
        by_hand=by_hand(leads.sizes, now, names[:number]),
    )


def balance(sizes: Counter[int], now: Sequence[str], number: int) -> float:
    """Return what the fullest database holds, of the mean."""
    return max(loads(sizes, now).values()) * number / sizes.total()


def loads(sizes: Counter[int], now: Sequence[str]) -> Counter[str]:
    """Return how many leads each database holds; a lead with senders in two is in both."""
    found = Counter[str]()
    for sender, leads in sizes.items():
        found[now[sender]] += leads
    return found


def moved(sizes: Counter[int], before: Sequence[str], after: Sequence[str]) -> float:
    """Return the share of the leads whose sender moves."""
    return sum(leads for sender, leads in sizes.items() if before[sender] != after[sender]) / sizes.total()


def by_hand(sizes: Counter[int], now: Sequence[str], databases: Sequence[str]) -> int:
    """Count the senders to move from the fullest database to the emptiest until none is fuller than `FULL`.

    Each is the largest that does not make the emptiest one fuller than the mean; where none is so small, it ends there.
    """
    place, mean, moves = list(now), sizes.total() / len(databases), 0
    held = {database: loads(sizes, now)[database] for database in databases}
    while max(held.values()) > FULL * mean:
        fullest, emptiest = max(held, key=held.__getitem__), min(held, key=held.__getitem__)
        room = mean - held[emptiest]
        fitting = [sender for sender, leads in sizes.items() if place[sender] == fullest and leads <= room]
        if not fitting:
            break
        sender = max(fitting, key=sizes.__getitem__)
        place[sender] = emptiest
        held[fullest] -= sizes[sender]
        held[emptiest] += sizes[sender]
        moves += 1
    return moves


def report(leads: int = LEADS, senders: Sequence[int] = SENDERS, databases: Sequence[int] = DATABASES) -> Iterator[str]:
    """Yield the lines that are printed."""
    yield f"{leads:,} leads, {SECOND:.0%} with a second sender, {SAME_POOL:.0%} of those in the same pool of {POOL}"
    for number in senders:
        people = world(number, leads, SEED)
        largest = max(people.sizes.values()) / people.sizes.total()
        yield f"\n{number:,} senders, the largest with {largest:.2%} of all leads"
        heads = ("max/mean", "added", "removed", "apart", "reach", "by hand")
        yield f"{'databases':10}{'placed by':20}" + "".join(f"{head:>9}" for head in heads)
        for size in databases:
            for name, place in WAYS.items():
                found = outcome(people, place, size)
                shares = f"{found.added:9.1%}{found.removed:9.1%}{found.apart:9.1%}"
                yield f"{size:<10}{name:20}{found.balance:9.2f}{shares}{found.reach:9.3f}{found.by_hand:9}"


def main() -> None:
    """Print everything."""
    for line in report():
        print(line, flush=True)


if __name__ == "__main__":
    main()
