"""The settings of the endpoint that messages are posted to."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.connection import Connection, Hint, Place
from dripline.channels.contract import Channel


class WebhookSettings(BaseModel):
    """The endpoint that the channel ``webhook`` posts to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[str, Hint("Endpoint")] = Field(repr=False, description="may hold a secret in its path")
    secret: Annotated[SecretStr, Hint("Signing secret")] = Field(description="a Standard Webhooks secret, whsec_…")


class WebhookCredential(BaseModel):
    """What a sender brings whose messages are posted to an endpoint of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[SecretStr, Hint("Endpoint", where="where your program takes messages")] = Field(
        description="your endpoint; may hold a secret in its path"
    )
    secret: Annotated[SecretStr, Hint("Signing secret", where="a Standard Webhooks secret of your own")] = Field(
        description="a Standard Webhooks secret, whsec_…"
    )


def from_settings(webhook: WebhookSettings, surroundings: ChannelContext) -> Mapping[str, Channel]:
    """Return the channel of an endpoint.

    Raises:
        InvalidSettings: The URL or the secret cannot be used.
    """
    from dripline.channels.webhook.channel import WebhookChannel

    secret = surroundings.read_secret("webhook.secret", webhook.secret)
    return {"webhook": WebhookChannel(webhook.url, secret, now=surroundings.now)}


def connected(webhook: WebhookCredential, place: Place) -> Channel:
    """Return the channel of one sender's endpoint.

    Raises:
        InvalidSettings: The URL or the secret cannot be used.
    """
    from dripline.channels.webhook.channel import WebhookChannel

    secret = place.read_secret("secret", webhook.secret)
    return WebhookChannel(place.read_secret("url", webhook.url), secret, now=place.now)


WEBHOOK = ChannelPackage(
    names=("webhook",),
    group="webhook",
    settings=WebhookSettings,
    from_settings=from_settings,
    connection=Connection(fields=WebhookCredential, make=connected, has_webhook=False),
)
