"""Setup files: YAML that a person writes, one sequence, one sender or the workspace a document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from dripline.core.senders.sender import Sender
from dripline.core.sequences.sequence import Sequence
from dripline.core.workspace import Workspace
from dripline.errors import InvalidFile
from dripline.importing.setup.secret_check import refuse_secrets
from dripline.importing.setup.sender_file import is_sender, sender_of
from dripline.importing.setup.sequence_file import former_name_of, sequence_of
from dripline.importing.setup.workspace_file import is_workspace, workspace_of
from dripline.importing.setup.yaml_text import read_documents


@dataclass(frozen=True, slots=True)
class Setup:
    """What a file holds, in order. `renamed`: names that sequences had, and what they are called now."""

    senders: tuple[Sender, ...] = field(default=(), kw_only=True)
    sequences: tuple[Sequence, ...] = field(default=(), kw_only=True)
    workspace: Workspace | None = field(default=None, kw_only=True)
    renamed: Mapping[str, str] = field(default_factory=dict[str, str], kw_only=True, hash=False)


def read_setup(path: Path) -> Setup:
    """Return the workspace, senders and sequences of a file, or refuse all of them with one sentence.

    A number or a word such as ``no`` is the text that was written. Blank space around a text is dropped, since
    YAML's ``|`` leaves a line break that nobody meant; the fallbacks under `variables` stay as they are.

    Raises:
        InvalidFile: Names the file, the place in it, what is wrong and what to write.
    """
    documents = read_documents(path)
    places = [str(path)] if len(documents) == 1 else [f"{path}, document {n}" for n in range(1, len(documents) + 1)]
    placed = list(zip(places, documents, strict=True))
    for place, document in placed:
        refuse_secrets(place, document)
    workspaces = [workspace_of(place, document) for place, document in placed if is_workspace(document)]
    senders = tuple(sender_of(place, document) for place, document in placed if is_sender(document))
    others = [(place, document) for place, document in placed if not is_sender(document) and not is_workspace(document)]
    sequences = tuple(sequence_of(place, document) for place, document in others)
    were = [former_name_of(document) for _, document in others]
    renamed = {was: sequence.name for was, sequence in zip(were, sequences, strict=True) if was is not None}
    if len(workspaces) > 1:
        raise InvalidFile(f"{path} has two workspaces, and there is one: put their keys together.")
    _refuse_doubles(f"{path} has", "sequences", (sequence.name for sequence in sequences))
    _refuse_doubles(f"{path} has", "senders", (sender.name for sender in senders))
    return Setup(senders=senders, sequences=sequences, workspace=workspaces[0] if workspaces else None, renamed=renamed)


def join_setups(setups: Iterable[Setup]) -> Setup:
    """Return what several files hold, in their order.

    Raises:
        InvalidFile: Two of them hold a workspace, or a sequence or a sender of one name.
    """
    given = list(setups)
    workspaces = [setup.workspace for setup in given if setup.workspace is not None]
    if len(workspaces) > 1:
        raise InvalidFile("Two of the files hold a workspace, and there is one: put its keys together.")
    senders = tuple(chain.from_iterable(setup.senders for setup in given))
    sequences = tuple(chain.from_iterable(setup.sequences for setup in given))
    _refuse_doubles("The files hold", "sequences", (sequence.name for sequence in sequences))
    _refuse_doubles("The files hold", "senders", (sender.name for sender in senders))
    return Setup(
        senders=senders,
        sequences=sequences,
        workspace=workspaces[0] if workspaces else None,
        renamed={old: new for setup in given for old, new in setup.renamed.items()},
    )


def _refuse_doubles(place: str, what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidFile(f"{place} two {what} named {name!r}: give one of them another name.")
        seen.add(name)
