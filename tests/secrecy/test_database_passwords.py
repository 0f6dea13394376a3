"""No password of a database is told, in whatever form somebody writes it."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline.core.secret import Redactor, passwords_in
from dripline.errors import DriplineError, InvalidSettings
from dripline.store.database.connect import connect

PASSWORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="'\\"), min_size=6, max_size=20
)

FORMS = (
    "postgresql://shop:{quoted}@127.0.0.1:9/shop",
    "postgresql://127.0.0.1:9/shop?user=shop&password={quoted}",
    "postgresql://127.0.0.1:9/shop?sslpassword={quoted}&sslmode=disable",
    "host=127.0.0.1 port=9 user=shop password={word}",
    "password = '{word}' host=127.0.0.1",
    "service=shop sslpassword={word}",
)


def written(form: str, word: str) -> str:
    return form.format(quoted=quote(word, safe=""), word=word)


@given(word=PASSWORDS, form=st.sampled_from(FORMS))
def test_a_password_is_found_and_left_out(word: str, form: str) -> None:
    hidden = Redactor(dict.fromkeys(passwords_in(written(form, word)), "the password"))

    told = hidden.out_of(f"{written(form, word)} said {word} and {quote(word, safe='')}")
    assert word not in told.replace("(the password)", "")


@pytest.mark.parametrize("form", FORMS)
def test_what_cannot_be_opened_does_not_repeat_it(form: str) -> None:
    with pytest.raises(DriplineError) as told:
        connect(written(form, "Top&Secret1"))

    assert "Secret1" not in str(told.value)


def test_a_path_that_only_looks_like_it_is_one() -> None:
    with pytest.raises(InvalidSettings, match="libpq's words"):
        connect("dbname=shop password=x")
    connect(":memory:").close()
