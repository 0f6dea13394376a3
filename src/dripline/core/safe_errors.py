"""What a log may hold of what went wrong elsewhere: its kind and its place. Its words may name somebody."""

import re
from types import TracebackType

RaisedError = tuple[type[BaseException], BaseException, TracebackType | None]
"""What `logging` takes as `exc_info`."""

_NUMBER = re.compile(r"\+?[0-9](?:[ ().-]{0,2}[0-9]){6,}")


def wordless(error: BaseException) -> RaisedError:
    """Return an error with its trace, and those that led to it, without a word of what they say."""
    silent = _silent(error)
    return type(silent), silent, error.__traceback__


def without_numbers(text: str) -> str:
    """Return a text of somebody else's without what may be anybody's number."""
    return _NUMBER.sub("…", text)


def _silent(error: BaseException) -> BaseException:
    kind = type(error)
    silent: BaseException = type(kind.__name__, (Exception,), {"__module__": kind.__module__})()
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and before is not error:
        silent.__cause__ = _silent(before)
    return silent.with_traceback(error.__traceback__)
