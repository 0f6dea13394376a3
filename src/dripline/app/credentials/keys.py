"""The keys that encrypt credentials, and where they are: in the settings, else in a file beside the database.

The first key encrypts, and each decrypts. Fernet (AES-128 in CBC and HMAC-SHA256) refuses what was changed.
"""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from dripline.errors import InvalidSettings, KeyMissing
from dripline.private_files import for_owner, is_seen_by_others

if TYPE_CHECKING:  # imported when the first credential is opened
    from cryptography.fernet import Fernet

KEY_LENGTH = 32
"""The shortest key that may be set, in characters."""

SUFFIX = "-key"
"""What the name of the file ends with that is kept beside a SQLite file."""

_ID_LENGTH = 12

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """What is encrypted of a credential: its fields, and the names of those that were made up here."""

    fields: Fields = field(repr=False, hash=False)
    made_up: frozenset[str] = field(default=frozenset(), kw_only=True)


class Keys:
    """Encrypts with the first of some keys, and decrypts with each.

    Raises:
        KeyMissing: There is none, or one is too short.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        if not self.texts or min(map(len, self.texts)) < KEY_LENGTH:
            raise KeyMissing(
                f"The key that encrypts credentials cannot be used: write {KEY_LENGTH} random characters or more, as "
                "openssl rand -base64 32 makes them."
            )
        self.id = _id_of(self.texts[0])

    def seal(self, sender: str, channel: str, content: Content, now: datetime) -> str:
        """Return what a sender's credential holds, encrypted."""
        held = {
            "sender": sender,
            "channel": channel,
            "fields": dict(content.fields),
            "made_up": sorted(content.made_up),
        }
        text = json.dumps(held, ensure_ascii=False)
        return _fernet(self.texts[0]).encrypt_at_time(text.encode(), int(now.timestamp())).decode()

    def opened(self, sender: str, channel: str, sealed: str) -> Content:
        """Return what a sender's credential holds.

        Raises:
            KeyMissing: None of these keys encrypted it, it was changed, or it is another sender's.
        """
        from cryptography.fernet import InvalidToken, MultiFernet

        try:
            content = json.loads(MultiFernet(map(_fernet, self.texts)).decrypt(sealed.encode()))
        except InvalidToken:
            raise _not_opened(sender) from None
        # Whoever can write to the database cannot give a sender the credential of another.
        if (content["sender"], content["channel"]) != (sender, channel):
            raise _not_opened(sender)
        return Content(cast("Fields", content["fields"]), made_up=frozenset(content.get("made_up", ())))


def _fernet(text: str) -> "Fernet":
    from cryptography.fernet import Fernet

    return Fernet(urlsafe_b64encode(hashlib.sha256(text.encode()).digest()))


def _id_of(text: str) -> str:
    """Return what names a key and tells nothing of it: a hash of so many random characters."""
    return hashlib.sha256(f"dripline key {text}".encode()).hexdigest()[:_ID_LENGTH]


def _not_opened(sender: str) -> KeyMissing:
    return KeyMissing(
        f"The credential of the sender {sender!r} cannot be read, since the key that encrypted it is not here: put the "
        f"key back, or connect the sender again."
    )


class KeySource(Protocol):
    """Where keys are."""

    def keys(self) -> Keys:
        """Return the keys there are.

        Raises:
            KeyMissing: There is none.
        """
        ...

    def keys_to_seal(self) -> Keys:
        """Return the keys there are, made where none is and one may be. Called while the database is written.

        Raises:
            KeyMissing: There is none, and none is made.
        """
        ...

    def renew(self) -> Keys:
        """Put a new key before those there are, if that is ours to do, and return them all.

        Raises:
            KeyMissing: There is none.
        """
        ...

    def retire(self) -> None:
        """Forget every key but the first, if that is ours to do."""
        ...


class SetKeys:
    """Keys of the settings, divided by blank space: whoever set them changes them."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read

    def keys(self) -> Keys:
        """Return the keys that are set."""
        try:
            return Keys(self._read().split())
        except InvalidSettings as problem:
            raise KeyMissing(str(problem)) from None

    def keys_to_seal(self) -> Keys:
        """Return the keys that are set."""
        return self.keys()

    def renew(self) -> Keys:
        """Return the keys that are set: a person put the new one before the others."""
        return self.keys()

    def retire(self) -> None:
        """Leave it to the person."""


class KeyFile:
    """Keys in a file beside a SQLite database, one a line, which its owner alone can read."""

    def __init__(self, database: str) -> None:
        self._database = os.path.realpath(database)
        self.path = Path(f"{self._database}{SUFFIX}")
        self._new = self.path.with_name(f"{self.path.name}.new")

    def keys(self) -> Keys:
        """Return the keys in the file."""
        try:
            if is_seen_by_others(self.path):
                raise KeyMissing(
                    f"Everybody on this machine can read {self.path.name}, which holds the key that encrypts "
                    f"credentials: chmod 600 {self.path.name}."
                )
            return Keys(self.path.read_text("ascii").split())
        except FileNotFoundError:
            raise KeyMissing(
                f"There is no {self.path.name} beside the database, which holds the key that encrypts credentials: put "
                "it back, or connect the senders again."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise KeyMissing(
                f"The file {self.path.name}, which holds the key that encrypts credentials, cannot be read "
                f"({type(error).__name__}): let us read it."
            ) from None

    def keys_to_seal(self) -> Keys:
        """Return the keys in the file, which is made where there is none."""
        if not self.path.exists():
            self._write([_new_key(), *self._left()])
        return self.keys()

    def renew(self) -> Keys:
        """Write a new key before those in the file."""
        self._write([_new_key(), *self.keys().texts, *self._left()])
        return self.keys()

    def retire(self) -> None:
        """Leave the first key alone in the file."""
        self._write(self.keys().texts[:1])

    def _write(self, texts: Iterable[str]) -> None:
        """Write the file as a whole, and so that it is there after a crash: what it encrypts is worth nothing else."""
        self._new.unlink(missing_ok=True)
        with open(self._new, "x", encoding="ascii", opener=for_owner) as stream:
            stream.write("".join(f"{text}\n" for text in texts))
            stream.flush()
            _give(stream.fileno(), self._database)
            os.fsync(stream.fileno())
        self._new.replace(self.path)
        _settle(self.path.parent)

    def _left(self) -> list[str]:
        """Return the keys that a crash left in the file that was to take the place of ours: a row may need one."""
        with suppress(OSError):
            known = self.path.read_text("ascii", "ignore").split() if self.path.exists() else []
            left = self._new.read_text("ascii", "ignore").split()
            return [text for text in left if len(text) >= KEY_LENGTH and text.isprintable() and text not in known]
        return []


def _give(file: int, database: str) -> None:
    """Let a new file be its database's owner's, where root makes it: the processors of that owner have to read it."""
    if os.name == "posix" and os.geteuid() == 0:
        with suppress(OSError):
            owner = Path(database).stat()
            os.fchown(file, owner.st_uid, owner.st_gid)


def _settle(folder: Path) -> None:
    """Let the new name of a file be on the disk before anything is encrypted with what the file holds."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class KeyInMemory:
    """The key of a database in memory: both are gone together."""

    def __init__(self) -> None:
        self._texts: tuple[str, ...] = ()

    def keys(self) -> Keys:
        """Return the keys there are."""
        return Keys(self._texts)

    def keys_to_seal(self) -> Keys:
        """Return the keys there are, made where none is."""
        self._texts = self._texts or (_new_key(),)
        return self.keys()

    def renew(self) -> Keys:
        """Put a new key before those there are."""
        self._texts = (_new_key(), *self._texts)
        return self.keys()

    def retire(self) -> None:
        """Forget every key but the first."""
        self._texts = self._texts[:1]


class NoKey:
    """A database on a server has no file beside it: its key has to be set, the same for each processor."""

    def keys(self) -> Keys:
        """Refuse: no key is set."""
        raise KeyMissing(
            "No key is set that encrypts the credentials of senders: set DRIPLINE_CREDENTIALS_KEY, or key in "
            "[credentials] of dripline.toml, to 32 random characters or more, the same for every processor."
        )

    def keys_to_seal(self) -> Keys:
        """Refuse: no key is set."""
        return self.keys()

    def renew(self) -> Keys:
        """Refuse: no key is set."""
        return self.keys()

    def retire(self) -> None:
        """Do nothing: there is none."""


def _new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
