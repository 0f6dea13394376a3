"""The pure rules: waits, lateness, backoff, triggers, addresses, templates, outcomes."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline import Accepted, Lead, Outcome, Rejected, RetryLater, SenderUnavailable, Sequence, Step, Unknown
from dripline.core.leads.address import normalize_email
from dripline.core.leads.attribute import attribute_name
from dripline.core.leads.intake import new_lead
from dripline.core.leads.phone import normalize_phone
from dripline.core.leads.trigger import normalize_trigger, split_triggers
from dripline.core.messages.render import check_templates, render
from dripline.core.outcome import Complete, Fail, HoldSender, Lose, PauseStep, Retry, consequence
from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.lateness import is_passed_over, moves_by
from dripline.core.sequences.policy import LATE_GRACE, Policy
from dripline.core.time.schedule import (
    BACKOFF_LIMIT,
    FAILURE_LIMIT,
    backoff,
    format_delay,
    offsets,
    parse_delay,
    whole_second,
)
from dripline.errors import InvalidDelay, InvalidInput, InvalidPhone, InvalidSequence, InvalidTemplate

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0s", 0),
        ("90m", 5_400),
        ("12h", 43_200),
        ("3d", 259_200),
        ("1w", 604_800),
        (" 12 H ", 43_200),
        ("1d 6h", 108_000),
        ("1h30m", 5_400),
        ("12 hours", 43_200),
        ("90 minutes", 5_400),
        ("0.5h", 1_800),
        ("1 day and 6 hours", 108_000),
        ("2 Weeks, 3 days", 1_468_800),
    ],
)
def test_a_wait_is_read(written: str, seconds: int) -> None:
    assert parse_delay(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    ["", "12", "h", "1.5d", "12 moons", "5 months", "1e3s", "0.0001s", "9" * 30 + "w", "99999d", "999999999w", "1h 5"],
)
def test_an_unreadable_wait_is_refused_with_a_remedy(written: str) -> None:
    with pytest.raises(InvalidDelay, match=r"write 0s, 90m, 12h, 3d or 1w|shorten it|has no unit: write 12h"):
        parse_delay(written)


@pytest.mark.parametrize("wait", [12, 0.5, 0])
def test_a_wait_without_a_unit_is_refused_in_a_sentence(wait: float) -> None:
    with pytest.raises(InvalidDelay, match=rf"The wait {wait} has no unit: write '{wait}h' for hours"):
        Step("Hi", after=cast("str", wait))


@pytest.mark.parametrize("wait", [timedelta(hours=-1), "-1h", timedelta(microseconds=-1)])
def test_a_negative_wait_is_refused(wait: timedelta | str) -> None:
    with pytest.raises(InvalidDelay, match="negative"):
        Step("Hi", wait)


@given(st.integers(0, 10_000_000))
def test_a_wait_reads_back_as_it_was_written(seconds: int) -> None:
    wait = timedelta(seconds=seconds)

    assert parse_delay(format_delay(wait)) == wait


def test_offsets_are_the_running_sum_of_the_waits() -> None:
    hours = [timedelta(hours=hour) for hour in (0, 12, 12, 12)]

    assert offsets(hours) == tuple(timedelta(hours=hour) for hour in (0, 12, 24, 36))


def test_now_is_rounded_down_so_that_it_is_never_in_the_future() -> None:
    assert whole_second(NOON.replace(microsecond=999_999)) == NOON


@given(st.integers(0, 100_000))
def test_lateness_counts_only_past_the_grace(seconds: int) -> None:
    late = timedelta(seconds=seconds)

    assert moves_by(Policy(), NOON, NOON + late) == (late if late > LATE_GRACE else timedelta(0))
    assert moves_by(Policy(when_late="keep"), NOON, NOON + late) == timedelta(0)
    assert is_passed_over(Policy(when_late="skip"), NOON, NOON + late) == (late > LATE_GRACE)


@given(st.integers(1, 2**52), st.integers(1, 50), st.integers(1, FAILURE_LIMIT))
def test_backoff_is_replayable_and_within_its_limit(record_id: int, attempt: int, failures: int) -> None:
    wait = backoff(record_id, attempt, failures)

    assert wait == backoff(record_id, attempt, failures)
    assert timedelta(seconds=1) <= wait <= BACKOFF_LIMIT


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20))
def test_a_trigger_has_one_form(token: str) -> None:
    assert normalize_trigger(f" {token.lower()}\t") == normalize_trigger(token.upper())


def test_a_cell_may_hold_several_triggers() -> None:
    assert split_triggers("COLDVITAC, warmexama ;COLDVITAC,") == ("COLDVITAC", "WARMEXAMA")


@pytest.mark.parametrize(
    "written",
    [
        "0123456789",
        "+60 12-345 6789",
        "60123456789",
        "012-3456789",
        "006012 345 6789",
        "123456789",
        "whatsapp:+60123456789",
    ],
)
def test_a_phone_has_one_form(written: str) -> None:
    assert normalize_phone(written) == "60123456789"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("6.01E+10", "scientific notation"),
        ("6,01e10", "scientific notation"),
        ("", "empty"),
        ("12", "cannot be one"),
        ("60123456789012345", "cannot be one"),
        ("no phone", "not a number"),
        ("0123456789; DROP TABLE leads", "not a number"),
    ],
)
def test_a_phone_that_cannot_be_one_is_refused(written: str, sentence: str) -> None:
    with pytest.raises(InvalidPhone, match=sentence):
        normalize_phone(written)


@given(st.text(max_size=40))
def test_any_text_is_a_phone_or_refused(written: str) -> None:
    with suppress(InvalidPhone):
        assert normalize_phone(written).isdecimal()


@pytest.mark.parametrize(
    "written", ["aina", "a@b@c", "a b@c.com", "a@", "@b", "a@b.com\nBcc: x@y.z", "x" * 300 + "@a.b"]
)
def test_an_address_that_cannot_be_one_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be one"):
        normalize_email(written)


def test_an_attribute_is_named_as_templates_write_it() -> None:
    assert attribute_name(" Target Status ") == "target_status"


@pytest.mark.parametrize("written", ["", "1st", "name", "!!!"])
def test_a_name_no_template_could_write_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput):
        attribute_name(written)


def test_a_lead_that_nobody_could_reach_is_refused() -> None:
    with pytest.raises(InvalidInput, match="neither a phone nor an e-mail address"):
        new_lead(name="Aina", phone=" ")


@pytest.mark.parametrize("value", ["Ai\x00na", "Ai\ud800na"])
def test_what_is_not_text_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput, match="The name holds a character that is not text"):
        new_lead(phone="60123456789", name=value)
    with pytest.raises(InvalidInput, match="The niche holds a character that is not text"):
        new_lead(phone="60123456789", attributes={"niche": value})


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [([], "no steps"), ([Step("Hi")] * 501, "more than 500 steps")],
)
def test_a_sequence_that_cannot_run_is_refused(steps: list[Step], sentence: str) -> None:
    with pytest.raises(InvalidSequence, match=sentence):
        Sequence("Warm", trigger="WARM", steps=steps)


def test_an_empty_message_is_refused() -> None:
    with pytest.raises(InvalidSequence, match="no message"):
        Step("  ")


@pytest.mark.parametrize("source", ["{{ name", "{% if %}", "{{ name | nofilter }}"])
def test_a_template_that_cannot_be_read_is_refused(source: str) -> None:
    with pytest.raises(InvalidTemplate, match="cannot be read"):
        check_templates(Sequence("Warm", trigger="WARM", steps=[Step(source)]), [])


@pytest.mark.parametrize(
    "source",
    [
        "{{ name.__class__.__mro__ }}",
        "{{ ''.join.__globals__ }}",
        "{{ 1 / 0 }}",
        "{% for i in range(10**9) %}x{% endfor %}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(source: str) -> None:
    with pytest.raises(InvalidTemplate):
        render(source, Lead(1, phone="60123456789", name="Aina"), sequence="Warm", step=1, variables={})


def test_a_fallback_stands_in_for_an_empty_name() -> None:
    lead = Lead(1, phone="60123456789")

    assert render("Hi {{ name }}", lead, sequence="Warm", step=1, variables={"name": "kawan"}) == "Hi kawan"


@pytest.mark.parametrize(
    ("outcome", "leads_to"),
    [
        (Accepted("id"), Complete),
        (RetryLater("busy"), Retry),
        (Rejected("bad"), Fail),
        (Rejected("gone", scope="contact"), Fail),
        (Rejected("bad", scope="template"), PauseStep),
        (SenderUnavailable("down"), HoldSender),
        (Unknown("timeout"), Lose),
    ],
)
def test_every_outcome_leads_somewhere(outcome: Outcome, leads_to: type) -> None:
    assert type(consequence(outcome, record_id=1, attempt=1, failures=0, policy=Policy())) is leads_to


def test_the_last_failed_try_gives_up() -> None:
    result = consequence(RetryLater("busy"), record_id=1, attempt=1, failures=FAILURE_LIMIT - 1, policy=Policy())

    assert result == Fail(Reason.of(ReasonCode.GIVEN_UP, tries=FAILURE_LIMIT, error="busy"))


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ({"on_failure": "explode"}, "on_failure is 'explode': write continue or stop"),
        ({"on_unknown": ""}, "on_unknown is '': write advance or resend or hold"),
        ({"unknown_after": "soon"}, "The wait 'soon' cannot be read"),
    ],
)
def test_a_policy_nobody_knows_is_refused(policy: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        Policy(**policy)
