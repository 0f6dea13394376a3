"""The kit finds each rule that a channel breaks, and nothing where none is broken."""

import gc
import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bad_channels as bad
import pytest
from bad_channels import Anybody, Good, Silent

from dripline.conformance import ChannelConformance, Provider

CHECKS: dict[str, Callable[..., None]] = {
    name: check
    for name, check in inspect.getmembers(ChannelConformance, inspect.isfunction)
    if name.startswith("test_")
}

BROKEN: list[tuple[type[Good], str, str]] = [
    (bad.RaisesOverARefusal, "test_a_refusal_is_reported_as_one", "send raised ConnectionError"),
    (bad.KeepsNoId, "test_what_is_accepted_has_the_providers_id", "Accepted has the id ''"),
    (bad.MakesUpAnId, "test_concurrent_sends_work_and_again_on_another_event_loop", "with 1 ids"),
    (bad.AnswersInWords, "test_what_is_accepted_has_the_providers_id", "send returned 'ok', which is no outcome"),
    (bad.TakesARefusalForNothing, "test_a_refusal_is_reported_as_one", "(refuse), and send came to Unknown"),
    (bad.BlamesTheMessage, "test_a_refusal_is_reported_as_one", "(be busy), and send came to Rejected"),
    (bad.HopesForTheBest, "test_what_may_have_been_accepted_is_unknown", "send came to Accepted"),
    (bad.SendsUnknownsAgain, "test_what_may_have_been_accepted_is_unknown", "send came to RetryLater"),
    (bad.FearsTheWorst, "test_what_cannot_be_reached_may_be_tried_later", "send came to Unknown"),
    (bad.UsesUpTries, "test_what_cannot_be_reached_may_be_tried_later", 'say scope="sender"'),
    (bad.TriesAgainByItself, "test_one_send_is_one_message", "One send sent 2 messages"),
    (bad.SendsALongText, "test_a_text_that_is_too_long_is_never_sent", "went to the provider"),
    (bad.TellsItsToken, "test_no_secret_is_shown", "was to refuse"),
    (bad.LogsItsToken, "test_no_secret_is_shown", "in a log"),
    (bad.ShowsItsToken, "test_no_secret_is_shown", "the channel's repr"),
    (bad.IsOfOneLoop, "test_concurrent_sends_work_and_again_on_another_event_loop", "send raised RuntimeError"),
    (bad.GoesOnWhenItIsGivenUp, "test_a_send_that_is_given_up_leaves_nothing_behind", "let CancelledError pass"),
    (bad.KeepsItsPlace, "test_a_send_that_is_given_up_leaves_nothing_behind", "give back what they held"),
    (bad.LeavesATask, "test_what_is_accepted_has_the_providers_id", "Tasks are left on the event loop"),
    (bad.LeavesAConnection, "test_a_send_that_is_given_up_leaves_nothing_behind", "connections stay open"),
    (bad.BlocksTheLoop, "test_a_send_that_is_given_up_leaves_nothing_behind", "it blocks the event loop"),
    (bad.SpeaksToFaxes, "test_what_a_channel_says_of_itself_is_of_use", "address_kind is"),
    (bad.SendsNoneAtOnce, "test_what_a_channel_says_of_itself_is_of_use", "sends_at_once is 0"),
    (bad.IsPerhapsIdempotent, "test_what_a_channel_says_of_itself_is_of_use", "idempotent is 'yes'"),
    (bad.HasALongWindow, "test_what_a_channel_says_of_itself_is_of_use", "window is 24"),
    (bad.ShowsSmells, "test_what_a_channel_says_of_itself_is_of_use", "it is a set of"),
    (bad.HasALimitInWords, "test_what_a_channel_says_of_itself_is_of_use", "text_limit is 'long'"),
    (bad.SaysNothingToUs, "test_what_a_channel_says_of_itself_is_of_use", "it is a dripline.Capabilities"),
    (bad.ClosesAtOnce, "test_what_a_channel_says_of_itself_is_of_use", "aclose is no coroutine function"),
    (bad.BelievesAnybody, "test_only_what_the_provider_signed_is_genuine", "A body under another proof is genuine"),
    (bad.BelievesAWord, "test_only_what_the_provider_signed_is_genuine", "A body that was changed is genuine"),
    (bad.StumblesOverAProof, "test_only_what_the_provider_signed_is_genuine", "is_genuine raised TypeError"),
    (bad.BelievesNobody, "test_only_what_the_provider_signed_is_genuine", "What the provider signed is not genuine"),
    (bad.AnswersAnyChallenge, "test_only_what_the_provider_signed_is_genuine", "challenge answers somebody"),
    (bad.ReadsByTheClock, "test_events_are_the_same_when_they_are_read_again", "Read twice"),
    (bad.HasOneKey, "test_events_are_the_same_when_they_are_read_again", "Two events have one key"),
    (bad.KnowsNoZone, "test_events_are_the_same_when_they_are_read_again", "with its time zone"),
    (bad.StumblesOverABody, "test_a_body_that_cannot_be_read_is_a_value_error_and_nothing_else", "events raised"),
]
"""Channels, the check that finds what is wrong with each, and what it says."""


def run(name: str, provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    more: dict[str, Any] = {"caplog": caplog} if "caplog" in inspect.signature(CHECKS[name]).parameters else {}
    CHECKS[name](ChannelConformance(), provider, **more)


@pytest.mark.parametrize("name", list(CHECKS))
@pytest.mark.parametrize("channel", [Good, bad.HasAWindow, bad.TakesNothingIn])
def test_a_channel_that_keeps_every_rule_passes(
    channel: type[Good], name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Anybody(channel) as provider:
        run(name, provider, caplog)


@pytest.mark.parametrize(("channel", "name", "sentence"), BROKEN)
def test_a_rule_that_is_broken_is_found(
    channel: type[Good],
    name: str,
    sentence: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dripline.conformance.checks.TIMEOUT", 2.0)
    bad.LeavesAConnection.left = []
    with Anybody(channel) as provider, pytest.raises(pytest.fail.Exception) as found:
        run(name, provider, caplog)
    for left in bad.LeavesAConnection.left:
        left.close()
    gc.collect()

    assert sentence in str(found.value)


def test_every_check_finds_something() -> None:
    assert {name for _, name, _ in BROKEN} == set(CHECKS)


def test_what_is_posted_has_to_be_shown_to_the_kit(caplog: pytest.LogCaptureFixture) -> None:
    with Silent(Good) as provider, pytest.raises(pytest.fail.Exception, match=r"say in posted\(\) what that is"):
        run("test_only_what_the_provider_signed_is_genuine", provider, caplog)


def test_a_channel_without_a_provider_is_told_to_have_one(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "from dripline.conformance import ChannelConformance\nclass TestMine(ChannelConformance):\n    pass\n"
    )
    shown = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert shown.returncode == 1
    assert shown.stdout.count("Write a fixture `provider`") >= len(CHECKS)
