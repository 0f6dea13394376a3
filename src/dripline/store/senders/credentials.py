"""The credentials of senders on one database, which come here encrypted and are never opened here."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.database.transactions import keys
from dripline.store.senders.account_checks import Account

CALLED_EVERY = timedelta(minutes=1)
"""How often it is noted at most that a provider posts to a sender's address."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Which credential a sender has: whoever knows this one knows what is made of it.

    `number` counts how often it was replaced. `hook` ends the address that its provider posts to, and is another one
    after it was taken away, when the number begins again.
    """

    sender: str
    channel: str = field(kw_only=True)
    account: str | None = field(kw_only=True)
    hook: str = field(kw_only=True)
    number: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A credential as it is kept: `text` is encrypted with the key that `key_id` names."""

    revision: Revision
    sender_id: int = field(kw_only=True)
    text: str = field(kw_only=True, repr=False)
    key_id: str = field(kw_only=True)
    shown: dict[str, dict[str, str]] = field(kw_only=True, hash=False)
    set_at: datetime = field(kw_only=True)
    set_by: str = field(kw_only=True)
    called_at: datetime | None = field(kw_only=True)

    @property
    def hook(self) -> str:
        """What ends the address that its provider posts to."""
        return self.revision.hook


@dataclass(frozen=True, slots=True)
class Stale:
    """A credential that another key than the present one encrypts."""

    sender_id: int
    sender: str = field(kw_only=True)
    text: str = field(kw_only=True, repr=False)
    key_id: str = field(kw_only=True)


class Credentials:
    """Keeps and returns encrypted credentials. What changes one is called inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def revisions(self) -> list[Revision]:
        """Return which senders have a credential."""
        return [_revision(row) for row in self._database.run("credential_revisions")]

    def of(self, senders: Iterable[str]) -> list[Sealed]:
        """Return the credentials of senders, of those that have one."""
        return [_sealed(row) for row in self._database.run("credentials_of", names=keys(senders))]

    def accounts(self, senders: Iterable[str]) -> list[Account]:
        """Return the accounts of senders that have a credential."""
        return [
            Account(row["id"], sender=row["name"], channel=row["channel"], account=row["account"] or "")
            for row in self._database.run("credentials_of", names=keys(senders))
        ]

    def put(self, sender: str, sealed: Sealed) -> None:
        """Keep the credential of a sender; one that has one keeps its address. Its mailbox is read as a new one."""
        self._database.change("forget_own_mailbox", name=sender)
        self._database.change(
            "put_credential",
            name=sender,
            sealed=sealed.text,
            key_id=sealed.key_id,
            shown=json.dumps(sealed.shown, ensure_ascii=False),
            hook=sealed.hook,
            now=sealed.set_at,
            set_by=sealed.set_by,
        )

    def drop(self, sender: str) -> bool:
        """Delete the credential of a sender; False if it has none."""
        self._database.change("forget_own_mailbox", name=sender)
        return bool(self._database.change("drop_credential", name=sender))

    def reseal(self, stale: Stale, text: str, key_id: str) -> bool:
        """Keep a credential as another key encrypts it; False if it was changed meanwhile."""
        changed = self._database.change(
            "reseal_credential", sender_id=stale.sender_id, sealed=text, key_id=key_id, before=stale.text
        )
        return bool(changed)

    def sealed_with_others(self, key_id: str) -> list[Stale]:
        """Return the credentials that another key encrypts than the one that is named."""
        rows = self._database.run("sealed_with_others", key_id=key_id)
        return [Stale(row["id"], sender=row["name"], text=row["sealed"], key_id=row["key_id"]) for row in rows]

    def note_called(self, hook: str, now: datetime) -> None:
        """Note that a provider posted to an address."""
        self._database.change("note_called", hook=hook, now=now, before=now - CALLED_EVERY)


def _revision(row: Row) -> Revision:
    return Revision(
        row["name"], channel=row["channel"], account=row["account"], hook=row["hook"], number=row["revision"]
    )


def _sealed(row: Row) -> Sealed:
    return Sealed(
        _revision(row),
        sender_id=row["id"],
        text=row["sealed"],
        key_id=row["key_id"],
        shown=json.loads(row["shown"]),
        set_at=instant(row["set_at"]),
        set_by=row["set_by"],
        called_at=instant_or_none(row["called_at"]),
    )
