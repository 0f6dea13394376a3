"""What the benchmarks make of what they measure; the measuring itself is `make benchmark-quick`."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from benchmarks import charts, ratios, results, table
from benchmarks.catalogue import MEASUREMENTS
from benchmarks.figure import AtLeast, AtMost, Figure, Part, Verdict, digits
from rich.console import Console

from dripline import SystemClock


def figure(value: float | None, goal: AtLeast | AtMost | None = None) -> Figure:
    return Figure("processing", of="processing", value=value, unit="×", goal=goal, beside=(Part("bare SQL", 9, "s"),))


@pytest.mark.parametrize(
    ("value", "goal", "verdict"),
    [
        (0.5, AtLeast(0.5), Verdict.MET),
        (0.49, AtLeast(0.5), Verdict.MISSED),
        (1.3, AtMost(1.3), Verdict.MET),
        (1.31, AtMost(1.3), Verdict.MISSED),
        (1.0, None, Verdict.NO_GOAL),
        (None, AtLeast(0.5), Verdict.NOT_MEASURED),
    ],
)
def test_a_goal_is_met_or_missed(value: float | None, goal: AtLeast | AtMost | None, verdict: Verdict) -> None:
    assert figure(value, goal).verdict is verdict


def test_a_ratio_may_fall_to_half_of_what_was_recorded_and_no_further(tmp_path: Path) -> None:
    file = tmp_path / "ratios.json"
    ratios.record([figure(0.8)], file)

    assert [one.has_fallen for one in ratios.compare([figure(0.41), figure(0.39), figure(2)], file)] == [
        False,
        True,
        False,
    ]


def test_growth_that_is_to_stay_small_falls_when_it_grows(tmp_path: Path) -> None:
    file = tmp_path / "ratios.json"
    ratios.record([figure(1.0, AtMost(1.3))], file)

    assert [one.has_fallen for one in ratios.compare([figure(1.9, AtMost(1.3)), figure(2.1, AtMost(1.3))], file)] == [
        False,
        True,
    ]


def test_a_ratio_that_nobody_recorded_fails(tmp_path: Path) -> None:
    assert ratios.compare([figure(1.0)], tmp_path / "none.json")[0].has_fallen


def test_every_quick_measurement_has_its_recorded_ratio() -> None:
    recorded = {name.partition(".")[0] for name in ratios.recorded()}

    assert recorded == {name.replace("-", "_") for name, measurement in MEASUREMENTS.items() if measurement.quick}


def test_a_figure_measured_alone_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    file, today = tmp_path / "results.json", SystemClock().now().date()
    results.keep([figure(1.0), Figure("idle", of="idle cost", value=0, unit="%")], "a machine", today, file)
    results.keep([figure(2.0)], "a machine", today, file)

    assert results.kept(file).keys() == {"processing", "idle"}


def test_a_chart_is_a_picture_that_says_its_numbers() -> None:
    picture = charts.svg("Steps <per> second", {"SQLite": (Part("dripline", 12_345, "steps/s"),)})

    assert 'role="img"' in picture
    assert '<title id="title">Steps &lt;per&gt; second</title>' in picture
    assert '<desc id="told">SQLite: dripline 12,300 steps/s</desc>' in picture


@pytest.mark.parametrize(
    ("value", "written"), [(147_212, "147,000"), (1_752, "1,750"), (213.4, "213"), (0.8251, "0.825"), (0, "0")]
)
def test_a_figure_has_as_many_digits_as_are_worth_reading(value: float, written: str) -> None:
    assert digits(value) == written


def test_the_table_fits_eighty_columns() -> None:
    printed = StringIO()
    console = Console(file=printed, width=table.WIDTH)
    parts = tuple(Part(name, 11_000, "steps/s") for name in ("dripline", "bare SQL", "floor", "pg-boss"))
    long = Figure("n", of="processing, postgresql, two processes, " * 3, value=1.2, unit="% of a core", beside=parts)
    table.print_figures([long], "2 cores, an operating system, two databases, " * 4, console)

    assert max(map(len, printed.getvalue().splitlines())) <= 80
    assert "pg-boss" in printed.getvalue()


def test_a_ratio_of_the_floor_may_fall_to_two_thirds_of_what_was_recorded(tmp_path: Path) -> None:
    file = tmp_path / "ratios.json"
    of_floor = [replace(figure(value), name="processing.floor") for value in (0.3, 0.21, 0.19)]
    ratios.record(of_floor[:1], file)

    assert [one.has_fallen for one in ratios.compare(of_floor, file)] == [False, False, True]
