"""The settings of an account at Twilio, and what a sender brings whose number is of an account of its own."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.connection import Connection, Hint, Place
from dripline.channels.contract import Channel
from dripline.core.senders.credential import CredentialField


class TwilioAccess(BaseModel):
    """An account at Twilio, and how it is reached."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_sid: Annotated[str, Hint("Account SID", where="Twilio Console, Account info: AC and 32 signs")] = Field(
        description="the account at Twilio"
    )
    auth_token: Annotated[SecretStr, Hint("Auth token", where="Twilio Console, Account info, Auth token: Show")] = (
        Field(description="the login, and what proves that Twilio wrote what is posted to us")
    )
    base_url: Annotated[str, Hint("API address")] = Field(
        default="https://api.twilio.com", description="where the API is, if not at Twilio"
    )


class TwilioSettings(TwilioAccess):
    """The account at Twilio that the channels ``sms`` and ``twilio_whatsapp`` send through."""

    sender: str | None = None
    whatsapp_sender: str | None = None
    webhook_url: str | None = Field(default=None, description="where our hooks are reached, as in https://host/hooks")


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


def connected(twilio: TwilioAccess, place: Place) -> Channel:
    """Return the channel of one sender's number; what Twilio posts is taken in where our address is known.

    Raises:
        InvalidSettings: The account's id, the token, the number or a URL cannot be used.
    """
    from dripline.channels.twilio.channel import TwilioChannel
    from dripline.channels.twilio.webhook import TwilioWebhook

    token = place.read_secret("auth_token", twilio.auth_token)
    return TwilioChannel(
        twilio.account_sid,
        token,
        sender=place.account,
        is_whatsapp=place.channel == "twilio_whatsapp",
        webhook=None if place.hook is None else TwilioWebhook(token, place.hook),
        status_callback=place.hook,
        base_url=twilio.base_url,
        now=place.now,
    )


TWILIO = ChannelPackage(
    names=("sms", "twilio_whatsapp"),
    group="twilio",
    settings=TwilioSettings,
    from_settings=from_settings,
    connection=Connection(
        fields=TwilioAccess,
        make=connected,
        account=CredentialField(
            "account",
            title="Number",
            description="the number that sends, as in +14155552345; for SMS also a short code or a name",
            where="Twilio Console, Phone numbers, Active numbers",
            is_required=True,
        ),
    ),
)
