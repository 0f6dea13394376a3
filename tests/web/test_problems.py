"""What is wrong is a problem document whose code stays, and whose link leads to what the code means."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_of import Site, site

from dripline import Dripline, errors
from dripline.store.leads.forget import GONE_BODY
from dripline.web.error_codes import KINDS, of_error, of_status
from dripline.web.openapi.description import Problem

DOCS = Path(__file__).parents[2] / "docs" / "problems.md"


@pytest.fixture
def shop(drip: Dripline) -> Iterator[Site]:
    with site(drip) as opened:
        yield opened


def test_every_code_is_documented_with_what_to_do() -> None:
    table = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)

    assert table == [(kind.code, kind.title, kind.text) for kind in KINDS.values()]


def test_every_error_of_ours_has_a_code() -> None:
    kinds = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.DriplineError)}

    assert {kind for kind in kinds if of_error(kind).code == "internal_error"} == {errors.DriplineError}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 429, 500, 503])
def test_every_status_has_a_code(status: int) -> None:
    assert of_status(status).code in KINDS


def test_the_answer_that_was_forgotten_is_such_a_problem() -> None:
    told = Problem.model_validate_json(GONE_BODY)

    assert told == Problem.of(KINDS["forgotten"], 410, told.detail)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/v1/sequences/No", None, 404, "no_such_sequence"),
        ("GET", "/api/v1/records/7", None, 404, "not_found"),
        ("GET", "/api/v1/nothing", None, 404, "not_found"),
        ("PATCH", "/api/v1/leads", None, 405, "method_not_allowed"),
        ("GET", "/api/v1/leads?attribute=niche", None, 400, "unknown_parameter"),
        ("GET", "/api/v1/leads?size=x", None, 400, "not_as_described"),
        ("GET", "/api/v1/leads?cursor=x", None, 422, "invalid_filter"),
        ("POST", "/api/v1/leads", {"phone": "12"}, 422, "invalid_phone"),
        ("POST", "/api/v1/leads", {"phone": 12}, 400, "not_as_described"),
        ("POST", "/api/v1/leads", {"fone": "60123456789"}, 400, "unknown_field"),
        ("POST", "/api/v1/senders/no/pause", {}, 404, "no_such_sender"),
        ("GET", "/api/v1/users", None, 403, "not_allowed"),
    ],
)
def test_a_problem_has_a_code_and_a_link(
    shop: Site, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = shop.client.request(method, path, json=body, headers=shop.token())
    told = Problem.model_validate(answer.json())

    assert (answer.status_code, told.status, told.code) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert told.type == f"/problems#{code}"
    assert told.title == KINDS[code].title


def test_a_program_without_a_token_is_told_so_before_anything_else(shop: Site) -> None:
    answer = shop.client.get("/api/v1/leads?attribute=niche")

    assert (answer.status_code, answer.json()["code"]) == (401, "no_token")


def test_the_link_leads_to_what_every_code_means(shop: Site) -> None:
    shown = shop.page("/problems")

    assert [code for code in KINDS if f'id="{code}"' not in shown] == []
