"""What the command line logs, to stderr and without the secrets that are set: others' words and traces may hold one."""

import logging
import sys
from typing import TextIO

from typing_extensions import override

from dripline.cli.support.log_throttle import FewOfAKind
from dripline.core.safe_errors import wordless
from dripline.core.secret import Redactor


class WithoutSecrets(logging.Formatter):
    """Writes a record with its trace, and leaves the secrets out of both; they are read at the first record.

    Those of senders are left out from when they are read.
    """

    def __init__(self, written: str | None = None) -> None:
        super().__init__(written)
        self._hidden: Redactor | None = None
        self._read = 0

    @override
    def format(self, record: logging.LogRecord) -> str:
        from dripline.cli.support.redact import hidden_secrets, secrets_read

        if self._hidden is None or self._read != secrets_read():
            self._read, self._hidden = secrets_read(), hidden_secrets()
        return self._hidden.out_of(super().format(record))


class WithoutOthersWords(logging.Filter):
    """Leaves out of traces that others log, such as the server's, what their errors say: it may name somebody."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not record.name.startswith("dripline"):
            record.exc_info, record.exc_text = wordless(error), None
        return True


class BriefLog(logging.StreamHandler[TextIO]):
    """Writes few lines of a kind, and how many it left out."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._few = FewOfAKind()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        for chosen in self._few.chosen(record):
            super().emit(chosen)

    @override
    def close(self) -> None:
        for line in self._few.left_out():
            super().emit(line)
        super().close()


def log_to_stderr() -> None:
    """Log what happens, from `INFO` on."""
    handler = BriefLog(sys.stderr)
    handler.setFormatter(WithoutSecrets("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(WithoutOthersWords())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def log_what_is_wrong() -> None:
    """Have what Python prints of a log that nobody set up, from `WARNING` on, printed without secrets, too."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(WithoutSecrets())
