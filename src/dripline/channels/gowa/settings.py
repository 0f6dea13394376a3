"""The settings of a GOWA gateway, and what a sender brings whose device is at a gateway of its own."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.connection import Connection, Hint, Place
from dripline.channels.contract import Channel
from dripline.core.senders.credential import CredentialField


class GowaSettings(BaseModel):
    """The GOWA gateway that the channel ``gowa`` sends through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: Annotated[
        str, Hint("Gateway address", where="where the gateway listens, as in http://127.0.0.1:3000")
    ] = Field(description="where the gateway is")
    username: Annotated[str, Hint("User name", where="the gateway's APP_BASIC_AUTH, before the colon")] = Field(
        description="the gateway's own login (its basic auth)"
    )
    password: Annotated[SecretStr, Hint("Password", where="the gateway's APP_BASIC_AUTH, behind the colon")] = Field(
        description="its password"
    )
    webhook_secret: Annotated[
        SecretStr | None,
        Hint(
            "Webhook secret",
            where="Made for you: copy it to the gateway's WHATSAPP_WEBHOOK_SECRET, or to the device's webhook_secret",
            is_generated=True,
        ),
    ] = Field(default=None, description="it proves that the gateway wrote what is posted to us")


def from_settings(gowa: GowaSettings, surroundings: ChannelContext) -> Mapping[str, Channel]:
    """Return the channel of a gateway.

    Raises:
        InvalidSettings: The URL, the login or the secret cannot be used.
    """
    from dripline.channels.gowa.channel import GowaChannel

    channel = GowaChannel(
        gowa.base_url,
        username=gowa.username,
        password=surroundings.read_secret("gowa.password", gowa.password),
        webhook_secret=surroundings.secret("gowa.webhook_secret", gowa.webhook_secret),
        now=surroundings.now,
    )
    return {"gowa": channel}


def connected(gowa: GowaSettings, place: Place) -> Channel:
    """Return the channel of one sender's gateway.

    Raises:
        InvalidSettings: The URL, the login or the secret cannot be used.
    """
    from dripline.channels.gowa.channel import GowaChannel

    return GowaChannel(
        gowa.base_url,
        username=gowa.username,
        password=place.read_secret("password", gowa.password),
        webhook_secret=place.secret("webhook_secret", gowa.webhook_secret),
        now=place.now,
    )


GOWA = ChannelPackage(
    names=("gowa",),
    group="gowa",
    settings=GowaSettings,
    from_settings=from_settings,
    connection=Connection(
        fields=GowaSettings,
        make=connected,
        account=CredentialField(
            "account",
            title="Device ID",
            description="the device's id at the gateway: a name of your own, which is made there when you pair it",
            where="choose one, such as jb-1",
            is_required=True,
        ),
    ),
)
