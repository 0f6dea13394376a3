"""Jinja2 as templates use it: its sandbox with strict variables, less than its grammar, and filters that count."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from typing_extensions import override

from dripline.core.leads.attribute import written
from dripline.core.leads.lead import Lead
from dripline.core.messages.spintax import spun
from dripline.core.messages.template_filters import WORK, Work, calculated, filters
from dripline.core.messages.template_grammar import TESTS, UnsupportedTemplate, read
from dripline.core.text import is_text
from dripline.errors import InvalidTemplate

TEMPLATE_LIMIT: Final = 20_000
"""The longest template, in characters."""

HTML_LIMIT: Final = 100_000
"""The longest HTML, as a template and rendered, in characters: mail programs cut longer ones off."""

TEXT_LIMIT: Final = 65_536
"""The longest rendered text, in characters. Channels with a tighter limit refuse earlier."""


class _Lacking(StrictUndefined):
    """A variable that the lead lacks: false to a condition, what `default` stands in for, and else an error."""

    __slots__ = ()

    @property
    @override
    def _undefined_message(self) -> str:
        if isinstance(self._undefined_obj, Lead) or self._undefined_name is None:
            return super()._undefined_message
        return f"it has no {self._undefined_name}, and there is no fallback"

    @override
    def __bool__(self) -> bool:
        return False


def _shown(value: object) -> object:
    """Return a value as messages show it: attributes that are no text have one written form."""
    return value if isinstance(value, str | Undefined) else written(value)


class _Environment(ImmutableSandboxedEnvironment):
    """A sandbox whose operators take numbers alone, and that knows no function."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, *, autoescape: bool) -> None:
        # Nothing is worked out while a template is compiled: what it costs is counted while it runs.
        super().__init__(
            undefined=_Lacking,
            keep_trailing_newline=True,
            autoescape=autoescape,
            finalize=_shown,
            optimized=False,
        )
        self.globals.clear()
        self.filters = filters()
        self.tests = {name: test for name, test in self.tests.items() if name in TESTS}

    @override
    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        return calculated(operator, left, right)


_for_text = _Environment(autoescape=False)
_for_html = _Environment(autoescape=True)


class Compiled:
    """A template that can be rendered. `tree` is what it holds; `is_spun` says whether it asks for choices."""

    __slots__ = ("_template", "is_spun", "tree")

    def __init__(self, template: Template, tree: nodes.Template, *, is_spun: bool) -> None:
        self._template, self.tree, self.is_spun = template, tree, is_spun

    def rendered(self, values: dict[str, object], limit: int) -> str:
        """Return its text, as far as it stays below a limit.

        Raises:
            InvalidTemplate: It cannot be rendered with these values, or its text is too long, or none.
        """
        try:
            text = "".join(_within(limit, self._pieces({**values, WORK: Work()})))
        except InvalidTemplate:
            raise
        except Exception as error:
            # Whatever a template makes Jinja or a filter raise is this message's failure, and nobody else's.
            raise InvalidTemplate(f"The template cannot be rendered for this lead: {error_text(error)}") from error
        if not is_text(text):
            raise InvalidTemplate("The template makes half a character of a whole one: take its characters whole.")
        return text

    def _pieces(self, values: dict[str, object]) -> Iterator[str]:
        # What Template.render does, less what it does again for each lead: a third of its time.
        return self._template.root_render_func(self._template.new_context(values, shared=True))


def compiled(source: str, *, is_html: bool = False) -> Compiled:
    """Return a template that can be rendered.

    Raises:
        InvalidTemplate: It is too long, cannot be read, or holds what no template may.
    """
    limit = HTML_LIMIT if is_html else TEMPLATE_LIMIT
    if len(source) > limit:
        raise InvalidTemplate(f"The template is longer than {limit} characters: shorten it.")
    try:
        return _html(source) if is_html else _text(source)
    except (UnsupportedTemplate, TemplateError, SyntaxError, RecursionError, MemoryError) as error:
        raise InvalidTemplate(f"The template cannot be read: {error_text(error)}.") from error


@lru_cache(maxsize=1024)
def _text(source: str) -> Compiled:
    return _compiled(_for_text, source)


@lru_cache(maxsize=128)
def _html(source: str) -> Compiled:
    return _compiled(_for_html, source)


def forget() -> None:
    """Forget what has been compiled, to measure how long it takes."""
    _text.cache_clear()
    _html.cache_clear()


def _compiled(environment: _Environment, source: str) -> Compiled:
    written_out = spun(source)
    tree = read(environment, written_out)
    # The code has no name and no file: what goes wrong is told in a sentence, and nobody looks for its line.
    code = environment.compile(tree)
    template = Template.from_code(environment, code, {})
    return Compiled(template, tree, is_spun=written_out is not source)


def error_text(error: Exception) -> str:
    """Return what is wrong with a template, in the words of whoever found it."""
    if isinstance(error, RecursionError):
        return "it nests too deep"
    words = error.message if isinstance(error, TemplateError) else str(error)
    return (words or type(error).__name__).rstrip(".")


def _within(limit: int, pieces: Iterable[str]) -> Iterator[str]:
    """Pass on the pieces of a text until they are more than it may have."""
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > limit:
            raise InvalidTemplate(f"The text is longer than {limit} characters: shorten the template.")
        yield piece
