"""Credentials of senders over the API: they go in, and none comes out but what was made up to be copied."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from dripline.core.senders.credential import (
    VALUE_LIMIT,
    ConnectableChannel,
    Credential,
    CredentialFact,
    KeyRotation,
    SenderWebhook,
)
from dripline.core.senders.sender import Pace
from dripline.schema.base import NO_NUL
from dripline.schema.sender import PaceSchema
from dripline.web.api.leads import Short, Touched
from dripline.web.api.responses import RequestBody
from dripline.web.api.sequences import Name
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["senders"])

FieldName = Annotated[str, Field(max_length=100, pattern=NO_NUL)]
FieldValue = Annotated[str, Field(min_length=1, max_length=VALUE_LIMIT, pattern=NO_NUL)]
FIELDS_LIMIT = 50


class CredentialBody(RequestBody):
    """What a sender is connected with: all fields of its channel that it needs. A secret is given itself."""

    channel: Short
    fields: dict[FieldName, FieldValue] = Field(max_length=FIELDS_LIMIT)
    account: Short | None = None
    pool: Short | None = None
    pace: PaceSchema | None = Field(
        default=None, description="How fast it goes; what is not given of it is at its default. Without it it stays."
    )


class TrialBody(RequestBody):
    """A credential that nobody has yet, to be asked about at its provider. Nothing of it is stored."""

    channel: Short
    fields: dict[FieldName, FieldValue] = Field(max_length=FIELDS_LIMIT)
    account: Short | None = None


@router.get("/channels")
def list_channels(drip: ApiClient) -> list[ConnectableChannel]:
    """Return the channels whose senders may have credentials of their own, and what each asks for."""
    return drip.senders.connectable_channels()


@router.get("/credentials")
def list_credentials(drip: ApiClient) -> list[Credential]:
    """Return the senders that have credentials of their own, without their secrets."""
    return drip.senders.credentials()


@router.post("/credentials/try")
async def try_credential(drip: ApiClient, trial: TrialBody) -> list[CredentialFact]:
    """Ask the provider about a credential that nobody has yet: its login, its account, its webhook."""
    # Whether that may be done is asked in the database: not on the loop, to which connections belong.
    asked = await asyncio.to_thread(
        partial(drip.senders.try_credential, trial.channel, trial.fields, account=trial.account)
    )
    return list(await asked)


@router.post("/credentials/rotate")
def rotate_credentials(drip: ApiClient) -> KeyRotation:
    """Encrypt every credential with another key, while everything goes on."""
    return drip.senders.rotate_credentials()


@router.get("/senders/{name}/credential")
def get_credential(drip: ApiClient, name: Name) -> Credential:
    """Return a sender's own credential, without its secrets."""
    return drip.senders.credential(name)


@router.put("/senders/{name}/credential")
def connect_sender(drip: ApiClient, name: Name, given: CredentialBody) -> Credential:
    """Give a sender a credential of its own, or another one; a sender that is not there is made."""
    pace = None if given.pace is None else given.pace.made(Pace)
    return drip.senders.connect(name, given.channel, given.fields, account=given.account, pool=given.pool, pace=pace)


@router.delete("/senders/{name}/credential")
def disconnect_sender(drip: ApiClient, name: Name) -> Touched:
    """Delete a sender's own credential."""
    return Touched(touched=int(drip.senders.disconnect(name)))


@router.get("/senders/{name}/webhook")
def get_sender_webhook(drip: ApiClient, name: Name) -> SenderWebhook:
    """Return what a sender's provider is to be given: our address, and the words that were made up for it.

    No secret that a person brought is in it. The log of changes says who looked.
    """
    return drip.senders.webhook(name)


@router.post("/senders/{name}/credential/check")
async def check_credential(drip: ApiClient, name: Name) -> list[CredentialFact]:
    """Ask the provider about a sender's credential: its login, its account, its webhook."""
    asked = await asyncio.to_thread(drip.senders.check_credential, name)
    return list(await asked)
