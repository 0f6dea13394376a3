"""The settings: the only reader of the environment and of ``dripline.toml``.

A setting comes from the environment (``DRIPLINE_DB``, ``DRIPLINE_SMTP_HOST`` …), else from ``dripline.toml`` in the
current folder, else from its default.

A secret may be given as a reference to where it is: ``env:NAME``, ``file:PATH`` or ``keyring:SERVICE/USER``. It is read
when what needs it is made (`read_secret`), and no sentence of this file repeats one. A file that everybody can read
holds no secret: it is refused, be it named by a reference or ``dripline.toml`` itself.

The channel of a plug-in is given its own: ``DRIPLINE_CHANNELS_NAME_KEY``, or `key` in the table ``[channels.name]``.
They are texts that the plug-in checks itself.
"""

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Protocol, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)
from typing_extensions import override

from dripline.core.secret import names_a_secret, password_in, shown_key
from dripline.errors import InvalidSettings
from dripline.settings_mail import MailboxSettings, SmtpSettings

FILE = Path("dripline.toml")

SECRET_LIMIT = 65_536
"""How much of a file is looked at for its first line, in bytes."""

# ``file://…`` is an address, as a setting of a plug-in may be.
_REFERENCE = re.compile(r"(env|file|keyring):(?!//)(.*)", re.DOTALL)


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

    url: str = Field(repr=False, description="may hold a secret in its path")
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


def _by_name(given: object) -> object:
    """Put what the environment says into tables by name: ``ntfy_access_token`` is the ``access_token`` of ntfy.

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


class WebSettings(BaseModel):
    """Where this is reached from outside, and what other programs are told of events with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = Field(
        default=None, description="where people reach the dashboard, as in https://drip.example.com"
    )
    trusted_proxies: str = Field(default="", description="addresses or networks of proxies, divided by commas")
    secret: SecretStr | None = Field(default=None, description="what the secrets of subscriptions are made of")
    allow_private_targets: bool = False


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

    db: str = Field(default="dripline.db", repr=False, description="may hold a password")
    db_direct: SecretStr | None = Field(default=None, description="the same PostgreSQL past its pool, to listen to it")
    region: str = "MY"
    smtp: SmtpSettings | None = None
    webhook: WebhookSettings | None = None
    whatsapp: WhatsappSettings | None = None
    gowa: GowaSettings | None = None
    twilio: TwilioSettings | None = None
    telegram: TelegramSettings | None = None
    web: WebSettings | None = None
    # No dict, nor decoded: the library would take a text such as 123 for JSON.
    channels: Annotated[Mapping[str, Mapping[str, SecretStr]], NoDecode, BeforeValidator(_by_name)] = Field(
        default={}, description="what is given to the channels of plug-ins, by their names"
    )
    mailboxes: Annotated[Mapping[str, MailboxSettings], NoDecode, BeforeValidator(_by_name)] = Field(
        default={}, description="the accounts of mail senders, by the names that these give as their account"
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
            raise InvalidSettings(_invalid([str(part) for part in first["loc"]], first["msg"])) from None
        except SettingsError:
            raise InvalidSettings(
                "A group of settings in the environment cannot be read, such as DRIPLINE_SMTP: set each by its own "
                "name, such as DRIPLINE_SMTP_HOST."
            ) from None
        except tomllib.TOMLDecodeError as error:
            raise InvalidSettings(f'{FILE} is not TOML ({_place_in(error)}): write key = "text".') from None
        except (UnicodeDecodeError, OSError):
            raise InvalidSettings(f"{FILE} cannot be read: save it as plain UTF-8 text that you may read.") from None

    def secrets(self) -> Iterator[tuple[str, SecretStr]]:
        """Yield every secret that is set, as it is given, by the name of its setting."""
        groups = {name: getattr(self, name) for name in type(self).model_fields}
        for name, group in {**groups, **{f"mailboxes.{name}": one for name, one in self.mailboxes.items()}}.items():
            for key in type(group).model_fields if isinstance(group, BaseModel) else ():
                if isinstance(secret := getattr(group, key), SecretStr):
                    yield f"{name}.{key}", secret
        for name, given in self.channels.items():
            for key, setting in given.items():
                if names_a_secret(key) or _REFERENCE.fullmatch(setting.get_secret_value()):
                    yield f"channels.{name}.{key}", setting
        yield from self._databases()

    def _databases(self) -> Iterator[tuple[str, SecretStr]]:
        if password_in(self.db) is not None or _REFERENCE.fullmatch(self.db):
            yield "db", SecretStr(self.db)
        if self.db_direct is not None:
            yield "db_direct", self.db_direct

    def database(self) -> str:
        """Return the database's path or URL itself, which may be given as a reference.

        Raises:
            InvalidSettings: It is empty, or the reference leads nowhere, or to a file that everybody can read.
        """
        if not self.db.strip():
            raise InvalidSettings(f"DRIPLINE_DB, or db in {FILE}, is set but empty: name a database, or remove it.")
        return read_secret("db", SecretStr(self.db))

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
        written = TomlConfigSettingsSource(settings_cls)
        _refuse_open_secrets(written.toml_data)
        return env_settings, written


class _Keyring(Protocol):
    def get_password(self, service_name: str, username: str) -> str | None: ...


def read_secret(setting: str, given: SecretStr) -> str:
    """Return a secret itself: as it is given, or what its reference leads to. `setting` names it in errors.

    Raises:
        InvalidSettings: The reference leads nowhere, or to a file that everybody can read. The sentence holds neither
            the secret nor the reference, which could be a secret that was put there by mistake.
    """
    reference = _REFERENCE.fullmatch(given.get_secret_value().strip())
    if reference is None:
        return given.get_secret_value()
    who, where = f"The secret {setting} cannot be read", reference[2].strip()
    match reference[1]:
        case "env":
            return _from_environment(who, where)
        case "file":
            return _from_file(who, Path(where).expanduser() if where.startswith("~/") else Path(where))
        case _:
            return _from_keyring(who, where)


def _from_environment(who: str, name: str) -> str:
    secret = os.environ.get(name, "")
    if not secret:
        raise InvalidSettings(f"{who}: the variable that it names after env: is not set or empty, so set it.")
    return secret


def _from_file(who: str, path: Path) -> str:
    try:
        problem = None if path.is_file() else "there is no file of the name after file:, so write one there"
        if problem is None and _is_open(path):
            problem = (
                "everybody on this machine can read the file that it names: let its owner alone read it, with chmod "
                "600 and its name"
            )
        line = b"" if problem else _first_line(path)
    except OSError as error:
        raise InvalidSettings(
            f"{who}: the file that it names cannot be read ({error.strerror}), so let us read it."
        ) from None
    if problem is not None:
        raise InvalidSettings(f"{who}: {problem}.")
    try:
        secret = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise InvalidSettings(f"{who}: the file that it names is not text in UTF-8, so save it as that.") from None
    if not secret.strip():
        raise InvalidSettings(f"{who}: the first line of the file that it names is empty, so write it there.")
    return secret


def _first_line(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.readline(SECRET_LIMIT)


@cache
def _from_keyring(who: str, name: str) -> str:
    """Ask once: a keyring may want a person's word each time."""
    service, _, user = name.partition("/")
    if not service or not user:
        raise InvalidSettings(f"{who}: write keyring:SERVICE/USER, as it was put there with keyring set SERVICE USER.")
    try:
        keyring = cast("_Keyring", import_module("keyring"))
    except ImportError:
        raise InvalidSettings(
            f"{who}: it is in a keyring, and the library for those is not installed: pip install 'dripline[keyring]'."
        ) from None
    try:
        secret = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001  (each keyring has errors of its own, and their words are not ours)
        raise InvalidSettings(f"{who}: the keyring does not open ({type(error).__name__}), so unlock it.") from None
    if not secret:
        raise InvalidSettings(f"{who}: the keyring has none of that name, so put it there: keyring set SERVICE USER.")
    return secret


def _is_open(path: Path) -> bool:
    """Return whether everybody can read a file: it, and every folder above it, lets them."""
    if os.name != "posix":
        return False
    place = path.resolve()
    return bool(place.stat().st_mode & stat.S_IROTH) and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in place.parents
    )


def _refuse_open_secrets(written: Mapping[str, object]) -> None:
    """Refuse a secret in ``dripline.toml`` where everybody can read it. Plug-ins' are known by their names.

    Raises:
        InvalidSettings: Names the setting and what to do; never the secret.
    """
    for place, secret in _written_secrets(written):
        if secret and _REFERENCE.fullmatch(secret.strip()) is None and _is_open(FILE):
            raise InvalidSettings(
                f"{FILE} holds the secret {place}, and everybody on this machine can read it: chmod 600 {FILE}, or "
                "write where the secret is: env:NAME, file:PATH or keyring:SERVICE/USER."
            )


def _written_secrets(written: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    named = {
        f"{group}.{name}": table
        for group in ("channels", "mailboxes")
        for name, table in _table(written.get(group)).items()
    }
    for name, table in {**written, **named}.items():
        for key, value in _table(table).items():
            if isinstance(value, str) and (names_a_secret(key) or (name, key) == ("alerts", "urls")):
                yield f"{name}.{key}", value
    if isinstance(db := written.get("db"), str) and password_in(db) is not None:
        yield "db", db


def _table(written: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", written) if isinstance(written, dict) else {}


def _invalid(place: list[str], problem: str) -> str:
    unknown = next((part for part in place if "not shown" in shown_key(part)), None)
    if unknown is not None:
        place = [*place[: place.index(unknown)], "…"]
    return (
        f"The setting {'.'.join(place)} ({'_'.join(['DRIPLINE', *place]).upper()} or {FILE}) cannot be used: "
        f"{problem.lower()}."
    )


def _place_in(error: tomllib.TOMLDecodeError) -> str:
    """Return where a file goes wrong; what it says beside that may repeat what is written there."""
    found = re.search(r"at line \d+, column \d+", str(error))
    return found[0] if found else "at its end"
