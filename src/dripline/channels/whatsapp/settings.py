"""The settings of WhatsApp through Meta, and what a sender brings that has a credential of its own."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.connection import Connection, Hint, Place
from dripline.channels.contract import Channel
from dripline.core.senders.credential import CredentialField


class WhatsappAccess(BaseModel):
    """An app at Meta, and how it is reached."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[
        SecretStr,
        Hint("Access token", where="Meta Business settings, Users, System users, Generate token: never expires"),
    ] = Field(description="a system user's access token")
    app_secret: Annotated[
        SecretStr | None, Hint("App secret", where="Meta for Developers, your app, App settings, Basic, App secret")
    ] = Field(default=None, description="it proves that Meta wrote what is posted to us")
    verify_token: Annotated[
        SecretStr | None,
        Hint(
            "Verify token",
            where="Made for you: copy it to your app's WhatsApp, Configuration, Webhook",
            is_generated=True,
        ),
    ] = Field(default=None, description="a word of your own, given to Meta with the webhook's address")
    base_url: Annotated[str, Hint("API address")] = Field(
        default="https://graph.facebook.com", description="where the API is, if not at Meta"
    )
    version: Annotated[str, Hint("API version")] = Field(default="v23.0", description="the version of the API")


class WhatsappSettings(WhatsappAccess):
    """The account at Meta that the channel ``whatsapp`` sends through."""

    phone_number_id: str | None = None


class WhatsappCredential(WhatsappAccess):
    """What a sender brings whose number is of an app of its own."""

    business_account_id: Annotated[
        str | None,
        Hint(
            "WhatsApp Business account ID", where="WhatsApp Manager, Account tools, or your app's WhatsApp, API setup"
        ),
    ] = Field(default=None, description="with it the check says whether the app is subscribed to its webhook")


def from_settings(whatsapp: WhatsappSettings, surroundings: ChannelContext) -> Mapping[str, Channel]:
    """Return the channel of an account at Meta; what is posted is taken in where both its secrets are set.

    Raises:
        InvalidSettings: The URL, the version, the id or a secret cannot be used.
    """
    from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
    from dripline.channels.whatsapp.webhook import CloudWebhook

    app_secret = surroundings.secret("whatsapp.app_secret", whatsapp.app_secret)
    verify_token = surroundings.secret("whatsapp.verify_token", whatsapp.verify_token)
    channel = WhatsAppCloudChannel(
        surroundings.read_secret("whatsapp.token", whatsapp.token),
        phone_number_id=whatsapp.phone_number_id,
        webhook=CloudWebhook(app_secret, verify_token) if app_secret and verify_token else None,
        base_url=whatsapp.base_url,
        version=whatsapp.version,
        now=surroundings.now,
    )
    return {"whatsapp": channel}


def connected(whatsapp: WhatsappCredential, place: Place) -> Channel:
    """Return the channel of one sender's number.

    Raises:
        InvalidSettings: The URL, the version, the id or a secret cannot be used.
    """
    from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
    from dripline.channels.whatsapp.webhook import CloudWebhook

    app_secret = place.secret("app_secret", whatsapp.app_secret)
    verify_token = place.secret("verify_token", whatsapp.verify_token)
    return WhatsAppCloudChannel(
        place.read_secret("token", whatsapp.token),
        phone_number_id=place.account,
        business_account_id=whatsapp.business_account_id,
        webhook=CloudWebhook(app_secret, verify_token) if app_secret and verify_token else None,
        base_url=whatsapp.base_url,
        version=whatsapp.version,
        now=place.now,
    )


WHATSAPP = ChannelPackage(
    names=("whatsapp",),
    group="whatsapp",
    settings=WhatsappSettings,
    from_settings=from_settings,
    connection=Connection(
        fields=WhatsappCredential,
        make=connected,
        account=CredentialField(
            "account",
            title="Phone number ID",
            description="the id of the phone number at Meta, not the number itself",
            where="your app's WhatsApp, API setup, From",
            is_required=True,
        ),
    ),
)
