"""Every call of the API needs one scope: a write suffices for what it writes, and for what it answers."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_of import site

from dripline import Dripline
from dripline.core.accounts.access import Actor, Scope
from support.use_cases import REQUIREMENTS, VERBS

API = Path(__file__).parents[2] / "src" / "dripline" / "web" / "api"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> dict[str, Function]:
    tree = ast.parse(path.read_text()).body
    return {node.name: node for node in tree if isinstance(node, Function)}


def path_of(node: ast.Attribute) -> str:
    """The path of a use case behind `drip`; a verb is the use case that it calls."""
    name = ast.unparse(node).removeprefix("drip.")
    return VERBS.get(name, name)


def asked(function: Function, known: dict[str, Function], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The use cases that a function asks for itself, or has functions beside it ask for."""
    for node in ast.walk(function):
        match node:
            case ast.Attribute() if (path := path_of(node)) in REQUIREMENTS:
                yield path
            case ast.Name(id=name) if name in known and name not in seen and name != function.name:
                yield from asked(known[name], known, seen | {name, function.name})
            case _:
                pass


def routes() -> Iterator[tuple[str, frozenset[str]]]:
    for path in sorted(API.glob("*.py")):
        known = functions(path)
        for function in known.values():
            if any("router." in ast.unparse(decorator) for decorator in function.decorator_list):
                yield f"{path.stem}.{function.name}", frozenset(asked(function, known))


@pytest.mark.parametrize(("route", "cases"), [*routes()], ids=lambda value: value if isinstance(value, str) else "")
def test_one_scope_suffices_for_every_call(route: str, cases: frozenset[str]) -> None:
    actors = [Actor(scope, scopes=frozenset({scope})) for scope in Scope]
    enough = [actor for actor in actors if all(REQUIREMENTS[case].allows(actor) for case in cases)]

    assert enough, f"{route} needs {sorted((case, REQUIREMENTS[case].scope) for case in cases)}"


def test_the_calls_are_found() -> None:
    found = dict(routes())

    assert len(found) > 60
    assert {"sequences.plan", "sequences.apply"} <= found["sequences.apply_sequence"]


@pytest.mark.parametrize("name", ["if-match", "x-nothing"])
def test_who_writes_sequences_alone_creates_and_changes_one(drip: Dripline, name: str) -> None:
    with site(drip) as at:
        headers = at.token("sequences:write")
        wanted = {"name": "Warm", "trigger": "WARM", "channel": "console", "steps": [{"message": "Hi"}]}
        assert at.client.post("/api/v1/plan", json=wanted, headers=headers).status_code == 200
        assert at.client.post("/api/v1/sequences", json=wanted, headers=headers).status_code == 200
        seen = at.client.get("/api/v1/sequences/Warm", headers=headers)
        more = {name: seen.headers["etag"]}
        wanted["steps"] = [{"message": "Hello"}]

        assert at.client.post("/api/v1/sequences", json=wanted, headers={**headers, **more}).status_code == 200
        assert at.client.get("/api/v1/sequences", headers=headers).status_code == 403
