"""Setup files: YAML that a person writes, one sequence or one sender a document."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dripline.core.model import Sequence
from dripline.core.sender import Sender
from dripline.errors import InvalidFile
from dripline.importing.sender_file import is_sender, sender_of
from dripline.importing.sequence_file import sequence_of
from dripline.importing.yaml_text import read_documents


@dataclass(frozen=True, slots=True)
class Setup:
    """What a file holds, in order."""

    senders: tuple[Sender, ...] = field(default=(), kw_only=True)
    sequences: tuple[Sequence, ...] = field(default=(), kw_only=True)


def read_setup(path: Path) -> Setup:
    """Return the senders and sequences of a file, or refuse all of them with one sentence.

    A number or a word such as ``no`` is the text that was written. Blank space around a text is dropped, since
    YAML's ``|`` leaves a line break that nobody meant; the fallbacks under `variables` stay as they are.

    Raises:
        InvalidFile: Names the file, the place in it, what is wrong and what to write.
    """
    documents = read_documents(path)
    places = [str(path)] if len(documents) == 1 else [f"{path}, document {n}" for n in range(1, len(documents) + 1)]
    placed = list(zip(places, documents, strict=True))
    senders = tuple(sender_of(place, document) for place, document in placed if is_sender(document))
    sequences = tuple(sequence_of(place, document) for place, document in placed if not is_sender(document))
    _refuse_doubles(path, "sequences", (sequence.name for sequence in sequences))
    _refuse_doubles(path, "senders", (sender.name for sender in senders))
    return Setup(senders=senders, sequences=sequences)


def _refuse_doubles(path: Path, what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidFile(f"{path} has two {what} named {name!r}: give one of them another name.")
        seen.add(name)
