"""Events: who is told what happens, and how far that is."""

from collections.abc import Iterable

from dripline.app.permissions import UseCases, requires
from dripline.core.accounts.access import Scope
from dripline.core.events.event import DeliveryState, EventDelivery, EventSubscription, Subscribed, checked_types
from dripline.core.events.posting import EventSigning
from dripline.errors import InvalidSettings, InvalidSubscription

DELIVERIES_LIMIT = 1_000
"""The most deliveries that are listed at once."""


SUBSCRIPTION_IDS = 2**52
"""Subscriptions have random ids below this: secrets and `webhook-id`s are made of them. Programs read them exactly."""


class Events(UseCases):
    """Subscriptions, each named by its `id`, and events, each named by that of its delivery."""

    @requires(Scope.ADMIN, audited_as="subscribe")
    def subscribe(self, url: str, types: Iterable[str], *, with_text: bool = False) -> Subscribed:
        """Have a program told of events of some types from now on; the secret that signs them is returned this once.

        `with_text`: it is also told what people write (`message.received`), and not only that they did. Other processes
        on this database tell of them from five seconds on, at the latest.

        Raises:
            InvalidSubscription: The URL or a type cannot be used, or there are as many subscriptions as there may be.
            InvalidSettings: There is no secret to sign with.
        """
        posting = self._signing()
        wanted = checked_types(tuple(types))
        target = _checked_target(url, allow_private=posting.allow_private_targets)
        subscription_id = 1 + self._application.make_id() % (SUBSCRIPTION_IDS - 1)
        made = self._stores.subscriptions.add(subscription_id, target, wanted, self._session.now(), with_text=with_text)
        return Subscribed(made, secret=posting.secret_of(made.id, 1))

    @requires(Scope.ADMIN)
    def can_sign(self) -> bool:
        """Return whether this process has a secret to sign events with: without one nobody can subscribe."""
        return self._application.posting is not None

    @requires(Scope.ADMIN)
    def subscriptions(self) -> list[EventSubscription]:
        """Return every subscription, the oldest first."""
        return self._stores.subscriptions.all()

    @requires(Scope.ADMIN, audited_as="change_subscription")
    def change(
        self,
        subscription_id: int,
        *,
        url: str | None = None,
        types: Iterable[str] | None = None,
        paused: bool | None = None,
        with_text: bool | None = None,
    ) -> EventSubscription:
        """Change where a subscription is told what happens, of what, whether, or whether with what people write.

        What happens while it is paused is never told; what waited goes on waiting, for three days in all. One that was
        disabled goes on with `paused=False`.

        Raises:
            NoSuchSubscription: There is none of that id.
            InvalidSubscription: The URL or a type cannot be used.
            InvalidSettings: There is no secret to sign with.
        """
        allow_private = self._signing().allow_private_targets
        return self._stores.subscriptions.change(
            subscription_id,
            url=None if url is None else _checked_target(url, allow_private=allow_private),
            types=() if types is None else checked_types(tuple(types)),
            is_paused=paused,
            with_text=with_text,
        )

    @requires(Scope.ADMIN, audited_as="rotate_subscription")
    def rotate(self, subscription_id: int) -> Subscribed:
        """Give a subscription a new secret, which is returned this once. The old one signs beside it for another day.

        Raises:
            NoSuchSubscription: There is none of that id.
            InvalidSettings: There is no secret to sign with.
        """
        posting = self._signing()
        rotated, generation = self._stores.subscriptions.rotate(subscription_id, self._session.now())
        return Subscribed(rotated, secret=posting.secret_of(rotated.id, generation))

    @requires(Scope.ADMIN, audited_as="end_subscription")
    def end(self, subscription_id: int) -> bool:
        """Tell a subscription nothing more, for good. False if there is none of that id."""
        return self._stores.subscriptions.end(subscription_id)

    @requires(Scope.ADMIN, audited_as="test_subscription", is_long=True)
    async def send_ping(self, subscription_id: int) -> EventDelivery:
        """Post a `ping` to a subscription at once, be it paused or not, and return what became of it.

        Raises:
            NoSuchSubscription: There is none of that id.
            InvalidSettings: There is no secret to sign with.
        """
        from dripline.app.event_posts import SignedPosts
        from dripline.engine.webhooks.dispatcher import EventDispatcher

        clock, posting = self._session.clock, self._signing()
        dispatcher = EventDispatcher(self._stores.deliveries, SignedPosts(posting, clock), clock)
        return await dispatcher.ping(self._stores.subscriptions.receiver(subscription_id, self._session.now()))

    @requires(Scope.ADMIN)
    def deliveries(
        self,
        subscription_id: int | None = None,
        *,
        state: str | None = None,
        after: int | None = None,
        most: int = 100,
    ) -> list[EventDelivery]:
        """Return events on their way and those of the last 30 days, the latest first, from behind the id `after`.

        Raises:
            InvalidSubscription: There is no such state.
        """
        if state is not None and state not in set(DeliveryState):
            raise InvalidSubscription(f"There is no such state of a delivery: write {', '.join(DeliveryState)}.")
        wanted = None if state is None else DeliveryState(state)
        return self._stores.deliveries.listed(subscription_id, wanted, after, max(0, min(most, DELIVERIES_LIMIT)))

    @requires(Scope.ADMIN, audited_as="redeliver")
    def redeliver(self, delivery_id: int) -> bool:
        """Have an event told again, under the id that it had. False if it waits to be told, or is not there."""
        return self._stores.deliveries.again(delivery_id, self._session.now())

    def _signing(self) -> EventSigning:
        if self._application.posting is None:
            raise InvalidSettings(
                "There is no secret to sign events with: set DRIPLINE_WEB_SECRET, or web.secret in dripline.toml, to "
                "at least 32 characters at random."
            )
        return self._application.posting


def _checked_target(url: str, *, allow_private: bool) -> str:
    from dripline.channels.http.guarded import checked

    return checked(url, allow_private=allow_private)
