"""A process that is killed while it removes what ended long ago: each batch is gone altogether, or there as it was."""

import subprocess
import sys
from datetime import timedelta

from dripline import Dripline, FakeChannel, NewLead, Sequence, Step, VirtualClock

REMOVER = """
import sys
from datetime import UTC, datetime
from dripline import Dripline, VirtualClock
from dripline.core.events.posting import EventSigning
clock = VirtualClock(datetime(2026, 6, 1, tzinfo=UTC))
before = datetime(2026, 4, 1, tzinfo=UTC)
with Dripline(sys.argv[1], clock=clock, posting=EventSigning("a-secret-of-thirty-two-characters")) as drip:
    going = drip.retention.write(before, lambda rows: None)
    drip.retention.remove(before, going, on_progress=lambda count: print(count, flush=True))
"""


def test_a_removal_that_is_killed_leaves_everything_right(url: str, clock: VirtualClock) -> None:
    with Dripline(url, clock=clock, channels={"console": FakeChannel()}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("One"), Step("Two", "12h")]))
        drip.add_leads([NewLead(f"6011{number:07}", triggers=("WARM",)) for number in range(1_000)])
        for _ in range(2):
            drip.tick()
            clock.advance(timedelta(days=1))
        before = drip.reports.overview().tally.many
        with subprocess.Popen([sys.executable, "-c", REMOVER, url], stdout=subprocess.PIPE, text=True) as remover:
            assert remover.stdout is not None
            assert [remover.stdout.readline() for _ in range(3)] == ["50\n"] * 3
            remover.kill()
        after = drip.reports.overview().tally.many
        left = drip.records.count()

        assert 0 < left < 2_000
        assert left % 2 == 0
        assert after == before
        assert drip.verify() == []
