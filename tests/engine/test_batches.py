"""The limits of a batch hold together."""

import pytest

from dripline import Limits


@pytest.mark.parametrize("connections", [1, 5, 10, 99, 100, 5_000])
def test_a_batch_at_its_slowest_ends_within_half_its_lease(connections: int) -> None:
    limits = Limits()
    rounds = -(-limits.batch_size(connections) // connections)

    assert 1 <= limits.batch_size(connections) <= limits.batch
    assert rounds * limits.send_timeout <= limits.lease / 2
