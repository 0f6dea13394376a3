"""Sources of leads over the API, for those who may let others hand leads in."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dripline.core.leads.attribute import ATTRIBUTE_LIMIT
from dripline.core.leads.source import TRIGGERS_LIMIT, URL_LIMIT, LeadSource
from dripline.schema.base import NO_NUL
from dripline.web.api.leads import Named, Short, Touched
from dripline.web.api.responses import READ_ONLY, RequestBody, shown
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["sources"], prefix="/sources")


class SourceBody(RequestBody):
    """Who is to hand leads in by `POST /intake/NAME`, and what those may bring."""

    model_config = shown({"name": "website", "triggers": ["WARMEXAMA"], "keeps": ["niche"]})

    name: Short = Field(description="A part of its URL: 1 to 40 letters, digits and hyphens.")
    triggers: list[Short] = Field(default=[], max_length=TRIGGERS_LIMIT, description="What each of its leads gains.")
    names_triggers: bool = Field(default=False, description="Whether it may name other triggers.")
    keeps: list[Short] = Field(default=[], max_length=ATTRIBUTE_LIMIT, description="The attributes that are kept.")
    return_url: Annotated[str, Field(max_length=URL_LIMIT, pattern=NO_NUL)] | None = Field(
        default=None, description="Where a browser goes after a form."
    )
    id: int | None = Field(default=None, json_schema_extra=READ_ONLY)
    created_at: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)
    used_at: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)
    taken: int | None = Field(default=None, json_schema_extra=READ_ONLY)

    @classmethod
    def of(cls, source: LeadSource) -> Self:
        """Return a source as it is, in the form in which it is written."""
        values = asdict(source)
        keeps = values.pop("attributes")
        return cls(**values, keeps=keeps)


class CreatedSource(BaseModel):
    """A source, and what it proves itself by, shown this once: its key in the URL, or posts signed with its secret."""

    source: SourceBody
    key: str
    secret: str | None


@router.get("")
def list_sources(drip: ApiClient) -> list[SourceBody]:
    """Return who hands leads in, without what they prove themselves by."""
    return [SourceBody.of(source) for source in drip.sources.all()]


@router.post("")
def create_source(drip: ApiClient, wanted: SourceBody) -> CreatedSource:
    """Let somebody hand leads in; its key and its secret are told this once."""
    made = drip.sources.create(
        wanted.name,
        triggers=wanted.triggers,
        names_triggers=wanted.names_triggers,
        keeps=wanted.keeps,
        return_url=wanted.return_url,
    )
    return CreatedSource(source=SourceBody.of(made.source), key=made.key, secret=made.secret)


@router.delete("/{name}")
def delete_source(drip: ApiClient, name: Named) -> Touched:
    """Take nothing more from a source; its leads stay."""
    return Touched(touched=int(drip.sources.drop(name)))
