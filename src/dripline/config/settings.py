"""The settings: the only reader of the environment and of ``dripline.toml``.

A setting comes from the environment (``DRIPLINE_DB``, ``DRIPLINE_SMTP_HOST`` …), else from ``dripline.toml`` in the
current folder, else from its default.

A secret may be given as a reference (`config.secret_references`). It is read when what needs it is made, and no
sentence of this file repeats one. A ``dripline.toml`` that everybody can read holds no secret: it is refused.

Each channel of dripline's own brings its settings (`channels.registry`).

The channel of a plug-in is given its own: ``DRIPLINE_CHANNELS_NAME_KEY``, or `key` in the table ``[channels.name]``.
They are texts that the plug-in checks itself.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, create_model
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)
from typing_extensions import override

from dripline.channels.configuration import Table
from dripline.channels.registry import BUILT_IN
from dripline.config.secret_references import is_open, read_secret
from dripline.core.secret import is_reference, names_a_secret, password_in, shown_key
from dripline.errors import InvalidSettings

FILE = Path("dripline.toml")


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


class KeySettings(BaseModel):
    """What the credentials of senders are encrypted with, where that is not in a file beside the database."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: SecretStr = Field(
        description="32 random characters or more; while it is changed the new one, then the old one"
    )


class AlertsSettings(BaseModel):
    """Whom `run` and `worker` tell what waits for a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: SecretStr = Field(description="apprise URLs, divided by blank space; they hold secrets")


def _of_channels() -> type[BaseSettings]:
    """Return settings with what dripline's own channels are given: a group for each package, and its tables by name."""
    fields: dict[str, Any] = {package.group: (package.settings | None, None) for package in BUILT_IN}
    for name, table in TABLES.items():
        given = Field(default=dict[str, BaseModel](), description=table.description)
        fields[name] = Annotated[Mapping[str, table.settings], NoDecode, BeforeValidator(_by_name)], given
    return create_model("ChannelSettings", __base__=BaseSettings, **fields)


TABLES: Mapping[str, Table] = {name: table for package in BUILT_IN for name, table in package.tables.items()}
"""The settings of dripline's own channels that are tables by name."""

_ChannelSettings = _of_channels()

Group = TypeVar("Group", bound=BaseModel)


class Settings(_ChannelSettings):
    """Everything that can be set: what stands here, and what each channel has as its own."""

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
    db_replica: SecretStr | None = Field(default=None, description="a standby of it, to read reports and lists from")
    region: str = "MY"
    web: WebSettings | None = None
    # No dict, nor decoded: the library would take a text such as 123 for JSON.
    channels: Annotated[Mapping[str, Mapping[str, SecretStr]], NoDecode, BeforeValidator(_by_name)] = Field(
        default={}, description="what is given to the channels of plug-ins, by their names"
    )
    alerts: AlertsSettings | None = None
    credentials: KeySettings | None = None

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

    def groups(self) -> dict[str, BaseModel]:
        """Return the groups that are set, by name."""
        given = {name: cast("object", getattr(self, name)) for name in type(self).model_fields}
        return {name: group for name, group in given.items() if isinstance(group, BaseModel)}

    def group(self, kind: type[Group]) -> Group | None:
        """Return the group of a kind, if it is set."""
        return next((group for group in self.groups().values() if isinstance(group, kind)), None)

    def tables(self) -> dict[str, Mapping[str, BaseModel]]:
        """Return the groups of dripline's own channels that are set by name, such as mailboxes."""
        return {name: cast("Mapping[str, BaseModel]", getattr(self, name)) for name in TABLES}

    def secrets(self) -> Iterator[tuple[str, SecretStr]]:
        """Yield every secret that is set, as it is given, by the name of its setting."""
        named = {f"{table}.{name}": one for table, of in self.tables().items() for name, one in of.items()}
        for name, group in {**self.groups(), **named}.items():
            for key in type(group).model_fields:
                if isinstance(secret := cast("object", getattr(group, key)), SecretStr):
                    yield f"{name}.{key}", secret
        for name, given in self.channels.items():
            for key, setting in given.items():
                if names_a_secret(key) or is_reference(setting.get_secret_value()):
                    yield f"channels.{name}.{key}", setting
        yield from self._databases()

    def _databases(self) -> Iterator[tuple[str, SecretStr]]:
        if password_in(self.db) is not None or is_reference(self.db):
            yield "db", SecretStr(self.db)
        if self.db_direct is not None:
            yield "db_direct", self.db_direct
        if self.db_replica is not None:
            yield "db_replica", self.db_replica

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


def _refuse_open_secrets(written: Mapping[str, object]) -> None:
    """Refuse a secret in ``dripline.toml`` where everybody can read it. Plug-ins' are known by their names.

    Raises:
        InvalidSettings: Names the setting and what to do; never the secret.
    """
    for place, secret in _written_secrets(written):
        if secret and not is_reference(secret) and is_open(FILE):
            raise InvalidSettings(
                f"{FILE} holds the secret {place}, and everybody on this machine can read it: chmod 600 {FILE}, or "
                "write where the secret is: env:NAME, file:PATH or keyring:SERVICE/USER."
            )


def _written_secrets(written: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    named = {
        f"{group}.{name}": table
        for group in ("channels", *TABLES)
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
