"""What tells that a text is about a person, however it writes them."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline.core.leads.personal_data import FORGOTTEN, traces_of

NUMBER, EMAIL = "60126660000", "zorb+list@example.com"
ZORB = traces_of(numbers=[NUMBER], emails=[EMAIL], ids=["2515563687@lid"], names=["Zorb Laxina", "May"])


@pytest.mark.parametrize(
    "text",
    [
        "From=%2B60126660000&Body=x",
        '{"from": "60126660000@s.whatsapp.net"}',
        "whatsapp:+60126660000",
        r'{"from": "\u002b60126660000"}',
        "From=%252B60126660000",
        "call me at 012-666 0000",
        "126660000",
        "+60 12 666 0000",
        "wamid." + base64.b64encode(b"\x1d\x15\x18\x0b60126660000\x15\x02").decode(),
        "Zorb%2Blist%40Example.com",
        "2515563687@lid",
    ],
)
def test_an_address_is_found_however_it_is_written(text: str) -> None:
    assert ZORB.are_in(text)


@pytest.mark.parametrize(
    "text", ["601266600001", "1260126660000", "12515563687@lid", "list@example.com", "Zorb Laxina"]
)
def test_somebody_else_is_not(text: str) -> None:
    assert not ZORB.are_in(text)


def test_a_row_is_somebodys_by_its_name_alone_where_it_has_no_address() -> None:
    assert ZORB.are_in_row(["", "zorb  laxina", "GO"])
    assert ZORB.are_in_row(["60126660000x", "", "GO"])
    assert not ZORB.are_in_row(["other@example.com", "Zorb Laxina", "GO"])
    assert not ZORB.are_in_row(["", "Zorb Laxina Ng", "GO"])


def test_what_stays_is_told_without_them() -> None:
    told = json.dumps({"reason": "zorb laxina or May may come, 012-666 0000", "n": 60126660000, "deep": [EMAIL]})

    assert json.loads(ZORB.without(told)) == {
        "reason": f"{FORGOTTEN} or {FORGOTTEN} may come, {FORGOTTEN}",
        "n": FORGOTTEN,
        "deep": [FORGOTTEN],
    }
    assert ZORB.nameless.without("May comes") == "May comes"
    assert ZORB.without("n%C3%A9 60126660000%20") == f"n%C3%A9 {FORGOTTEN}%20"


@given(before=st.text(max_size=20), after=st.text(max_size=20), folds=st.integers(0, 2))
def test_encoded_inside_anything_it_is_found_and_taken_out(before: str, after: str, folds: int) -> None:
    written = f"{before} +{NUMBER} {after}"
    for _ in range(folds):
        written = quote(written)

    assert ZORB.are_in(written)
    assert NUMBER not in ZORB.without(written)
    assert not ZORB.are_in(ZORB.without(written))
