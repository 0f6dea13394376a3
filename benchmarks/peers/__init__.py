"""Job queues that run dripline's workload on the same machine in the same run, each in a process of its own."""

from benchmarks.peers.environments import LeftOut
from benchmarks.peers.rates import Peers, Rates, measure_all

__all__ = ["LeftOut", "Peers", "Rates", "measure_all"]
