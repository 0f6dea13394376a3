"""Which sender gets which lead: always the least loaded, so that loads level out."""

import heapq
from collections.abc import Mapping


def spread(loads: Mapping[int, int], newcomers: int) -> list[int]:
    """Return the sender of each newcomer in turn: each goes to whoever has the fewest, the lowest id first.

    Raises:
        ValueError: There are newcomers and nobody to take them.
    """
    if newcomers and not loads:
        raise ValueError("there is no sender to take anybody")
    least_loaded = [(load, sender) for sender, load in loads.items()]
    heapq.heapify(least_loaded)
    chosen: list[int] = []
    for _ in range(newcomers):
        load, sender = least_loaded[0]
        chosen.append(sender)
        heapq.heapreplace(least_loaded, (load + 1, sender))
    return chosen
