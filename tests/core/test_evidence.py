"""What a provider's words prove of tries of which nobody knows whether they went, and what they do not."""

from datetime import UTC, datetime, timedelta

import pytest

from dripline.core.records.evidence import WITHIN, EvidenceLine, Matching, Proof, Tried, one_line_a_message
from dripline.core.records.unknown import Resolution

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
AINA = "60123456789"
RECORD = 4_411_137_013_242_547


def tried(
    record: int = RECORD,
    number: int = 1,
    *,
    after: float = 0,
    outcome: str | None = "unknown",
    own_id: str | None = None,
) -> Tried:
    return Tried(
        record,
        number=number,
        address=AINA,
        started_at=NOON + timedelta(seconds=after),
        is_open=outcome in {None, "unknown"},
        is_accepted=outcome == "accepted",
        provider_id=own_id,
    )


def line(
    status: str, number: int = 2, *, after: float | None = 2, own_id: str | None = None, record: int | None = None
) -> EvidenceLine:
    at = None if after is None else NOON + timedelta(seconds=after)
    return EvidenceLine(number, status=status, address=AINA, at=at, provider_id=own_id, record_id=record)


def proved(tries: list[Tried], lines: list[EvidenceLine], within: timedelta = WITHIN) -> Proof | str:
    return Matching(tries, lines=one_line_a_message(lines), within=within).prove(RECORD)


@pytest.mark.parametrize(
    ("status", "resolution"),
    [
        *((word, Resolution.SENT) for word in ("sent", "Delivered", "READ", "undelivered", "queued", "accepted")),
        *((word, Resolution.RESEND) for word in ("failed", "Rejected", "not sent", "canceled")),
    ],
)
def test_the_words_of_providers(status: str, resolution: Resolution) -> None:
    found = proved([tried()], [line(status, own_id="SM1")])

    assert isinstance(found, Proof)
    assert found.resolution is resolution
    assert found.provider_id == ("SM1" if resolution is Resolution.SENT else None)


@pytest.mark.parametrize("status", ["", "pending", "scheduled", "terhantar", "unknown"])
def test_a_word_that_nobody_knows_proves_nothing(status: str) -> None:
    assert proved([tried()], [line(status)]) == f"line 2 says {status!r}, which proves nothing"


def test_a_message_of_another_hour_proves_nothing() -> None:
    for after in (-61, WITHIN.total_seconds() + 1):
        assert proved([tried()], [line("delivered", after=after)]) == "the evidence says nothing of it"
    assert proved([tried()], []) == "the evidence says nothing of it"


def test_two_lines_that_fit_prove_nothing() -> None:
    assert proved([tried()], [line("delivered"), line("failed", 3, after=5)]) == "lines 2 and 3 both fit it"


def test_a_line_that_fits_two_records_proves_nothing_of_either() -> None:
    other = RECORD + 1
    tries = [tried(), tried(other, after=30)]

    assert proved(tries, [line("delivered", after=40)]) == f"line 2 fits another try as well, of record {other}"


def test_a_message_that_is_known_to_have_gone_is_not_taken_for_one_that_is_not() -> None:
    """Somebody got two messages in a minute, and only one of them is in the export."""
    tries = [tried(), tried(RECORD + 1, after=20, outcome="accepted", own_id="wamid.1")]

    assert "fits another try" in str(proved(tries, [line("delivered", after=21)]))
    # Where that one's own line is there, the other line is about the other message.
    found = proved(tries, [line("delivered", 2, after=21, own_id="wamid.1"), line("failed", 3, after=3, own_id="x")])
    assert isinstance(found, Proof)
    assert found.resolution is Resolution.RESEND


def test_a_line_that_names_the_record_needs_no_time() -> None:
    other = tried(RECORD + 1, after=1)
    found = proved([tried(), other], [line("delivered", after=None, record=RECORD, own_id="SM2")])

    assert isinstance(found, Proof)
    assert (found.resolution, found.provider_id) == (Resolution.SENT, "SM2")


def test_a_line_without_a_time_proves_nothing() -> None:
    assert proved([tried()], [line("delivered", after=None)]) == "line 2 says no time"
    assert proved([tried()], [line("failed"), line("sent", 3, after=None)]) == "lines 2 and 3 both fit it"


def test_a_record_that_was_tried_twice_has_not_gone_only_if_neither_try_has() -> None:
    tries = [tried(number=1), tried(number=2, after=3_600)]

    assert isinstance(proved(tries, [line("delivered", after=3_602)]), Proof)
    assert proved(tries, [line("failed", after=3_602)]) == "the evidence says nothing of it"
    both = proved(tries, [line("failed"), line("failed", 3, after=3_602)])
    assert isinstance(both, Proof)
    assert both.resolution is Resolution.RESEND


def test_whichever_of_two_tries_went_the_record_did() -> None:
    tries = [tried(number=1), tried(number=2, after=60)]
    found = proved(tries, [line("delivered", after=62)])

    assert isinstance(found, Proof)
    assert found.resolution is Resolution.SENT
    assert "fits another try" in str(proved(tries, [line("failed", after=62)]))


def test_a_receipt_proves_it_without_any_line() -> None:
    found = proved([tried(outcome="accepted", own_id="wamid.9"), tried(number=2, after=60)], [])

    assert isinstance(found, Proof)
    assert (found.resolution, found.provider_id, found.text) == (Resolution.SENT, "wamid.9", "a receipt")


@pytest.mark.parametrize(
    ("words", "resolution"),
    [
        (["queued", "sent", "delivered"], Resolution.SENT),
        (["queued", "failed"], Resolution.RESEND),
        (["failed", "delivered"], Resolution.SENT),
        (["sent", "failed"], None),
    ],
)
def test_the_events_of_one_message_are_one_line(words: list[str], resolution: Resolution | None) -> None:
    lines = [line(word, number, after=number, own_id="SM3") for number, word in enumerate(words, 2)]
    found = proved([tried()], lines)

    assert found.resolution is resolution if isinstance(found, Proof) else resolution is None


def test_a_narrower_span_tells_two_messages_apart() -> None:
    tries = [tried(), tried(RECORD + 1, after=-300)]

    assert isinstance(proved(tries, [line("delivered")], timedelta(minutes=1)), Proof)
    assert not isinstance(proved(tries, [line("delivered")]), Proof)
