"""A process that enrolls: ``python -P …/enrollment_worker.py URL LEADS``, by this version of dripline or a former one.

It adds the leads, lets the sequence enroll them, and says that it is ready. Then, for each line that it reads, it
enrolls everybody anew, whose enrollments have been taken away meanwhile, and answers with how many seconds that took.
It imports what its interpreter has: whatever version that is.
"""

import sys

from benchmarks.workload import add_leads, warm
from dripline import Dripline
from dripline.engine.clock import stopwatch


def main() -> None:
    """Enroll until there are no more lines."""
    url, leads = sys.argv[1], int(sys.argv[2])
    with Dripline(url) as drip:
        add_leads(drip, leads)
        drip.apply(warm())
        print("ready", flush=True)
        for _ in sys.stdin:
            elapsed = stopwatch()
            enrolled = drip.apply(warm()).enrolled
            seconds = elapsed()
            if enrolled != leads:
                raise SystemExit(f"{enrolled} of {leads} leads were enrolled: the figure would be wrong")
            print(seconds, flush=True)


if __name__ == "__main__":
    main()
