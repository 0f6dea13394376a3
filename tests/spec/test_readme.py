"""What README shows at a SQL prompt, as it runs on each database."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dripline import Dripline, FakeChannel, Sequence
from dripline.engine.clock import SystemClock

README = (Path(__file__).parents[2] / "README.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
OF = {"NOW()": "postgresql", "datetime('now')": "sqlite"}


@pytest.fixture
def at_hour_0(url: str, warm: Sequence) -> Iterator[Dripline]:
    """The mission's lead, just enrolled, by the clock that the database has."""
    with Dripline(url, clock=SystemClock(), channels={"console": FakeChannel()}) as drip:
        drip.apply(warm)
        drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
        yield drip


def test_the_missions_query_is_shown_for_each_database_and_as_a_view() -> None:
    assert [next((of for word, of in OF.items() if word in query), "both") for query in QUERIES] == [
        "postgresql",
        "sqlite",
        "both",
    ]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_readme_finds_step_1_at_hour_0_and_nothing_once_it_went(
    at_hour_0: Dripline, ask: Callable[[str], list[tuple[object, ...]]], url: str, query: str
) -> None:
    if any(word in query and not url.startswith(of) for word, of in OF.items()):
        pytest.skip("of the other database")
    steps = query.replace("SELECT *", "SELECT current_step")

    assert ask(steps) == [(1,)]
    at_hour_0.tick()
    assert ask(steps) == []
    assert len(ask(query)) == 0
