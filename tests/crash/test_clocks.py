"""Workers on machines whose clocks are wrong, and one whose clock jumps, on one PostgreSQL: nothing goes early."""

from collections.abc import Callable
from pathlib import Path

from crash_scene import check, drained, pause, scene, wait_for_all

from dripline import Dripline, NewLead, Policy, Sequence, Step

SKEWS = (90, 90, 90, 0, 0, 0, 0, -90, -90, -90)
HOUR = 3600
LEADS = 200
GAP = 12
"""Seconds between the two steps: those that go too soon go by a clock that is ahead."""


def test_no_wrong_clock_sends_early(new_url: Callable[[str], str], tmp_path: Path) -> None:
    url = new_url("postgresql")
    offsets = [tmp_path / f"clock {place}" for place, _ in enumerate(SKEWS)]
    for offset, skew in zip(offsets, SKEWS, strict=True):
        offset.write_text(str(skew))
    with scene(url, tmp_path, workers=0) as made:
        for offset in offsets:
            made.start(offset)
        wait_for_all(url, len(SKEWS))
        enrolled(url)
        pause(3)
        # One of those that were right is set an hour ahead, while the second steps wait for their time.
        offsets[4].write_text(str(HOUR))
        drained(url)
        statuses = check(made, LEADS, 2)
        told = made.errors
        gaps = gaps_between_steps(made.accepted())

    assert statuses == {"completed": 2 * LEADS}
    assert min(gaps) >= GAP - 2
    for differs in ("behind=-90.0s", "behind=90.0s", "behind=-3600.0s"):
        assert f"clock.differs {differs}" in told
    print(f"10 workers at +90/0/-90 s, one set an hour ahead: gaps {min(gaps):.1f} to {max(gaps):.1f} s of {GAP}")


def enrolled(url: str) -> None:
    with Dripline(url) as drip:
        steps = [Step("one"), Step("two", f"{GAP}s")]
        drip.apply(Sequence("Two", trigger="TWO", steps=steps, policy=Policy(unknown_after="1s")))
        drip.add_leads([NewLead(f"6012{number:07d}", triggers=("TWO",)) for number in range(LEADS)])


def gaps_between_steps(taken: list[dict[str, int]]) -> list[float]:
    """How long after the first step of each lead the provider accepted the second."""
    at: dict[tuple[object, int], float] = {(message["to"], message["step"]): message["at"] for message in taken}
    return [seen - at[lead, 1] for (lead, step), seen in at.items() if step == 2]
