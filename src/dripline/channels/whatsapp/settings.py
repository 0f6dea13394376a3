"""The settings of WhatsApp through Meta."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.contract import Channel


class WhatsappSettings(BaseModel):
    """The account at Meta that the channel ``whatsapp`` sends through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr = Field(description="a system user's access token")
    phone_number_id: str | None = None
    app_secret: SecretStr | None = None
    verify_token: SecretStr | None = None
    base_url: str = "https://graph.facebook.com"
    version: str = "v23.0"


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


WHATSAPP = ChannelPackage(names=("whatsapp",), group="whatsapp", settings=WhatsappSettings, from_settings=from_settings)
