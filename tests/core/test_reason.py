"""Reasons: codes with facts, and their words in one place."""

import json
from datetime import timedelta

import pytest

from dripline.core.explain import words, words_of_move
from dripline.core.reason import TEXT_LIMIT, Reason, ReasonCode, reason_from, several, waits_of

WINDOW = Reason.of(ReasonCode.WINDOW, window="09:00-18:00", zone="Asia/Kuala_Lumpur")
GAP = Reason.of(ReasonCode.GAP, seconds=43_200)


@pytest.mark.parametrize("code", ReasonCode)
def test_every_code_has_words_even_without_its_facts(code: ReasonCode) -> None:
    facts = (
        {}
        if code not in {ReasonCode.NOTE, ReasonCode.CONTENT_INVALID, ReasonCode.ACCOUNT_UNWELL}
        else {
            "said": "moved house",
            "error": "no value for name",
        }
    )
    if code is ReasonCode.SEVERAL:
        facts = {"waits": [GAP.as_json()]}

    assert words(Reason(code, facts)).strip()


def test_facts_stand_in_the_words() -> None:
    assert words(WINDOW) == "the window 09:00-18:00 Asia/Kuala_Lumpur"
    assert words(GAP) == "the gap of 12h between two messages"
    assert words(Reason.of(ReasonCode.GIVEN_UP, tries=5, error="busy")) == "given up after 5 failed tries: busy"
    late = Reason.of(ReasonCode.LATE_SKIPPED, seconds=timedelta(hours=5) // timedelta(seconds=1))
    assert words(late) == "skipped: 5:00:00 late, and late steps are skipped"


def test_several_waits_are_one_reason_with_a_list() -> None:
    both = several([GAP, WINDOW, GAP])

    assert words(both) == f"{words(GAP)}, then {words(WINDOW)}"
    assert waits_of(both) == [GAP, WINDOW]
    assert both.waits_for(ReasonCode.WINDOW)
    assert not both.waits_for(ReasonCode.CAP)


def test_one_wait_alone_is_itself() -> None:
    assert several([WINDOW, WINDOW]) == WINDOW


def test_a_reason_survives_json() -> None:
    both = several([GAP, WINDOW])

    assert reason_from(str(both.code), json.loads(json.dumps(dict(both.facts)))) == both


def test_a_text_is_never_looked_into() -> None:
    told = Reason.of(ReasonCode.RETRY, error="outside the window of the hour")

    assert not told.waits_for(ReasonCode.WINDOW)
    assert words(told) == "the provider asked to try later: outside the window of the hour"
    assert words_of_move(told).startswith("a failed try: ")


def test_a_text_with_braces_is_shown_as_it_is() -> None:
    assert words(Reason.of(ReasonCode.RETRY, error="{0} {name}")).endswith(": {0} {name}")


def test_a_code_that_nobody_knows_is_a_note() -> None:
    assert reason_from("bought in the shop", {}) == Reason.of(ReasonCode.NOTE, said="bought in the shop")


def test_what_a_person_said_stands_for_the_words() -> None:
    assert words(Reason.of(ReasonCode.PAUSED_BY_PERSON)) == "paused by a person"
    assert words(Reason.of(ReasonCode.PAUSED_BY_PERSON, said="on leave")) == "on leave"
    assert words(Reason.of(ReasonCode.CANCELLED_BY_PERSON, said="completed")) == "a person: completed"


def test_long_texts_are_cut() -> None:
    assert len(str(Reason.of(ReasonCode.RETRY, error="x" * 9_999).facts["error"])) == TEXT_LIMIT


def test_facts_written_by_hand_are_said_as_far_as_they_go() -> None:
    assert words(Reason(ReasonCode.WINDOW)) == "the window (not known) (not known)"
    assert words(Reason(ReasonCode.SEVERAL, {"waits": "both"})) == ""
    assert words(Reason(ReasonCode.GAP, {"seconds": "long"})) == "the gap of 0s between two messages"
