"""YAML read as a person means it: every word stays the text that was written, and no key is silently lost.

Plain YAML turns ``no`` into false, ``12:30`` into 750 and ``0123`` into 83, and lets the second of two equal keys win.
Tags construct nothing here.
"""

import re
from pathlib import Path

import yaml

from dripline.core.secret import shown_key
from dripline.errors import InvalidFile
from dripline.importing.table import check_is_file, unreadable

FILE_LIMIT = 1_000_000
"""The largest YAML file, in bytes."""

_NULL = "tag:yaml.org,2002:null"

_REPEATED = re.compile(r"(alias|anchor|handle) (['\"]).*\2")
"""What the library's errors repeat of a file, beside single signs."""


def read_documents(path: Path) -> list[object]:
    """Return the documents of a YAML file as mappings and lists of text; None stands where nothing is written.

    Raises:
        InvalidFile: The file is missing, empty, too large, not UTF-8, not YAML, or has a key twice in one mapping.
    """
    try:
        documents = [_value(path, node, {}) for node in yaml.compose_all(_text(path), Loader=yaml.SafeLoader)]
    except yaml.MarkedYAMLError as error:
        raise _unparsed(path, error) from None  # its own text repeats the file
    except yaml.YAMLError as error:
        raise InvalidFile(f"{path} holds characters that YAML does not allow: save it as plain UTF-8 text.") from error
    except RecursionError as error:
        raise InvalidFile(f"{path} is nested too deeply: write it as keys and one list of steps.") from error
    written = [document for document in documents if document is not None]
    if not written:
        raise InvalidFile(f"{path} holds nothing but comments or blank lines: write name, trigger and steps.")
    return written


def _text(path: Path) -> str:
    check_is_file(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(content) > FILE_LIMIT:
        raise InvalidFile(f"{path} is larger than {FILE_LIMIT:,} bytes: split it into several files.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidFile(f"{path} is not text in UTF-8: save it as UTF-8 in the editor.") from error


def _unparsed(path: Path, error: yaml.MarkedYAMLError) -> InvalidFile:
    line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
    problem = _REPEATED.sub(r"\1", error.problem or "unreadable")
    return InvalidFile(
        f"{path}{line} is not YAML ({problem}): check the indentation, use spaces and no tabs, "
        "and put text that holds a colon or starts with a brace into quotation marks."
    )


def _value(path: Path, node: yaml.Node, known: dict[int, object]) -> object:
    """Convert a node; `known` holds what aliases share, so that no file grows by repeating itself."""
    if id(node) not in known:
        known[id(node)] = None  # an alias inside its own anchor reads as nothing
        known[id(node)] = _converted(path, node, known)
    return known[id(node)]


def _converted(path: Path, node: yaml.Node, known: dict[int, object]) -> object:
    match node:
        case yaml.MappingNode():
            return _mapping(path, node, known)
        case yaml.SequenceNode():
            children: list[yaml.Node] = node.value
            return [_value(path, child, known) for child in children]
        case _:
            return None if node.tag == _NULL else str(node.value)


def _mapping(path: Path, node: yaml.MappingNode, known: dict[int, object]) -> dict[str, object]:
    pairs: list[tuple[yaml.Node, yaml.Node]] = node.value
    mapping: dict[str, object] = {}
    for key, child in pairs:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
        if not name:
            raise InvalidFile(
                f"{path}, line {_line(key)} has a key that is not a word: put text that starts with a brace "
                "into quotation marks."
            )
        if name in mapping:
            raise InvalidFile(
                f"{path}, line {_line(key)} has the key {shown_key(name)} a second time: delete one of them."
            )
        mapping[name] = _value(path, child, known)
    return mapping


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
