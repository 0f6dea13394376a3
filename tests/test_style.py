"""The house rules that no linter holds."""

import ast
import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from dripline.store.database.statements import statements

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "dripline"
FILES = sorted(SOURCE.rglob("*.py"))
SQL = re.compile(r"\b(SELECT\s.+\sFROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE)\b", re.DOTALL)
STORE = SOURCE / "store"

TESTS = [path for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts]

FILE_LIMIT = 400
FUNCTION_LIMIT = 40


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.walk(ast.parse(path.read_text()))
    return [node for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring and without its signature."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_has_one_subject_and_a_function_fits_a_screen(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= FILE_LIMIT
    assert [f.name for f in functions(path) if length(f) > FUNCTION_LIMIT] == []


def test_files_of_statements_tests_and_benchmarks_have_one_subject_too() -> None:
    statement_files = (path for path in STORE.rglob("*.sql") if "migrations" not in path.parts)
    files = chain(statement_files, TESTS, (ROOT / "benchmarks").glob("*.py"))

    assert [path.name for path in files if len(path.read_text().splitlines()) > FILE_LIMIT] == []


def test_sql_stands_only_in_the_store() -> None:
    texts = [
        (path.name, node.value)
        for path in FILES
        if STORE not in path.parents
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]

    assert texts == []


def test_every_statement_says_what_it_guarantees() -> None:
    silent = [
        name for name, statement in statements().items() if not re.match(r"[A-Z].*\.", statement.comment, re.DOTALL)
    ]

    assert silent == []


def test_no_statement_reads_the_databases_clock() -> None:
    clocks = re.compile(r"\b(now\(\)|current_timestamp|current_time|datetime\('now'|julianday)", re.IGNORECASE)

    assert [name for name, statement in statements().items() if clocks.search(statement.text)] == []


def test_every_statement_is_used() -> None:
    code = "\n".join(path.read_text() for path in FILES)

    assert [name for name in statements() if f'"{name}"' not in code] == []


def test_nothing_is_left_for_later() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX)\b")
    named = chain(FILES, STORE.rglob("*/*.sql"), (ROOT / "docs").iterdir())

    assert [path.name for path in named if path.is_file() and words.search(path.read_text())] == []


def test_no_two_modules_of_the_tests_have_one_name() -> None:
    # Each folder of tests is on the path: a module of another folder would be taken for one's own.
    names = [path.name for path in TESTS if path.name not in {"__init__.py", "conftest.py"}]

    assert [name for name, many in Counter(names).items() if many > 1] == []


def test_no_name_says_nothing() -> None:
    """The glossary's rule 12: a class is a noun of the product."""
    empty = re.compile(r"class \w*(Manager|Helper|Util|Handler|Service|Factory|Info)\b")

    assert [path.name for path in FILES if empty.search(path.read_text())] == []


def test_the_lock_files_name_no_address() -> None:
    locks = (ROOT / "requirements").glob("*.txt")

    assert [lock.name for lock in locks if re.search(r"https?://|file:|--index|--find", lock.read_text())] == []


@pytest.mark.parametrize("folder", ["benchmarks/peers/node", "tests/contract/node"])
def test_a_node_lock_file_says_what_to_install_and_not_from_where(folder: str) -> None:
    lock = (ROOT / folder / "package-lock.json").read_text()

    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def test_no_folder_of_source_has_more_than_twenty_files() -> None:
    folders = {path.parent for path in (ROOT / "src").rglob("*.py")}

    assert {str(folder): count for folder in folders if (count := len(list(folder.glob("*.py")))) > 20} == {}
