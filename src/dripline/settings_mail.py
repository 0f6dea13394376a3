"""The settings of mail: the server that everything goes by, and the mailboxes of senders."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Security = Literal["starttls", "tls", "none"]


class SmtpSettings(BaseModel):
    """The mail server that the channel ``smtp`` sends through."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int = Field(default=587, ge=1, le=65_535)
    sender: str = Field(description="the From address")
    reply_to: str | None = Field(default=None, description="where answers are to go, if not to the From address")
    username: str | None = None
    password: SecretStr | None = None
    security: Security = "starttls"
    unsubscribe_url: str | None = Field(default=None, description="where the world reaches dripline serve")
    unsubscribe_secret: SecretStr | None = None


class MailboxSettings(BaseModel):
    """A sender's own account; where its server is, is as for everybody unless it is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str | None = None
    port: int | None = Field(default=None, ge=1, le=65_535)
    sender: str = Field(description="the From address")
    reply_to: str | None = None
    username: str | None = None
    password: SecretStr | None = None
    security: Security | None = None
