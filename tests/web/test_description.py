"""The API's description of itself: names that stay, each once, and nothing taken that it does not name."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from site_of import Site, site

from dripline import Dripline, Sequence
from dripline.core.accounts.access import Scope

Described = dict[str, Any]

CALLS = Path(__file__).parent / "calls.txt"
"""Every call by its operation id. Clients are made of these names: whoever changes one breaks them."""


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    with site(drip) as opened:
        yield opened


@pytest.fixture
def described(shop: Site) -> Described:
    return shop.client.get("/api/v1/openapi.json", headers=shop.token()).json()


def calls(described: Described) -> list[tuple[str, str, Described]]:
    return [
        (method.upper(), path, call) for path, methods in described["paths"].items() for method, call in methods.items()
    ]


def test_every_call_has_the_name_that_it_had(described: Described) -> None:
    named = sorted(f"{call['operationId']} {method} {path}" for method, path, call in calls(described))

    assert named == CALLS.read_text(encoding="utf-8").splitlines()


def test_every_name_of_a_call_is_of_one_call(described: Described) -> None:
    named = [call["operationId"] for _, _, call in calls(described)]

    assert len(named) == len(set(named))
    assert [name for name in named if not name.islower() or not name.isidentifier()] == []


def test_every_schema_has_one_name(described: Described) -> None:
    names = list(described["components"]["schemas"])
    plain = {name.replace("-Input", "").replace("-Output", "").rpartition("__")[2].lower() for name in names}

    assert len(plain) == len(names)
    assert [name for name in names if "__" in name or "-" in name] == []


def test_no_schema_is_written_out_where_it_has_a_name(described: Described) -> None:
    """An object without a name gets one of each generator's own, in each place another."""
    titles = [schema.get("title") for schema in inline(described["paths"])]

    assert titles == []


def test_what_a_problem_is_stands_in_one_place(described: Described) -> None:
    told = {
        json.dumps(content["schema"])
        for _, _, call in calls(described)
        for answer in call["responses"].values()
        for kind, content in answer.get("content", {}).items()
        if kind == "application/problem+json"
    }

    assert told == {'{"$ref": "#/components/schemas/Problem"}'}
    assert set(described["components"]["schemas"]["Problem"]["required"]) >= {
        "type",
        "title",
        "status",
        "detail",
        "code",
    }


def test_no_body_takes_a_field_that_has_no_name(described: Described) -> None:
    schemas = described["components"]["schemas"]
    bodies = {
        content["schema"]["$ref"].rpartition("/")[2]
        for _, _, call in calls(described)
        for content in call.get("requestBody", {}).get("content", {}).values()
    }

    assert len(bodies) > 20
    assert [name for name in sorted(bodies) if schemas[name].get("additionalProperties") is not False] == []


def test_no_call_takes_a_parameter_that_it_does_not_name(shop: Site, described: Described) -> None:
    headers = shop.token(*Scope)
    taken: list[str] = []
    for method, path, call in calls(described):
        asked = path
        for one in call.get("parameters", []):
            if one["in"] == "path":
                asked = asked.replace(f"{{{one['name']}}}", "1" if one["schema"].get("type") == "integer" else "x")
        answer = shop.client.request(method, f"{asked}?attribute=niche", headers=headers, json={})
        if (answer.status_code, answer.json()["code"]) != (400, "unknown_parameter"):
            taken.append(f"{method} {path}")

    assert taken == []


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (
            "/api/v1/leads?attribute=niche",
            "There is no parameter 'attribute': known here are text, trigger, sequence, barred, cursor, size.",
        ),
        (
            "/api/v1/leads?Size=3",
            "There is no parameter 'Size': known here are text, trigger, sequence, barred, cursor, size.",
        ),
        ("/api/v1/senders?name=jb-1", "There is no parameter 'name': none is known here."),
        ("/api/v1/openapi.json?x=1", "There is no parameter 'x': none is known here."),
        ("/api/v1/leads?size=1&size=2", "The parameter size was given 2 times: give it once."),
        (
            f"/api/v1/sequences?{'x' * 500}=1",
            f"There is no parameter '{'x' * 60}…': known here are archived.",
        ),
    ],
)
def test_a_parameter_that_has_no_name_is_refused_in_a_sentence(shop: Site, path: str, sentence: str) -> None:
    answer = shop.client.get(path, headers=shop.token())

    assert (answer.status_code, answer.json()["detail"]) == (400, sentence)


def test_a_parameter_that_may_be_given_twice_is(shop: Site) -> None:
    answer = shop.client.get("/api/v1/records?status=active&status=pending", headers=shop.token())

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("/api/v1/leads", {"fone": "1"}, "There is no field 'fone' in the body: known there are phone, email, name, "),
        ("/api/v1/pause", {"why": "x"}, "There is no field 'why' in the body: known there are sequence, reason."),
        (
            "/api/v1/sequences",
            {"name": "x", "trigger": "X", "steps": [{"message": "x"}, {"mesage": "x"}]},
            "There is no field 'mesage' in the body steps 1: known there are window, holidays, id, message, after, ",
        ),
        (
            "/api/v1/plan",
            {"name": "x", "trigger": "X", "steps": [{"message": "x", "variants": {"sms": {"text": "x"}}}]},
            "There is no field 'text' in the body steps 0 variants sms: known there are message, subject.",
        ),
        (
            "/api/v1/plan",
            {"name": "x", "trigger": "X", "steps": [{"message": "x", "media": {"kind": "image", "link": "x"}}]},
            "There is no field 'link' in the body steps 0 media: known there are kind, url, filename.",
        ),
        (
            "/api/v1/unknown/evidence",
            {"lines": [{"status": "x", "when": "x"}]},
            "There is no field 'when' in the body lines 0: known there are status, record_id, provider_id, phone, ",
        ),
    ],
)
def test_a_field_that_has_no_name_is_refused_in_a_sentence(
    shop: Site, path: str, body: dict[str, object], sentence: str
) -> None:
    answer = shop.client.post(path, json=body, headers=shop.token())

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
    assert answer.json()["detail"].startswith(sentence)


def inline(part: object) -> Iterator[Described]:
    """Yield the objects that are described where they are used."""
    if isinstance(part, dict):
        named = cast("Described", part)
        if named.get("type") == "object" and "properties" in named:
            yield named
        part = list(named.values())
    if isinstance(part, list):
        for inner in cast("list[Any]", part):
            yield from inline(inner)
