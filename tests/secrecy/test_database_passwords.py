"""No password of a database is told, in whatever form somebody writes it."""

from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline.core.secret import Hidden, passwords_in
from dripline.errors import DriplineError, InvalidSettings
from dripline.store.connect import connect

PASSWORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="'\\"), min_size=6, max_size=20
)

FORMS = (
    lambda word: f"postgresql://shop:{quote(word, safe='')}@127.0.0.1:9/shop",
    lambda word: f"postgresql://127.0.0.1:9/shop?user=shop&password={quote(word, safe='')}",
    lambda word: f"postgresql://127.0.0.1:9/shop?sslpassword={quote_plus(word)}&sslmode=disable",
    lambda word: f"host=127.0.0.1 port=9 user=shop password={word}",
    lambda word: f"password = '{word}' host=127.0.0.1",
    lambda word: f"service=shop sslpassword={word}",
)


@given(word=PASSWORDS, form=st.sampled_from(FORMS))
def test_a_password_is_found_and_left_out(word: str, form: object) -> None:
    assert callable(form)
    written = str(form(word))
    hidden = Hidden(dict.fromkeys(passwords_in(written), "the password"))

    told = hidden.out_of(f"{written} said {word} and {quote(word, safe='')}")
    assert word not in told.replace("(the password)", "")


@pytest.mark.parametrize("form", FORMS)
def test_what_cannot_be_opened_does_not_repeat_it(form: object) -> None:
    assert callable(form)
    with pytest.raises(DriplineError) as told:
        connect(str(form("Top&Secret1")))

    assert "Secret1" not in str(told.value)


def test_a_path_that_only_looks_like_it_is_one() -> None:
    with pytest.raises(InvalidSettings, match="libpq's words"):
        connect("dbname=shop password=x")
    connect(":memory:").close()
