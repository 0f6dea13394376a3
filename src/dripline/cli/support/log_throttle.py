"""Few lines of a kind: a log that strangers, or a fault, cannot fill."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

LINES_OF_A_KIND = 120
"""How many lines of one kind are written within `WINDOW`; the others are counted."""

TRACES_OF_A_KIND = 5
"""How many of those with a trace: one is as long as fifty lines."""

WINDOW = 60.0
"""The span for which lines of a kind are counted, in seconds."""

Kind = tuple[str, int, str, int]


@dataclass(slots=True)
class _Counted:
    begun: float
    written: int = field(default=0, kw_only=True)
    left_out: int = field(default=0, kw_only=True)
    record: logging.LogRecord = field(kw_only=True)

    def is_over(self, now: float) -> bool:
        """Whether its span is: also where the clock was set back."""
        return not self.begun <= now < self.begun + WINDOW


class FewOfAKind:
    """Chooses what is written. Of one kind is what one place in a program logs, by one logger and at one level."""

    def __init__(self) -> None:
        self._counted: dict[Kind, _Counted] = {}

    def chosen(self, record: logging.LogRecord) -> Iterator[logging.LogRecord]:
        """Yield what is written now: how many lines were left out whose minute is over, and the line, if it is one."""
        yield from self._report(record.created)
        kind = (record.name, record.levelno, record.pathname, record.lineno)
        counted = self._counted.get(kind)
        if counted is None:
            counted = self._counted[kind] = _Counted(record.created, record=record)
        if counted.written < (TRACES_OF_A_KIND if record.exc_info else LINES_OF_A_KIND):
            counted.written += 1
            yield record
        else:
            counted.left_out += 1

    def left_out(self) -> Iterator[logging.LogRecord]:
        """Yield how many lines were left out that was not told yet, and begin again."""
        counted, self._counted = list(self._counted.values()), {}
        yield from (_line(one) for one in counted if one.left_out)

    def _report(self, now: float) -> Iterator[logging.LogRecord]:
        over = [kind for kind, one in self._counted.items() if one.is_over(now)]
        for one in [self._counted.pop(kind) for kind in over]:
            if one.left_out:
                yield _line(one)


def _line(counted: _Counted) -> logging.LogRecord:
    like = counted.record
    what = str(like.msg).split(maxsplit=1)[0][:80] if str(like.msg).strip() else "-"
    text, values = "log.left_out lines=%s like=%s logger=%s", (counted.left_out, what, like.name)
    return logging.LogRecord(like.name, like.levelno, like.pathname, like.lineno, text, values, None)
