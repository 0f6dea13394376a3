"""The settings of an account at Twilio."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.contract import Channel


class TwilioSettings(BaseModel):
    """The account at Twilio that the channels ``sms`` and ``twilio_whatsapp`` send through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_sid: str
    auth_token: SecretStr
    sender: str | None = None
    whatsapp_sender: str | None = None
    webhook_url: str | None = Field(default=None, description="where our hooks are reached, as in https://host/hooks")
    base_url: str = "https://api.twilio.com"


def from_settings(twilio: TwilioSettings, surroundings: ChannelContext) -> Mapping[str, Channel]:
    """Return the two channels of an account, each with its own webhook.

    Raises:
        InvalidSettings: The account's id, the token, a sender or a URL cannot be used.
    """
    return {name: _channel(twilio, name, surroundings) for name in TWILIO.names}


def _channel(twilio: TwilioSettings, name: str, surroundings: ChannelContext) -> Channel:
    from dripline.channels.twilio.channel import TwilioChannel
    from dripline.channels.twilio.webhook import TwilioWebhook

    is_whatsapp = name == "twilio_whatsapp"
    token = surroundings.read_secret("twilio.auth_token", twilio.auth_token)
    hook = None if twilio.webhook_url is None else f"{twilio.webhook_url.strip().rstrip('/')}/{name}"
    return TwilioChannel(
        twilio.account_sid,
        token,
        sender=twilio.whatsapp_sender if is_whatsapp else twilio.sender,
        is_whatsapp=is_whatsapp,
        webhook=None if hook is None else TwilioWebhook(token, hook),
        status_callback=hook,
        base_url=twilio.base_url,
        now=surroundings.now,
    )


TWILIO = ChannelPackage(
    names=("sms", "twilio_whatsapp"), group="twilio", settings=TwilioSettings, from_settings=from_settings
)
