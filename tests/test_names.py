"""No identifier has a word that the glossary has a better one for."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "dripline"
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

LEFT = {
    "anew": 0,
    "asides": 0,
    "barred": 7,
    "errand": 0,
    "kept": 3,
    "many": 7,
    "most": 10,
    "nobody": 0,
    "patience": 1,
    "postman": 0,
    "remembered": 0,
    "roster": 0,
    "somebody": 0,
    "someone": 0,
    "taken": 5,
    "thaw": 0,
    "told": 4,
    "troubles": 1,
    "untold": 0,
    "whoever": 0,
}
"""How often each is left in names: write the lower figure here when you have renamed some, and never a higher one.

Say instead of told: message, text, label; of barred: suppressed; of many: count; of most: limit; of taken: the thing
that is, such as used, held or acquired; of nobody, somebody and whoever: who it is, such as user, lead or actor.
What is left are names that others use: fields and parameters of the library, of its API and of the conformance kit.
"""


def names(tree: ast.AST) -> Iterator[str]:
    """Yield every name that a module gives."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def words(path: Path) -> Iterator[str]:
    """Yield the words of its names, each as often as it is given."""
    for name in names(ast.parse(path.read_text("utf-8"))):
        yield from (word.lower() for word in WORD.findall(name))


@pytest.fixture(scope="module")
def found() -> Counter[str]:
    modules = Counter(word for path in SOURCE.rglob("*.py") for word in path.stem.split("_"))
    return modules + Counter(word for path in SOURCE.rglob("*.py") for word in words(path))


@pytest.mark.parametrize("word", LEFT)
def test_a_word_that_the_glossary_replaces_is_used_no_more_often(word: str, found: Counter[str]) -> None:
    assert found[word] <= LEFT[word], f"{word!r} is in {found[word]} names: choose the field's word for the new one"
