"""What a template may hold: variables, filters and tests from a list, `if`, `for` over a lead's lists, plain operators.

The rest of Jinja is a programming language, and a template is written by whoever may write a draft. What is taken here
is bounded before it runs: a template has so many tokens, nests so deep, has no loop within a loop and calls nothing.
What remains to be counted while it runs is counted by its filters and loops (`core.messages.template_filters`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

from dripline.core.messages.spintax import CHOICE
from dripline.core.messages.template_filters import EACH, NAMES, TOGETHER
from dripline.core.text import is_text

TOKEN_LIMIT: Final = 900
"""The most tokens of one template, white space left out: `{{ name }}` has three, and an option of a group twelve."""

DEPTH_LIMIT: Final = 50
"""How deep the parts of a template may nest, and a fifth of it how deep its brackets may."""

TESTS: Final = frozenset(
    {
        "boolean",
        "defined",
        "divisibleby",
        "eq",
        "equalto",
        "even",
        "false",
        "float",
        "ge",
        "greaterthan",
        "gt",
        "in",
        "integer",
        "iterable",
        "le",
        "lessthan",
        "lower",
        "lt",
        "ne",
        "none",
        "number",
        "odd",
        "sequence",
        "string",
        "true",
        "undefined",
        "upper",
        "==",
        "!=",
        ">",
        ">=",
        "<",
        "<=",
    }
)
"""What may be asked with `is`."""

_LOOP_FACTS = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})

_PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.List,
    nodes.Tuple,
    nodes.Filter,
    nodes.Test,
    nodes.Keyword,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.Pos,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.Div,
    nodes.FloorDiv,
    nodes.Mod,
    nodes.Concat,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Slice,
    nodes.Call,
)

_INSTEAD: Mapping[type[nodes.Node], str] = {
    nodes.Assign: "it sets a variable: give it under `variables`, or write its value where it is used",
    nodes.AssignBlock: "it sets a variable: give it under `variables`, or write its value where it is used",
    nodes.Macro: "it defines a macro: write its text where it is used",
    nodes.Block: "it defines a block: write its text where it stands",
    nodes.Pow: "it raises to a power, which templates cannot: give the number as an attribute",
    nodes.Dict: "it makes a table, which templates cannot: ask with `if`",
    nodes.Include: "it includes another template: write its text out",
}

_BRACKETS = {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}
_SKIPPED_TOKENS = frozenset({"whitespace", "comment_begin", "comment", "comment_end"})


class UnsupportedTemplate(Exception):
    """A template holds what none may; the words say what, and what to write instead."""


def read(environment: Environment, source: str) -> nodes.Template:
    """Return a template as a tree whose loops and joins are counted while it runs.

    Raises:
        NotTaken: It holds what no template may.
        jinja2.TemplateSyntaxError: It cannot be read.
    """
    if not is_text(source):
        raise UnsupportedTemplate("it holds a character that is not text: remove it")
    _check_tokens(environment, source)
    try:
        tree = environment.parse(source)
    except ValueError as error:
        raise UnsupportedTemplate("it holds a number that is too long: shorten it") from error
    _check(tree, depth=0, is_in_loop=False)
    return _Counted().visit(tree).set_environment(environment)


def _check_tokens(environment: Environment, source: str) -> None:
    """Count before anything is built of them: what is too long is refused at the cost of its first part."""
    depth = 0
    tokens = (token for token in environment.lex(source) if token[1] not in _SKIPPED_TOKENS)
    for count, (_, kind, value) in enumerate(tokens, start=1):
        if count > TOKEN_LIMIT:
            raise UnsupportedTemplate("it has too many variables, conditions or options: split it into several steps")
        depth += _BRACKETS.get(value, 0) if kind == "operator" else 0
        if depth > DEPTH_LIMIT // 5:
            raise UnsupportedTemplate(f"its brackets nest deeper than {DEPTH_LIMIT // 5}: take some out")


def _check(node: nodes.Node, depth: int, *, is_in_loop: bool) -> None:
    if depth > DEPTH_LIMIT:
        raise UnsupportedTemplate(f"its parts nest deeper than {DEPTH_LIMIT}: split it")
    if not isinstance(node, _PLAIN):
        raise UnsupportedTemplate(
            _INSTEAD.get(type(node), "it has a block other than `if` and `for`: write its text out")
        )
    if (wrong := next(_wrong(node, is_in_loop=is_in_loop), None)) is not None:
        raise UnsupportedTemplate(wrong)
    for child in _children(node):
        _check(child, depth + 1, is_in_loop=is_in_loop or isinstance(node, nodes.For))


def _children(node: nodes.Node) -> Iterable[nodes.Node]:
    """Return what is within a node, but for what has been looked at with it."""
    return () if isinstance(node, nodes.Call) else node.iter_child_nodes()


def _wrong(node: nodes.Node, *, is_in_loop: bool) -> Iterator[str]:
    """Yield what is wrong with a node by itself."""
    match node:
        case nodes.Const() | nodes.TemplateData():
            yield from _wrong_words(node)
        case nodes.Name(name=name) if name.startswith("_") or name == "self":
            yield f"{name!r} names no variable: write one of the lead's, such as {{{{ name }}}}"
        case nodes.For():
            yield from _wrong_loop(node, is_in_loop=is_in_loop)
        case nodes.Filter() | nodes.Test():
            yield from _wrong_function(node)
        case nodes.Call():
            yield from _wrong_call(node)
        case nodes.Getattr() | nodes.Getitem():
            yield from _wrong_part(node)
        case _:
            pass


def _wrong_words(node: nodes.Const | nodes.TemplateData) -> Iterator[str]:
    value: object = node.value if isinstance(node, nodes.Const) else node.data
    if isinstance(value, str) and not is_text(value):
        yield "it holds half a character, or none, by its number: paste the character itself"


def _wrong_loop(node: nodes.For, *, is_in_loop: bool) -> Iterator[str]:
    if is_in_loop:
        yield "it has a loop within a loop: take the inner one out"
    if node.recursive:
        yield "its loop calls itself: take `recursive` out"
    if not isinstance(node.target, nodes.Name):
        yield "its loop fills several variables: name one, as in {% for day in days %}"


def _wrong_function(node: nodes.Filter | nodes.Test) -> Iterator[str]:
    is_filter = isinstance(node, nodes.Filter)
    known, kind = (NAMES, "filter") if is_filter else (TESTS, "test")
    if node.name not in known:
        yield f"there is no {kind} {node.name!r} for templates: take one of {', '.join(sorted(known))}"
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        yield f"the {kind} {node.name!r} is given a list with a star: write what it takes one by one"
    if is_filter and node.node is None:
        yield "it filters a whole block: put the filter behind each variable"


def _wrong_call(node: nodes.Call) -> Iterator[str]:
    # Groups in braces are asked about by the one call there is.
    is_choice = isinstance(node.node, nodes.Name) and node.node.name == CHOICE
    has_more = node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None
    if has_more or not is_choice or [type(getattr(given, "value", None)) for given in node.args] != [int, int]:
        yield f"it calls {_node_text(node.node)}, and templates call nothing: use a filter, as in {{{{ name|upper }}}}"


def _wrong_part(node: nodes.Getattr | nodes.Getitem) -> Iterator[str]:
    if isinstance(node, nodes.Getattr):
        if not (isinstance(node.node, nodes.Name) and node.node.name == "loop" and node.attr in _LOOP_FACTS):
            yield f"it asks for {node.attr!r} within a value, and values have no parts: use a filter"
        return
    if not isinstance(node.node, nodes.Name | nodes.Filter):
        yield "it takes a part of something that is no variable: write {{ name[0] }}, or use a filter"
    places = [node.arg] if not isinstance(node.arg, nodes.Slice) else [node.arg.start, node.arg.stop, node.arg.step]
    if not all(place is None or _is_whole_number(place) for place in places):
        yield "it takes a part of a value that is not given by a number, as in {{ name[0] }}"


def _is_whole_number(node: nodes.Node) -> bool:
    while isinstance(node, nodes.Neg):
        node = node.node
    return isinstance(node, nodes.Const) and isinstance(node.value, int)


def _node_text(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name):
            return repr(name[:40])
        case nodes.Getattr(attr=attr):
            return repr(attr[:40])
        case _:
            return "a value"


class _Counted(NodeTransformer):
    """Lets loops and joins go through filters, which count."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802  (named by Jinja)
        self.generic_visit(node)
        size = sum(1 for part in node.body for _ in part.find_all(nodes.Node)) + len(node.body)
        node.iter = _filtered(node.iter, EACH, nodes.Const(size))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802  (named by Jinja)
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes), TOGETHER)


def _filtered(node: nodes.Node, name: str, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(cast("nodes.Expr", node), name, list(args), [], None, None, lineno=node.lineno)
