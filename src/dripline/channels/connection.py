"""How a sender brings a credential of its own: what its channel asks for, and what is made of it.

The one list of fields is the settings model of each channel: forms, the API and the command line are made of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from dripline.channels.contract import Channel
from dripline.core.secret import shown_key
from dripline.core.senders.credential import VALUE_LIMIT, ConnectableChannel, CredentialField
from dripline.errors import InvalidCredential

Given = TypeVar("Given", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Hint:
    """What a form says of a field: its title, and where a person finds it. `is_generated`: made up unless given."""

    title: str
    where: str = field(default="", kw_only=True)
    is_generated: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a sender's channel is made with beside its fields: its name, its account, and where its provider posts to.

    `hook` is the whole address, where it is known. `groups`: what the settings have for everybody. `read_secret` is
    given a field's name, and what is written there.
    """

    channel: str
    account: str | None
    hook: str | None
    now: Callable[[], Any]
    read_secret: Callable[[str, SecretStr], str]
    groups: Mapping[str, BaseModel] = field(default_factory=dict[str, BaseModel])

    def secret(self, name: str, given: SecretStr | None) -> str | None:
        """Return a secret itself, if one is given.

        Raises:
            InvalidSettings: It is a reference that leads nowhere.
        """
        return None if given is None else self.read_secret(name, given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Generic[Given]):
    """What a sender of a channel brings: `fields` as a model, its account, and what makes its channel of them."""

    fields: type[Given]
    make: Callable[[Given, Place], Channel]
    account: CredentialField | None = None
    has_webhook: bool = True

    def described(self, channel: str) -> ConnectableChannel:
        """Return what a form asks for."""
        fields = tuple(_field(name, one) for name, one in self.fields.model_fields.items())
        return ConnectableChannel(channel, fields=fields, account=self.account, has_webhook=self.has_webhook)

    def read(self, channel: str, given: Mapping[str, str]) -> Given:
        """Return the fields of a credential.

        Raises:
            InvalidCredential: Names the field and what is wrong with it; never what is written there.
        """
        known = ", ".join(self.fields.model_fields)
        for name, value in given.items():
            if name not in self.fields.model_fields:
                raise InvalidCredential(f"A sender of {channel!r} has no field {shown_key(name)}: it has {known}.")
            if len(value) > VALUE_LIMIT or not value.strip():
                raise InvalidCredential(f"The field {name!r} has 1 to {VALUE_LIMIT:,} characters: write it, or none.")
        try:
            return self.fields.model_validate(dict(given))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InvalidCredential(f"The field {place!r} cannot be used: {_problem(first)}.") from None


def _problem(error: Mapping[str, Any]) -> str:
    is_missing = error["type"] == "missing"
    return "it is needed, so give it" if is_missing else str(error["msg"]).removesuffix(".").lower()


def _field(name: str, info: FieldInfo) -> CredentialField:
    hint = next((one for one in info.metadata if isinstance(one, Hint)), Hint(name.replace("_", " ").capitalize()))
    default = cast("object", info.default)
    return CredentialField(
        name,
        title=hint.title,
        description=info.description or "",
        where=hint.where,
        is_secret=SecretStr in _kinds(info.annotation),
        is_required=info.is_required(),
        is_generated=hint.is_generated,
        default=str(default) if isinstance(default, str | int) else None,
        choices=tuple(str(choice) for kind in _kinds(info.annotation) for choice in _choices(kind)),
    )


def _kinds(annotation: object) -> tuple[object, ...]:
    """Return the kinds of values that a field takes: ``str | None`` is two."""
    return (annotation, *cast("tuple[object, ...]", get_args(annotation)))


def _choices(kind: object) -> tuple[object, ...]:
    return get_args(kind) if get_origin(kind) is Literal else ()
