"""Things measured side by side."""

from collections.abc import Callable

from benchmarks.side_by_side import Turns, take_turns


def test_each_does_its_work_once_a_round_and_none_is_always_first() -> None:
    order: list[str] = []

    def noted(name: str) -> Callable[[], float]:
        return lambda: order.append(name) or 1.0

    take_turns({name: noted(name) for name in ("a", "b", "c")}, 3, lambda _: None)

    assert order == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]


def test_a_ratio_is_of_two_in_the_same_round() -> None:
    turns = Turns([{"a": 1, "b": 2}, {"a": 30, "b": 10}, {"a": 4, "b": 4}])

    assert (turns.ratio("a", "b"), turns.rate("a"), turns.has("c")) == (1, 4, False)
