"""Which failed record may be sent again: only one whose enrollment has done nothing since."""

from dataclasses import replace

import pytest

from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.retriable import Failed, Later, keeps_from_again
from dripline.core.states import Status

BAD = Reason.of(ReasonCode.PROVIDER_REJECTED, error="bad")
REPLIED = Reason.of(ReasonCode.REPLIED)

WAITING = Later(2, status=Status.ACTIVE, attempt=0, reason=None)
PENDING = Later(3, status=Status.PENDING, attempt=0, reason=None)
CANCELLED = Later(2, status=Status.CANCELLED, attempt=0, reason=BAD)
LIVE = Failed(Status.FAILED, reason=BAD, outcomes=["rejected"], later=[WAITING, PENDING], ended=None)
ENDED = replace(LIVE, later=[CANCELLED], ended=BAD)
LAST = replace(LIVE, later=[], ended=Reason.of(ReasonCode.COMPLETED))


@pytest.mark.parametrize("failed", [LIVE, ENDED, LAST, replace(LAST, ended=BAD)])
def test_what_nothing_followed_may_go_again(failed: Failed) -> None:
    assert keeps_from_again(failed) is None


@pytest.mark.parametrize(
    ("failed", "why"),
    [
        (replace(LIVE, status=Status.UNKNOWN), "it has not failed: it is unknown"),
        (replace(LIVE, suppressed="opted out"), "its lead is not sent to: opted out"),
        (replace(LIVE, outcomes=["rejected", "accepted"]), "a try of it was accepted after all"),
        (replace(LIVE, outcomes=["unknown", "rejected"]), "nobody knows of one of its tries whether it went"),
        (replace(LIVE, outcomes=[None]), "nobody knows of one of its tries whether it went"),
        (replace(LIVE, later=[replace(WAITING, attempt=1)]), "step 2 was tried after it"),
        (replace(LIVE, later=[replace(WAITING, status=Status.SENDING)]), "its run does not stand at the step after it"),
        (replace(LIVE, later=[replace(WAITING, status=Status.PAUSED)]), "its run is paused: resume it first"),
        (replace(LIVE, later=[replace(WAITING, status=Status.SKIPPED)]), "its run does not stand at the step after it"),
        (replace(LIVE, later=[WAITING, replace(PENDING, status=Status.CANCELLED)]), "step 3 is cancelled meanwhile"),
        (replace(LIVE, leaving=REPLIED), "its lead is leaving: the lead replied"),
        (replace(ENDED, ended=REPLIED), "its run has ended: the lead replied"),
        (replace(ENDED, later=[replace(CANCELLED, reason=REPLIED)]), "its run did not end for this failure alone"),
        (replace(ENDED, keeper="it runs anew"), "it runs anew"),
        (replace(LAST, later=[CANCELLED]), "its run has ended: completed"),
        (
            replace(LAST, then="HOT"),
            "its run has ended and given its lead the trigger HOT, which would begin once more",
        ),
    ],
)
def test_what_something_followed_is_kept_with_a_reason(failed: Failed, why: str) -> None:
    assert keeps_from_again(failed) == why


def test_a_doubtful_try_is_sent_again_where_the_sequence_would_rather_send_twice() -> None:
    assert keeps_from_again(replace(LIVE, outcomes=["unknown", "rejected"], on_unknown="resend")) is None
