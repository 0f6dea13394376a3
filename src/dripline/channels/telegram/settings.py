"""The settings of a bot at Telegram."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.contract import Channel


class TelegramSettings(BaseModel):
    """The bot that the channel ``telegram`` sends as."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr = Field(description="what BotFather gave")
    bot: str | None = Field(default=None, description="the bot's username, for start links")
    webhook_secret: SecretStr | None = None
    base_url: str = "https://api.telegram.org"


def from_settings(telegram: TelegramSettings, surroundings: ChannelContext) -> Mapping[str, Channel]:
    """Return the channel of a bot.

    Raises:
        InvalidSettings: The URL, the token, the secret or the bot's name cannot be used.
    """
    from dripline.channels.telegram.channel import TelegramChannel

    channel = TelegramChannel(
        surroundings.read_secret("telegram.token", telegram.token),
        bot=telegram.bot,
        webhook_secret=surroundings.secret("telegram.webhook_secret", telegram.webhook_secret),
        base_url=telegram.base_url,
    )
    return {"telegram": channel}


TELEGRAM = ChannelPackage(names=("telegram",), group="telegram", settings=TelegramSettings, from_settings=from_settings)
