"""Reasons are codes: nothing in the statements, the schema or the program looks into a sentence."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dripline
from dripline import Dripline, FakeChannel, ReasonCode, RetryLater, Sequence, Step, VirtualClock
from dripline.core.explain import words
from dripline.core.reason import Reason
from dripline.store.database.dialect import DIALECTS
from dripline.store.database.statements import compiled

SOURCE = Path(dripline.__file__).parent
KINDS = ("reason", "end", "leaving", "pause", "wait")
COLUMN = rf"\b(?:\w+\.)?(?:{'|'.join(KINDS)})_(?:code|facts)\b"
LOOKED_INTO = re.compile(
    rf"{COLUMN}\s+(?:NOT\s+)?(?:LIKE|ILIKE|GLOB|SIMILAR|REGEXP|MATCH)\b|{COLUMN}\s*!?~"
    rf"|\b(?:substr|substring|instr|strpos|position|left|right|lower|upper|replace|trim|length)\(\s*{COLUMN}",
    re.IGNORECASE,
)
COMPARED = re.compile(rf"{COLUMN}\s*(?:=|<>|!=|IN\s*\()\s*((?:'[^']*'(?:,\s*)?)+)")
SENTENCES = re.compile(
    r"\b(?:end_reason|leaving_reason|pause_reason|wait_reason)\b|(?<![\w'])(?:r|c|e|m|s|b)\.reason\b"
)
TEXTS = {"reason", "end_reason", "pause_reason", "wait_reason", "leaving_reason"}
LOOKS = {"startswith", "endswith", "find", "index", "count", "partition", "rpartition", "split", "removeprefix"}


def faults(text: str) -> list[str]:
    """Return where a statement goes by the words of a reason, or by a code that nobody has."""
    unknown = [
        code
        for literals in COMPARED.findall(text)
        for code in re.findall("'([^']*)'", literals)
        if code not in set(ReasonCode)
    ]
    return [*LOOKED_INTO.findall(text), *SENTENCES.findall(text), *unknown]


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_no_statement_compares_a_reason_to_a_text(name: str) -> None:
    assert {called: found for called, text in compiled(DIALECTS[name]).items() if (found := faults(text))} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "WHERE r.reason_code LIKE '%window%'",
        "WHERE r.reason LIKE '%the window %'",
        "WHERE end_code = 'went over to version 3'",
        "WHERE substr(end_facts, 1, 4) = 'gone'",
        "SELECT e.end_reason FROM enrollments AS e",
        "WHERE r.reason_code IN ('window', 'the gap')",
    ],
)
def test_a_planted_comparison_is_found(planted: str) -> None:
    assert faults(planted)


def test_no_trigger_index_or_view_compares_a_reason_to_a_text(
    drip: Dripline, url: str, ask: Callable[[str], list[tuple[object, ...]]]
) -> None:
    assert drip.verify() == []
    asked = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type IN ('trigger', 'index', 'view') AND sql IS NOT NULL",
        "postgresql": (
            "SELECT prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
            " UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()"
            " UNION ALL SELECT definition FROM pg_views WHERE schemaname = current_schema()"
        ),
    }
    texts = [str(row[0]) for row in ask(asked[url.partition(":")[0]])]

    assert any("version_moved" in text for text in texts)
    assert [text for text in texts if faults(text)] == []


def compared_texts(tree: ast.AST) -> Iterator[int]:
    """Yield the lines on which a reason in words is compared or looked into."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare() if any(map(is_reason, sides := [node.left, *node.comparators])):
                if any(is_text(side) for side in sides):
                    yield node.lineno
            case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in LOOKS and is_reason(value):
                yield node.lineno
            case _:
                continue


def is_reason(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in TEXTS
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name in TEXTS
        case _:
            return False


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value for part in ast.walk(node)
    )


def test_no_code_compares_a_reason_to_a_text() -> None:
    found = {
        f"{path.relative_to(SOURCE)}:{line}"
        for path in SOURCE.rglob("*.py")
        for line in compared_texts(ast.parse(path.read_text(encoding="utf-8")))
    }

    assert found == set()


def sentences(tree: ast.AST) -> Iterator[str]:
    """Yield every text in a module, with {} for what an f-string puts into it."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=parts):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
            case ast.Constant(value=str(text)):
                yield text
            case _:
                continue


def test_words_are_written_in_one_module_only() -> None:
    told = {words(Reason(code)).replace("(not known)", "{}") for code in ReasonCode}
    told = {sentence for sentence in told if len(sentence.split()) > 1}
    modules = [path for path in SOURCE.rglob("*.py") if path.name != "explain.py" and "migrations" not in path.parts]
    found = {
        f"{path.name}: {sentence}"
        for path in modules
        for sentence in told.intersection(sentences(ast.parse(path.read_text(encoding="utf-8"))))
    } | {sentence for text in compiled(DIALECTS["sqlite"]).values() for sentence in told if f"'{sentence}'" in text}

    assert found == set()


def test_a_providers_text_about_a_window_keeps_its_retry_time(url: str, clock: VirtualClock) -> None:
    """It was taken for a wait of ours, and the record went again as soon as the lead's zone changed."""
    channel = FakeChannel([RetryLater("outside the window of the hour", after=3 * 3_600)])
    with Dripline(url, clock=clock, channels={"console": channel}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")]))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
        drip.tick()
        due = drip.records(phone="60123456789")[0].next_trigger_time
        drip.add_lead(phone="60123456789", zone="Asia/Tokyo")
        drip.tick()
        record = drip.records(phone="60123456789")[0]

        assert record.next_trigger_time == due
        assert record.reason_code is ReasonCode.RETRY
        assert record.reason_facts == {"error": "outside the window of the hour"}
        assert len(channel.accepted) == 0


def test_a_persons_text_is_no_code(drip: Dripline, warm: Sequence) -> None:
    drip.apply(warm)
    drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
    drip.leads.exit(phone="60123456789", reason="completed")
    run = drip.leads.timelines(phone="60123456789")[0].enrollments[0]

    assert (run.end_reason, run.end_code, run.end_facts) == ("completed", "ended_by_person", {"said": "completed"})
    assert drip.reports.overview().sequences[0].enrollments.finished == 0


def test_a_reason_written_by_hand_is_a_note(drip: Dripline, warm: Sequence, plant: Callable[[str], None]) -> None:
    drip.apply(warm)
    drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
    plant("UPDATE sequence_contacts SET reason_code = 'wait for Ben' WHERE current_step = 1")
    record = drip.records(phone="60123456789")[0]

    assert (record.reason, record.reason_code) == ("wait for Ben", "note")
