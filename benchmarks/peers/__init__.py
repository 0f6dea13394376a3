"""Job queues that run dripline's workload on the same machine in the same run, each in a process of its own."""

from benchmarks.peers.rates import Rates, measure_all

__all__ = ["Rates", "measure_all"]
