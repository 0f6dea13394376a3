"""The sequences of a simulated world, and by what limits its workers go."""

from datetime import timedelta
from typing import Any

from dripline import (
    Policy,
    SendWindow,
)
from dripline.engine.limits import Limits

LIMITS = Limits(send_timeout=timedelta(seconds=20), lease=timedelta(seconds=90))
GAP = timedelta(seconds=10)
POLICIES = {
    "COLD": Policy(unknown_after="2m", when_late="keep", on_reply="continue"),
    "WARM": Policy(on_unknown="resend", unknown_after="0s", on_reply="pause", re_entry="restart", re_entry_gap="0s"),
    "HOT": Policy(unknown_after="2m", on_failure="stop", when_late="skip", late_grace="1h"),
}


RULES: dict[str, Any] = {
    "COLD": {"then": "HOT", "group": "funnel"},
    "WARM": {"goal": "HOT"},
    "HOT": {"group": "funnel", "window": "09:30-13:00", "zone": "Asia/Kuala_Lumpur"},
}


HOT_WINDOW = SendWindow.read(RULES["HOT"]["window"])
POLL = timedelta(minutes=5)
