"""Sources of leads: who may hand leads in by posts of their own, and by what each proves itself."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from dripline.app.permissions import UseCases, public, requires
from dripline.core.accounts.access import Scope
from dripline.core.leads.source import (
    SIGNED_FOR,
    LeadSource,
    NewSource,
    checked_attributes,
    checked_return_url,
    checked_source_name,
    checked_source_triggers,
)
from dripline.errors import NoSuchSource

SOURCE_IDS = 2**52
"""Sources have random ids below this: their secrets are made of them."""


class Sources(UseCases):
    """The sources of leads, which are known by their names."""

    @requires(Scope.ADMIN, audited_as="create_source")
    def create(
        self,
        name: str,
        *,
        triggers: Iterable[str] = (),
        names_triggers: bool = False,
        keeps: Iterable[str] = (),
        return_url: str | None = None,
    ) -> NewSource:
        """Let somebody hand leads in; what it proves itself by is returned this once.

        Each of its leads gains `triggers`, and others that it names only if `names_triggers`. `keeps`: the attributes
        that are kept of what it posts. `return_url`: where a browser goes after a form.

        Raises:
            InvalidSource: It cannot be one, there is one of that name, or there are as many as there may be.
            InvalidTrigger: A trigger cannot be one.
            InvalidLead: An attribute cannot be named so.
        """
        key = f"{self._application.make_id():032x}{self._application.make_id():032x}"
        made = self._stores.lead_sources.add(
            LeadSource(
                1 + self._application.make_id() % (SOURCE_IDS - 1),
                name=checked_source_name(name),
                triggers=checked_source_triggers(triggers),
                names_triggers=names_triggers,
                attributes=checked_attributes(keeps),
                return_url=checked_return_url(return_url),
                created_at=self._session.now(),
                used_at=None,
                taken=0,
            ),
            _hash(key),
        )
        return NewSource(made, key=key, secret=self._secret_of_source(made))

    @requires(Scope.ADMIN)
    def all(self) -> list[LeadSource]:
        """Return every source of leads, by name, without what it proves itself by."""
        return self._stores.lead_sources.all()

    @requires(Scope.ADMIN, audited_as="drop_source")
    def drop(self, name: str) -> bool:
        """Take nothing more from a source, for good; its leads stay. False if there is none of that name."""
        return self._stores.lead_sources.drop(name)

    @requires(Scope.LEADS_WRITE)
    def get(self, name: str) -> LeadSource:
        """Return a source for whoever may add leads themselves, and hands one in as it does; the source counts it.

        Raises:
            NoSuchSource: There is none of that name.
        """
        found = self._stores.lead_sources.find(name)
        if found is None:
            raise NoSuchSource("There is no source of leads of that name: look in the settings.")
        self._stores.lead_sources.count(found[0].id, self._session.now())
        return found[0]

    @public
    def of_post(self, name: str, *, key: str, headers: Mapping[str, str], body: bytes) -> LeadSource | None:
        """Return who posted: the source of that name, if the post brings its key or is signed with its secret.

        None if it does not; that is counted with the refused posts, and nothing else is kept of it. The source counts
        what it posts.
        """
        found = self._stores.lead_sources.find(name)
        if found is not None and (_is_key(key, found[1]) or self._is_signed(found[0], headers, body)):
            self._stores.lead_sources.count(found[0].id, self._session.now())
            return found[0]
        self._stores.inbox.refuse("intake" if found is None else f"intake {found[0].name}", self._session.now())
        return None

    def _secret_of_source(self, source: LeadSource) -> str | None:
        return None if self._application.posting is None else self._application.posting.secret_of_source(source.id)

    def _is_signed(self, source: LeadSource, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether a post is signed after Standard Webhooks, lately, by this object's clock."""
        secret, at = self._secret_of_source(source), _instant(headers.get("webhook-timestamp", ""))
        if secret is None or at is None or abs(self._session.now() - at) > SIGNED_FOR:
            return False
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return False
        signed = Webhook(secret).sign(headers.get("webhook-id", ""), at, text)
        given = headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(one.encode(), signed.encode()) for one in given)


def _instant(seconds: str) -> datetime | None:
    is_number = seconds.isascii() and seconds.isdecimal() and len(seconds) <= len("9999999999")
    return datetime.fromtimestamp(int(seconds), UTC) if is_number else None


def _is_key(key: str, hashed: str) -> bool:
    return hmac.compare_digest(_hash(key), hashed)


def _hash(key: str) -> str:
    """Return what is stored of a key that was drawn by chance."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
