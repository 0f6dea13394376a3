"""Credentials of senders: brought, replaced, checked, taken away, and encrypted with another key. None comes out."""

import asyncio
from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import replace
from datetime import timedelta

from dripline.app.credentials.connected import Connected, connectable, secret_names
from dripline.app.credentials.keys import Content, KeySource
from dripline.app.permissions import UseCases, requires
from dripline.channels.accounts import ChecksCredentials
from dripline.channels.by_sender import UnusableChannel, speaking_for
from dripline.channels.contract import Channel, Closable
from dripline.channels.registry import connectable_names
from dripline.core.accounts.access import PROGRAM, Scope
from dripline.core.secret import is_reference, kind_of_secret
from dripline.core.senders.credential import (
    ConnectableChannel,
    Credential,
    CredentialFact,
    FactCode,
    KeyRotation,
    SecretSource,
    SenderWebhook,
    fails,
    not_known,
)
from dripline.core.senders.health import Unsure
from dripline.core.senders.sender import Pace, Sender, SenderStatus
from dripline.engine.polling.questions import asked
from dripline.errors import InvalidCredential, KeyMissing, NoSuchSender
from dripline.store.senders.credentials import Revision, Sealed

HOOK_DIGITS = 24
"""How long the last part of a sender's own address is, in hexadecimal digits."""

REST_OF_A_REPLACED = timedelta(seconds=5)
"""How long a broken lane rests once its credential is replaced: a busy processor still has the old one."""


class Connecting(UseCases):
    """What a person does to the credentials of senders."""

    @requires(Scope.SENDERS_READ)
    def connectable_channels(self) -> list[ConnectableChannel]:
        """Return the channels whose senders may have credentials of their own, and what each asks for."""
        return [connectable(name).described(name) for name in connectable_names()]

    @requires(Scope.ADMIN, audited_as="connect_sender")
    def connect(
        self,
        name: str,
        channel: str,
        credential: Mapping[str, str],
        *,
        account: str | None = None,
        pool: str | None = None,
        pace: Pace | None = None,
    ) -> Credential:
        """Give a sender a credential of its own, or another one; a sender that is not there is made.

        `credential`: the fields of its channel (`connectable_channels`). A secret is given itself, and then encrypted
        in the database, or, by a program or the command line, as a reference, which is kept. All fields are given each
        time; only those that were made up for it stay. What is not given of `account`, `pool` and `pace` stays.

        Raises:
            InvalidCredential: A field cannot be used, or is missing; the sentence holds no secret.
            KeyMissing: There is no key to encrypt it with.
            InvalidSender: Its name or pool is taken, its channel would change, or it was archived.
        """
        connection = connectable(channel)
        sender = self._sender(name, channel, account, pool, pace)
        if connection.account is not None and connection.account.is_required and sender.account is None:
            raise InvalidCredential(
                f"A sender of {channel!r} needs its {connection.account.title}: give it as its account."
            )
        before = self._sealed(name)
        content = self._complete(channel, credential, before)
        hook = self._new_word()[:HOOK_DIGITS] if before is None else before.hook
        self._connected.made(channel, sender.account, content.fields, hook)
        self._stores.senders.apply(sender, self._session.now())
        self._keep(sender, content, hook)
        if self._standing_still(name):
            self._stores.senders.resume(name, self._session.now(), least=REST_OF_A_REPLACED)
        self._stores.store.when_committed(self._application.look_again)
        return self._shown(self._found(name))

    @requires(Scope.ADMIN, audited_as="disconnect_sender")
    def disconnect(self, name: str) -> bool:
        """Take a sender's own credential away, which is deleted; it then goes by the settings. False if it has none."""
        self._stores.store.when_committed(self._application.look_again)
        return self._stores.credentials.drop(name)

    @requires(Scope.SENDERS_READ)
    def credentials(self) -> list[Credential]:
        """Return the credentials of all senders that have one, without their secrets."""
        self._session.find_channels()
        revisions = self._stores.credentials.revisions()
        return [self._shown(one) for one in self._stores.credentials.of(revision.sender for revision in revisions)]

    @requires(Scope.SENDERS_READ)
    def credential(self, name: str) -> Credential:
        """Return a sender's own credential, without its secrets.

        Raises:
            InvalidCredential: It has none.
        """
        self._session.find_channels()
        return self._shown(self._found(name))

    @requires(Scope.ADMIN, audited_as="show_webhook")
    def webhook(self, name: str) -> SenderWebhook:
        """Return what a sender's provider is to be given: our address, and the secrets that we made up for it.

        A secret that a person brought does not come out. That somebody looked is kept in the log of changes.

        Raises:
            InvalidCredential: The sender has no credential of its own, or its provider posts nothing.
            KeyMissing: The key that encrypted it is not here.
        """
        sealed = self._found(name)
        channel = sealed.revision.channel
        described = connectable(channel).described(channel)
        if not described.has_webhook:
            raise InvalidCredential(f"Nothing is posted to a sender of {channel!r}: it needs no address.")
        content = self._source.keys().opened(name, channel, sealed.text)
        made_up = [one.name for one in described.fields if one.is_generated and one.name in content.made_up]
        return SenderWebhook(
            _path(sealed),
            url=self._connected.hook_url(channel, sealed.hook),
            secrets={one: content.fields[one] for one in made_up},
            called_at=sealed.called_at,
        )

    @requires(Scope.SENDERS_WRITE, is_long=True)
    async def check_credential(self, name: str) -> Listing[CredentialFact]:
        """Ask the provider what it thinks of the credential of a sender, thing by thing.

        Raises:
            InvalidSender: There is none of that name.
            ChannelNotConfigured: Its channel is not here.
        """
        channel, account, url = await asyncio.to_thread(self._to_check, name)
        try:
            return await _facts(channel, account, url)
        finally:
            await self._application.give_channels_back()

    @requires(Scope.ADMIN, is_long=True)
    async def try_credential(
        self, channel: str, credential: Mapping[str, str], *, account: str | None = None
    ) -> Listing[CredentialFact]:
        """Ask the provider what it thinks of a credential that nobody has yet, thing by thing; nothing is kept.

        Raises:
            InvalidCredential: A field cannot be used, or is missing; the sentence holds no secret.
        """
        made = await asyncio.to_thread(self._made, channel, account, credential)
        try:
            return await _facts(made, account, None)
        finally:
            if isinstance(made, Closable):
                await made.aclose()

    @requires(Scope.ADMIN, audited_as="rotate_credentials", is_long=True)
    def rotate_credentials(self) -> KeyRotation:
        """Encrypt the credentials of all senders with another key, one by one, while everything goes on.

        The key beside a SQLite database is replaced, and the old one forgotten at the end. Where the keys are set, it
        is the first of them, which a person has put before the others.

        Raises:
            KeyMissing: There is no key.
        """
        with self._stores.store.transaction():
            keys = self._source.renew()
        changed, unreadable = 0, list[str]()
        for stale in self._stores.credentials.sealed_with_others(keys.id):
            with self._stores.store.transaction():
                # Whoever made yet another key encrypts the rest with it, and may be about to forget ours.
                if self._source.keys().id != keys.id:
                    break
                sealed = next(iter(self._stores.credentials.of([stale.sender])), None)
                if sealed is None or sealed.key_id == keys.id:
                    continue
                channel = sealed.revision.channel
                try:
                    content = keys.opened(stale.sender, channel, sealed.text)
                except KeyMissing:
                    unreadable.append(stale.sender)
                    continue
                text = keys.seal(stale.sender, channel, content, self._session.now())
                changed += self._stores.credentials.reseal(replace(stale, text=sealed.text), text, keys.id)
        if not unreadable:
            self._retire(keys.id)
        return KeyRotation(keys.id, changed=changed, unreadable=tuple(unreadable))

    def _retire(self, key_id: str) -> None:
        """Forget the old keys, unless somebody encrypted something with one meanwhile, or made yet another one."""
        with self._stores.store.transaction():
            if self._source.keys().id == key_id and not self._stores.credentials.sealed_with_others(key_id):
                self._source.retire()

    @property
    def _connected(self) -> Connected:
        return self._application.connected

    @property
    def _source(self) -> KeySource:
        return self._connected.keys_of(self._session.database)

    def _sender(self, name: str, channel: str, account: str | None, pool: str | None, pace: Pace | None) -> Sender:
        """Return a sender with what is given, and otherwise as it is."""
        for text in filter(None, (name, account, pool)):
            if (kind := kind_of_secret(text)) is not None:
                raise InvalidCredential(f"This looks like {kind}, which is no name and no account: give it as a field.")
        state = next((one for one in self._stores.senders.all(self._session.now()) if one.sender.name == name), None)
        if state is None:
            return Sender(name, channel=channel, account=account, pool=pool, pace=pace or Pace())
        known = state.sender
        return replace(
            known, channel=channel, account=account or known.account, pool=pool or known.pool, pace=pace or known.pace
        )

    def _to_check(self, name: str) -> tuple[Channel | None, str | None, str | None]:
        """Return the channel that speaks for a sender, its account, and its own address where it has one."""
        sender = self._known(name)
        self._session.check_channel(f"The sender {name!r}", sender.channel)
        channel = speaking_for(self._session.channels[sender.channel], name)
        sealed = self._sealed(name)
        url = None if sealed is None else self._connected.hook_url(sender.channel, sealed.hook)
        return channel, sender.account, url

    def _made(self, channel: str, account: str | None, credential: Mapping[str, str]) -> Channel:
        return self._connected.made(channel, account, self._complete(channel, credential, None).fields, None)

    def _known(self, name: str) -> Sender:
        found = next((one for one in self._stores.senders.all(self._session.now()) if one.sender.name == name), None)
        if found is None or found.status is SenderStatus.ARCHIVED:
            raise NoSuchSender(f"There is no sender {name!r}: look at the list of senders.")
        return found.sender

    def _standing_still(self, name: str) -> bool:
        """Return whether a sender's lane may be broken for its old credential; whom a person paused stays paused."""
        states = self._stores.senders.all(self._session.now())
        return any(one.sender.name == name and one.status is SenderStatus.ACTIVE and one.is_broken for one in states)

    def _complete(self, channel: str, given: Mapping[str, str], before: Sealed | None) -> Content:
        """Return the fields of a credential with what is made up for it, after checking each."""
        connection = connectable(channel)
        self._refuse_misplaced(channel, given)
        connection.read(channel, given)
        old = self._opened_before(before)
        generated = {
            one.name: old.fields.get(one.name)
            for one in connection.described(channel).fields
            if one.is_generated and one.name not in given
        }
        made_up = frozenset(name for name, value in generated.items() if value is None or name in old.made_up)
        words = {name: value or self._new_word() for name, value in generated.items()}
        return Content({**words, **given}, made_up=made_up)

    def _refuse_misplaced(self, channel: str, given: Mapping[str, str]) -> None:
        """Refuse a secret in a field that is shown, and a reference from somebody who is not at this machine."""
        secrets = secret_names(channel)
        for name, value in given.items():
            if name in secrets and is_reference(value) and self._session.actor is not PROGRAM:
                raise InvalidCredential(
                    f"The field {name!r} is a reference, which only the command line may give: write the secret itself."
                )
            kind = None if name in secrets else kind_of_secret(value)
            if kind is not None:
                raise InvalidCredential(
                    f"The field {name!r} looks like {kind}, and is shown: write it where it belongs."
                )

    def _opened_before(self, before: Sealed | None) -> Content:
        """Return what the credential that is replaced holds; nothing where it cannot be read."""
        if before is None:
            return Content({})
        try:
            return self._source.keys().opened(before.revision.sender, before.revision.channel, before.text)
        except KeyMissing:
            return Content({})

    def _keep(self, sender: Sender, content: Content, hook: str) -> None:
        fields, now = content.fields, self._session.now()
        keys = self._source.keys_to_seal()
        secrets = secret_names(sender.channel)
        shown = {
            "plain": {name: value for name, value in fields.items() if name not in secrets},
            "secrets": {name: str(_source_of(value)) for name, value in fields.items() if name in secrets},
        }
        revision = Revision(sender.name, channel=sender.channel, account=sender.account, hook=hook, number=0)
        sealed = Sealed(
            revision,
            sender_id=0,
            text=keys.seal(sender.name, sender.channel, content, now),
            key_id=keys.id,
            shown=shown,
            set_at=now,
            set_by=self._session.actor.name,
            called_at=None,
        )
        self._stores.credentials.put(sender.name, sealed)

    def _new_word(self) -> str:
        """Return a secret, or the end of an address, that nobody guesses."""
        return f"{self._application.make_id():032x}{self._application.make_id():032x}"[:48]

    def _sealed(self, name: str) -> Sealed | None:
        return next(iter(self._stores.credentials.of([name])), None)

    def _found(self, name: str) -> Sealed:
        found = self._sealed(name)
        if found is None:
            raise InvalidCredential(f"The sender {name!r} has no credential of its own: it goes by the settings.")
        return found

    def _shown(self, sealed: Sealed) -> Credential:
        revision = sealed.revision
        standing = self._connected.standing.get(revision.sender)
        problem = standing.problem if standing is not None and standing.revision == revision else None
        return Credential(
            revision.sender,
            channel=revision.channel,
            account=revision.account,
            plain=sealed.shown["plain"],
            secrets={name: SecretSource(how) for name, how in sealed.shown["secrets"].items()},
            key_id=sealed.key_id,
            webhook=_path(sealed),
            set_at=sealed.set_at,
            set_by=sealed.set_by,
            called_at=sealed.called_at,
            problem=None if problem is None else problem.text,
        )


def _source_of(value: str) -> SecretSource:
    return SecretSource.REFERENCE if is_reference(value) else SecretSource.STORED


def _path(sealed: Sealed) -> str:
    return f"/hooks/{sealed.revision.channel}/{sealed.hook}"


async def _facts(channel: Channel | None, account: str | None, url: str | None) -> Listing[CredentialFact]:
    if isinstance(channel, UnusableChannel):
        return [fails(FactCode.LOGIN, channel.reason)]
    if not isinstance(channel, ChecksCredentials):
        return [not_known(FactCode.LOGIN, "its provider can be asked nothing: send a test message")]
    answer = await asked(channel.check_credential(account, url))
    return [not_known(FactCode.LOGIN, answer.reason)] if isinstance(answer, Unsure) else answer
