"""The limits of a batch hold together."""

import pytest

from dripline import FakeChannel
from dripline.channels.contract import sends_at_once
from dripline.engine.batch import BATCH, LEASE, SEND_TIMEOUT, batch_size


@pytest.mark.parametrize("connections", [1, 5, 10, 99, 100, 5_000])
def test_a_batch_at_its_slowest_ends_within_half_its_lease(connections: int) -> None:
    channel = FakeChannel()
    channel.sends_at_once = connections
    rounds = -(-batch_size(channel) // sends_at_once(channel))

    assert 1 <= batch_size(channel) <= BATCH
    assert rounds * SEND_TIMEOUT <= LEASE / 2
