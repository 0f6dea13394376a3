"""The settings of a GOWA gateway."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.contract import Channel


class GowaSettings(BaseModel):
    """The GOWA gateway that the channel ``gowa`` sends through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    username: str
    password: SecretStr
    webhook_secret: SecretStr | None = None


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


GOWA = ChannelPackage(names=("gowa",), group="gowa", settings=GowaSettings, from_settings=from_settings)
