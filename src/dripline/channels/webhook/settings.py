"""The settings of the endpoint that messages are posted to."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.contract import Channel


class WebhookSettings(BaseModel):
    """The endpoint that the channel ``webhook`` posts to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(repr=False, description="may hold a secret in its path")
    secret: SecretStr = Field(description="a Standard Webhooks secret, whsec_…")


def from_settings(webhook: WebhookSettings, surroundings: ChannelContext) -> Mapping[str, Channel]:
    """Return the channel of an endpoint.

    Raises:
        InvalidSettings: The URL or the secret cannot be used.
    """
    from dripline.channels.webhook.channel import WebhookChannel

    secret = surroundings.read_secret("webhook.secret", webhook.secret)
    return {"webhook": WebhookChannel(webhook.url, secret, now=surroundings.now)}


WEBHOOK = ChannelPackage(names=("webhook",), group="webhook", settings=WebhookSettings, from_settings=from_settings)
