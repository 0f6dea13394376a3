"""The settings of a bot at Telegram, and what a sender brings that is a bot of its own."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.connection import Connection, Hint, Place
from dripline.channels.contract import Channel
from dripline.core.senders.credential import CredentialField


class TelegramSettings(BaseModel):
    """The bot that the channel ``telegram`` sends as."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[SecretStr, Hint("Bot token", where="Telegram, BotFather, /mybots, your bot, API Token")] = Field(
        description="what BotFather gave"
    )
    bot: Annotated[str | None, Hint("Bot's user name", where="Telegram, BotFather, /mybots")] = Field(
        default=None, description="the bot's username, for start links"
    )
    webhook_secret: Annotated[
        SecretStr | None,
        Hint("Webhook secret", where="Made for you: give it to setWebhook as secret_token", is_generated=True),
    ] = Field(default=None, description="it proves that Telegram wrote what is posted to us")
    base_url: Annotated[str, Hint("API address")] = Field(
        default="https://api.telegram.org", description="where the API is, if not at Telegram"
    )


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


def connected(telegram: TelegramSettings, place: Place) -> Channel:
    """Return the channel of one sender's bot.

    Raises:
        InvalidSettings: The URL, the token, the secret or the bot's name cannot be used.
    """
    from dripline.channels.telegram.channel import TelegramChannel

    return TelegramChannel(
        place.read_secret("token", telegram.token),
        bot=telegram.bot,
        webhook_secret=place.secret("webhook_secret", telegram.webhook_secret),
        base_url=telegram.base_url,
        is_one_of_several=True,
    )


TELEGRAM = ChannelPackage(
    names=("telegram",),
    group="telegram",
    settings=TelegramSettings,
    from_settings=from_settings,
    connection=Connection(
        fields=TelegramSettings,
        make=connected,
        account=CredentialField(
            "account", title="Bot ID", description="the bot's id", where="the digits before the colon of its token"
        ),
    ),
)
