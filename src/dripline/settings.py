"""The settings: the only reader of the environment and of ``dripline.toml``.

A setting comes from the environment (``DRIPLINE_DB``, ``DRIPLINE_SMTP_HOST`` …), else from ``dripline.toml`` in the
current folder, else from its default. Secrets belong in the environment.

The channel of a plug-in is given its own: ``DRIPLINE_CHANNELS_NAME_KEY``, or `key` in the table ``[channels.name]``.
They are texts that the plug-in checks itself.
"""

from collections.abc import Mapping
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated, Literal, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from typing_extensions import override

from dripline.errors import InvalidSettings

FILE = Path("dripline.toml")


class SmtpSettings(BaseModel):
    """The mail server that the channel ``smtp`` sends through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int = Field(default=587, ge=1, le=65_535)
    sender: str = Field(description="the From address")
    username: str | None = None
    password: SecretStr | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    unsubscribe_url: str | None = Field(default=None, description="where the world reaches dripline serve")
    unsubscribe_secret: SecretStr | None = None


class WhatsappSettings(BaseModel):
    """The account at Meta that the channel ``whatsapp`` sends through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr = Field(description="a system user's access token")
    phone_number_id: str | None = None
    app_secret: SecretStr | None = None
    verify_token: SecretStr | None = None
    base_url: str = "https://graph.facebook.com"
    version: str = "v23.0"


class GowaSettings(BaseModel):
    """The GOWA gateway that the channel ``gowa`` sends through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    username: str
    password: SecretStr
    webhook_secret: SecretStr | None = None


class WebhookSettings(BaseModel):
    """The endpoint that the channel ``webhook`` posts to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    secret: SecretStr = Field(description="a Standard Webhooks secret, whsec_…")


class TwilioSettings(BaseModel):
    """The account at Twilio that the channels ``sms`` and ``twilio_whatsapp`` send through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_sid: str
    auth_token: SecretStr
    sender: str | None = None
    whatsapp_sender: str | None = None
    webhook_url: str | None = Field(default=None, description="where our hooks are reached, as in https://host/hooks")
    base_url: str = "https://api.twilio.com"


class TelegramSettings(BaseModel):
    """The bot that the channel ``telegram`` sends as."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr = Field(description="what BotFather gave")
    bot: str | None = Field(default=None, description="the bot's username, for start links")
    webhook_secret: SecretStr | None = None
    base_url: str = "https://api.telegram.org"


def _by_channel(given: object) -> object:
    """Put what the environment says into the channels' tables: ``ntfy_access_token`` is the ``access_token`` of ntfy.

    What is neither is left as it is, to be refused.
    """
    if not isinstance(given, dict):
        return given
    tables, said = dict[str, object](), dict[tuple[str, str], object]()
    for name, value in cast("dict[str, object]", given).items():
        channel, _, key = name.partition("_")
        if key and not isinstance(value, dict):
            said[channel, key] = value
        else:
            tables[name] = value
    for (channel, key), value in said.items():
        table = tables.get(channel, {})
        tables[channel] = {**cast("dict[str, object]", table), key: value} if isinstance(table, dict) else table
    return tables


class AlertsSettings(BaseModel):
    """Whom `run` and `worker` tell what waits for a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: SecretStr = Field(description="apprise URLs, divided by blank space; they hold secrets")


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="DRIPLINE_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        toml_file=FILE,
        frozen=True,
        extra="forbid",
    )

    db: str = "dripline.db"
    region: str = "MY"
    smtp: SmtpSettings | None = None
    webhook: WebhookSettings | None = None
    whatsapp: WhatsappSettings | None = None
    gowa: GowaSettings | None = None
    twilio: TwilioSettings | None = None
    telegram: TelegramSettings | None = None
    # No dict, nor decoded: the library would take a text such as 123 for JSON.
    channels: Annotated[Mapping[str, Mapping[str, SecretStr]], NoDecode, BeforeValidator(_by_channel)] = Field(
        default={}, description="what is given to the channels of plug-ins, by their names"
    )
    alerts: AlertsSettings | None = None

    @classmethod
    def load(cls) -> Self:
        """Read the settings.

        Raises:
            InvalidSettings: Names the setting and what is wrong with it; never its value.
        """
        try:
            return cls()
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = [str(part) for part in first["loc"]]
            raise InvalidSettings(
                f"The setting {'.'.join(place)} ({'_'.join(['DRIPLINE', *place]).upper()} or dripline.toml) "
                f"cannot be used: {first['msg'].lower()}."
            ) from None
        except TOMLDecodeError as error:
            raise InvalidSettings(f"{FILE} cannot be read: {error}.") from error

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then the file."""
        del init_settings, dotenv_settings, file_secret_settings
        return env_settings, TomlConfigSettingsSource(settings_cls)
