"""The settings of mail: the server that everything goes by, and the mailboxes of senders."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Security = Literal["starttls", "tls", "none"]


class ImapSettings(BaseModel):
    """Where answers come in. The login is that of the account unless another one is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    imap_host: str | None = Field(default=None, description="without it nothing is read")
    imap_port: int | None = Field(default=None, ge=1, le=65_535)
    imap_security: Security | None = None
    imap_username: str | None = None
    imap_password: SecretStr | None = None
    imap_folder: str = "INBOX"


class SmtpSettings(ImapSettings):
    """The mail server that the channel ``smtp`` sends through."""

    host: str
    port: int = Field(default=587, ge=1, le=65_535)
    sender: str = Field(description="the From address")
    reply_to: str | None = Field(default=None, description="where answers are to go, if not to the From address")
    username: str | None = None
    password: SecretStr | None = None
    security: Security = "starttls"
    unsubscribe_url: str | None = Field(default=None, description="where the world reaches dripline serve")
    unsubscribe_secret: SecretStr | None = None


class MailboxSettings(ImapSettings):
    """A sender's own account; where its servers are, is as for everybody unless it is given."""

    host: str | None = None
    port: int | None = Field(default=None, ge=1, le=65_535)
    sender: str = Field(description="the From address")
    reply_to: str | None = None
    username: str | None = None
    password: SecretStr | None = None
    security: Security | None = None
