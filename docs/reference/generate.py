"""Writes the reference, and the stub that type checkers read, from the one list of public names: `make reference`."""

import dataclasses
import enum
import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import dripline

ROOT = Path(__file__).parents[2]
HEAD = "<!-- Written by `make reference` from the docstrings: change those. -->\n"
PAGES = {
    "dripline": ("Dripline", "The object that everything is done with."),
    "errors": ("Errors", "Every error that dripline raises on purpose: a sentence that says what to do next."),
    "values": ("Values", "What is given to `Dripline`, what it gives back, and what a channel is made of."),
}


def page_of(name: str) -> str:
    """Return on which page a name is."""
    found = getattr(dripline, name)
    if inspect.isclass(found) and issubclass(found, Exception):
        return "errors"
    return "dripline" if name == "Dripline" else "values"


def reference() -> dict[Path, str]:
    """Return every generated file with its text."""
    names = [name for name in dripline.__all__ if not name.startswith("_")]
    made = {ROOT / "src/dripline/__init__.pyi": stub(names)}
    for page, (title, line) in PAGES.items():
        sections = [section(name) for name in names if page_of(name) == page]
        sections += [*nouns()] if page == "dripline" else []
        made[ROOT / f"docs/reference/{page}.md"] = "\n".join([HEAD, f"# {title}\n", f"{line}\n", *sections])
    return made


def nouns() -> Iterator[str]:
    """Yield what the reference says of each noun of `Dripline`, and of the nouns of these."""
    with dripline.Dripline("sqlite://") as drip:
        of_drip = [name for name, found in vars(dripline.Dripline).items() if isinstance(found, cached_property)]
        waiting: list[tuple[str, object]] = [(name, getattr(drip, name)) for name in of_drip if name[0] != "_"]
        for path, noun in waiting:
            kind: type[object] = noun.__class__
            yield f"## drip.{path}\n\n{text_of(kind)}\n\n" + "\n".join(methods(kind)) + "\n"
            inner = [name for name, found in vars(kind).items() if isinstance(found, property)]
            waiting += [(f"{path}.{name}", getattr(noun, name)) for name in inner]


def stub(names: list[str]) -> str:
    """Return the stub of the package: where each name comes from."""
    homes: dict[str, str] = vars(dripline)["_HOMES"]
    by_module = sorted((module, sorted(text.split(), key=in_order)) for module, text in homes.items())
    lines = [
        "# What type checkers read of the package: written by `make reference` from the list in `__init__.py`.",
        "",
    ]
    for module, public in by_module:
        lines += [f"from dripline.{module} import {name} as {name}" for name in public]
    lines += ["from dripline.version import __version__ as __version__", "", "__all__ = ["]
    return "\n".join([*lines, *(f'    "{name}",' for name in sorted([*names, "__version__"])), "]", ""])


def in_order(name: str) -> tuple[bool, str]:
    """Order names as the linter does: constants, classes, then functions."""
    return name.islower(), name


def section(name: str) -> str:
    """Return what the reference says of a name."""
    found = getattr(dripline, name)
    parts = [f"## {name}\n", said_of(found)]
    if inspect.isclass(found):
        base = [kind.__name__ for kind in found.__bases__ if kind.__module__.startswith("dripline")]
        parts += [f"A kind of {', '.join(f'`{kind}`' for kind in base)}.\n"] if base else []
        parts += ["\n".join(lines) + "\n" for lines in [[*fields(found)], [*methods(found)]] if lines]
    return "\n".join(parts)


def said_of(found: object) -> str:
    """Return a docstring; of a union, what it is one of."""
    if not inspect.isclass(found) and not inspect.isroutine(found):
        return f"`{plain(str(found))}`\n"
    signature = f"`{plain(str(inspect.signature(found)))}`\n\n" if inspect.isroutine(found) else ""
    return signature + text_of(found) + "\n"


def text_of(found: object) -> str:
    """Return a docstring as a paragraph, with its examples as code."""
    text = (inspect.getdoc(found) or "").replace("``", "`")
    return "" if text.startswith(f"{getattr(found, '__name__', '')}(") else text


def fields(kind: type[object]) -> Iterator[str]:
    """Yield the fields of a value, or the members of an enumeration."""
    if issubclass(kind, enum.Enum):
        yield from (f"- `{member.name}` = `{member.value!r}`" for member in kind)
        return
    given: dict[str, dataclasses.Field[object]] = vars(kind).get("__dataclass_fields__", {})
    for name, field in given.items():
        if not name.startswith("_"):
            yield f"- `{name}: {plain(inspect.formatannotation(field.type))}{default_of(field)}`"


def default_of(field: "dataclasses.Field[object]") -> str:
    """Return how a field's default is written, if it has one."""
    if field.default is not dataclasses.MISSING:
        return f" = {plain(repr(field.default))}"
    return "" if field.default_factory is dataclasses.MISSING else " = …"


def methods(kind: type) -> Iterator[str]:
    """Yield the public methods and properties that dripline gives a class."""
    for name, found in sorted(vars(kind).items() if kind is not dripline.Dripline else inspect.getmembers(kind)):
        if name.startswith("_"):
            continue
        if isinstance(found, property):
            yield f"- `{name}`: {first_line(found)}"
        elif inspect.isfunction(found) and found.__module__.startswith("dripline"):
            yield f"- `{name}{plain(str(inspect.signature(found)))}`: {first_line(found)}"


def first_line(found: object) -> str:
    """Return the first paragraph of a docstring in one line."""
    return " ".join(text_of(found).partition("\n\n")[0].split())


def plain(annotation: str) -> str:
    """Return an annotation without modules: `datetime` for `datetime.datetime`."""
    text = re.sub(r"<function \S+ at 0x\w+>", "…", annotation)
    text = re.sub(r"<(?:class|function|enum) '?([\w.]+)'?[^>]*>", r"\1", text)
    text = re.sub(r"<(\w+\.\w+): [^>]*>", r"\1", text)
    text = re.sub(r"-> '(.*)'$", r"-> \1", text)
    text = re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])", "", text)
    return text.replace("\n", " ").replace("NoneType", "None").replace("(self, ", "(").replace("(self)", "()")


if __name__ == "__main__":
    for path, text in reference().items():
        path.write_text(text, "utf-8")
