"""Processing: 20,000 leads × 4 steps through a channel that accepts at once, beside three others in the same rounds.

*Bare SQL* does by hand what `bare_processing` says, on dripline's own schema: what dripline itself takes beyond its
tables. The *floor* does the same chain of work on the mission's table alone (`floor`), which never changes: what
everything takes together, the schema included. The *peer* is the fastest job queue there is for that database, with the
same number of contacts (`peers` says what each does and how).

dripline and bare SQL begin with page by page the same database, of which each round takes a new copy, as the floor does
of its own; they do the same in the same number of processes. The steps stand 12 hours apart on a clock that the
benchmark sets: all workers are told an instant, do everything that is due by then, and answer; when all have answered
they are told the next one. What is timed runs from the first word to the last answer. Starting processes and opening
databases is not in it; at each of the four instants the quicker worker waits for the other, in all. A worker of
dripline makes one pass (`tick`) for each instant. Afterwards every record must be completed, every attempt accepted,
every enrollment ended.

They take turns; rates are medians of the rounds, ratios are taken pair by pair.
"""

import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

from benchmarks import floor
from benchmarks.bench import Bench
from benchmarks.figure import TIMES, AtLeast, Figure, Part
from benchmarks.peers import LeftOut, Peers, Rates
from benchmarks.places import bare
from benchmarks.side_by_side import Turns, take_turns
from benchmarks.workload import AT, CHANNEL, TEXTS, WAIT, Accepts, add_leads, warm
from dripline import Dripline, VirtualClock
from dripline.engine.clock import stopwatch


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    leads: int
    rounds: int


FULL = Size(20_000, 5)
QUICK = Size(2_000, 3)

PROBE = 100
"""How many contacts a peer has in the run that shows whether it can take part."""

OURS, BARE, FLOOR = "dripline", "bare SQL", "floor"


@dataclass(frozen=True, slots=True)
class Race:
    """How many processes work on which database, what is to be reached of whom, and which peer takes part."""

    kind: str
    workers: int
    goals: dict[str, AtLeast] = field(kw_only=True, hash=False)
    peer: str | None = field(default=None, kw_only=True)

    @property
    def name(self) -> str:
        """The name of its figures."""
        return f"processing.{self.kind}.{self.workers}"

    @property
    def of(self) -> str:
        """What is measured, in words."""
        return f"processing, {self.kind}, {self.workers} process{'es' if self.workers > 1 else ''}"


RACES = (
    Race("sqlite", 1, goals={FLOOR: AtLeast(0.3), "huey": AtLeast(4)}, peer="huey"),
    Race("postgresql", 1, goals={BARE: AtLeast(0.65)}),
    Race(
        "postgresql",
        2,
        goals={BARE: AtLeast(0.65), FLOOR: AtLeast(0.4), "pg-boss": AtLeast(1.2)},
        peer="pg-boss",
    ),
)


def full(bench: Bench) -> Iterator[Figure]:
    """Measure at full size, beside everything."""
    for race in RACES:
        turns, left_out = _turns(bench, race, FULL, with_peer=True)
        yield from _figures(race, turns, left_out)


def quick(bench: Bench) -> Iterator[Figure]:
    """Measure at a size that takes seconds, beside bare SQL and the floor."""
    for race in RACES:
        turns, _ = _turns(bench, race, QUICK, with_peer=False)
        yield from (_figure(race, turns, BARE), _figure(race, turns, FLOOR))


def _turns(bench: Bench, race: Race, size: Size, *, with_peer: bool) -> tuple[Turns, str]:
    """Let all take turns; also return why the peer does not take part, if it does not."""
    with prepared(bench, race.kind, size.leads) as url, _floor(bench, race.kind, size.leads) as floor_url:
        contestants: dict[str, Callable[[], float]] = {
            OURS: partial(steps_per_second, bench, "dripline", url, workers=race.workers, leads=size.leads),
            BARE: partial(steps_per_second, bench, "bare", url, workers=race.workers, leads=size.leads),
            FLOOR: partial(steps_per_second, bench, "floor", floor_url, workers=race.workers, leads=size.leads),
        }
        left_out = _join(bench, race, size.leads, contestants) if with_peer and race.peer else ""
        return take_turns(contestants, size.rounds, lambda told: bench.tell(f"{race.of}: {told}")), left_out


def _join(bench: Bench, race: Race, contacts: int, contestants: dict[str, Callable[[], float]]) -> str:
    """Let the peer take part, if a small run shows that it can; else return why not."""
    folder = bench.places.folder / "peers"
    folder.mkdir(exist_ok=True)
    run = partial(_peer_rates, bench, race, Peers(folder))
    bench.tell(f"{race.of}: making room for {race.peer}")
    match run(PROBE):
        case LeftOut(why):
            return f"{race.peer} left out: {why}"
        case Rates():
            contestants[race.peer or ""] = lambda: _measured(run(contacts))
            return ""


def _peer_rates(bench: Bench, race: Race, peers: Peers, contacts: int) -> Rates | LeftOut:
    if race.kind == "sqlite":
        return peers.on_sqlite(race.peer or "", contacts)
    with bench.places.new(race.kind) as url:
        return peers.on_postgresql(race.peer or "", url, contacts)


def _measured(rates: Rates | LeftOut) -> float:
    match rates:
        case LeftOut(why):
            raise RuntimeError(f"a peer that could be measured cannot any more: {why}")
        case Rates():
            return rates.process_steps_per_second


def _figures(race: Race, turns: Turns, left_out: str) -> Iterator[Figure]:
    yield _figure(race, turns, BARE)
    yield _figure(race, turns, FLOOR)
    if race.peer:
        yield _figure(race, turns, race.peer, note=left_out)


def _figure(race: Race, turns: Turns, other: str, note: str = "") -> Figure:
    """Return what dripline does of what another does; that of bare SQL, which is drawn, has all rates beside it."""
    end = {BARE: "", FLOOR: ".floor"}.get(other, ".peer")
    took_part = turns.has(other)
    shown = (OURS, BARE, FLOOR, race.peer) if other == BARE else (OURS, other)
    return Figure(
        f"{race.name}{end}",
        of=f"{race.of}, of {'the floor' if other == FLOOR else other}",
        value=turns.ratio(OURS, other) if took_part else None,
        unit=TIMES,
        goal=race.goals.get(other),
        beside=tuple(Part(who, turns.rate(who), "steps/s") for who in shown if who and turns.has(who)),
        note=note,
    )


@contextmanager
def prepared(bench: Bench, kind: str, leads: int) -> Generator[str]:
    """Make a database in which everybody is enrolled and the first step of everybody is due."""
    bench.tell(f"processing: enrolling {leads:,} leads, {kind}")
    with bench.places.new(kind) as url:
        with Dripline(url, clock=VirtualClock(AT), channels={CHANNEL: Accepts()}) as drip:
            add_leads(drip, leads)
            drip.apply(warm(CHANNEL))
        with bare(url) as plain:
            plain.tidy()
        yield url


@contextmanager
def _floor(bench: Bench, kind: str, leads: int) -> Generator[str]:
    """Make a database that holds the mission's table alone, with everybody enrolled."""
    assert (AT, WAIT, len(TEXTS)) == (floor.AT, floor.WAIT, floor.STEPS), "the floor has the same chain of work"
    with bench.places.new(kind) as url:
        floor.create(url, leads)
        yield url


def steps_per_second(bench: Bench, who: str, template: str, *, workers: int, leads: int) -> float:
    """Let one do all steps in a copy of a database prepared for it, and return how many a second it did.

    `who`: `dripline`, `bare` or `floor`.
    """
    with bench.places.copy(template) as url:
        with _crew(who, url, workers) as crew:
            elapsed = stopwatch()
            done = sum(_work(crew, step) for step in range(len(TEXTS)))
            seconds = elapsed()
        if who == "floor":
            _check_floor(url, leads, done)
        else:
            _check(url, leads, done)
    return done / seconds


@contextmanager
def _crew(who: str, url: str, workers: int) -> Generator[list[subprocess.Popen[str]]]:
    """Start workers and wait until each has its database open."""
    command = [sys.executable, "-m", "benchmarks.processing_worker", who, url]
    with ExitStack() as stack:
        crew = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(workers)
        ]
        for worker in crew:
            stack.callback(worker.kill)
        assert [_answer(worker) for worker in crew] == ["ready"] * workers
        yield crew
        for worker in crew:
            assert worker.stdin is not None
            worker.stdin.close()
            assert worker.wait(timeout=60) == 0


def _work(crew: list[subprocess.Popen[str]], step: int) -> int:
    """Let all workers do what is due at the instant of a step, and return how many steps that was."""
    for worker in crew:
        assert worker.stdin is not None
        worker.stdin.write(f"{AT + step * WAIT}\n")
        worker.stdin.flush()
    return sum(int(_answer(worker)) for worker in crew)


def _answer(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


def _check(url: str, leads: int, done: int) -> None:
    with bare(url) as plain:
        found = {
            "done": done,
            "completed": plain.count("SELECT count(*) FROM sequence_contacts WHERE status = 'completed'"),
            "accepted": plain.count("SELECT count(*) FROM attempts WHERE outcome = 'accepted' AND text LIKE '%Aina%'"),
            "ended": plain.count("SELECT count(*) FROM enrollments WHERE end_code = 'completed'") * len(TEXTS),
        }
    if set(found.values()) != {leads * len(TEXTS)}:
        raise RuntimeError(f"{leads * len(TEXTS)} steps were to be done, and it was {found}: the figure would be wrong")


def _check_floor(url: str, leads: int, done: int) -> None:
    undone = floor.left_undone(url)
    if undone or done != leads * len(TEXTS):
        raise RuntimeError(f"the floor did {done} of {leads * len(TEXTS)} steps, {undone} of them not whole")
