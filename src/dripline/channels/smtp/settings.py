"""The settings of mail: the server that everything goes by, the mailboxes of senders, and what a sender brings."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage, Table
from dripline.channels.connection import Connection, Hint, Place
from dripline.channels.contract import Channel
from dripline.core.messages.unsubscribe_links import UnsubscribeLinks

if TYPE_CHECKING:
    from dripline.channels.smtp.account import SmtpAccount
    from dripline.channels.smtp.imap import ImapMailbox

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


class MailCredential(BaseModel):
    """What a sender brings that has a mailbox of its own: where it sends, and where its answers are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: Annotated[str, Hint("From", where="as people see it: Lina <lina@example.com>")] = Field(
        description="the From address"
    )
    host: Annotated[str, Hint("Mail server", where="your provider's help, SMTP or outgoing mail")] = Field(
        description="the mail server"
    )
    port: Annotated[int, Hint("Port")] = Field(default=587, ge=1, le=65_535, description="its port")
    security: Annotated[Security, Hint("Security")] = Field(
        default="starttls", description="how the connection is protected"
    )
    username: Annotated[str | None, Hint("User name", where="usually the whole address")] = Field(
        default=None, description="the login, if it wants one"
    )
    password: Annotated[
        SecretStr | None, Hint("Password", where="your provider's account page: an app password, where it has those")
    ] = Field(default=None, description="its password")
    reply_to: Annotated[str | None, Hint("Answers to")] = Field(
        default=None, description="where answers are to go, if not to the From address"
    )
    imap_host: Annotated[str | None, Hint("IMAP server", where="your provider's help, IMAP or incoming mail")] = Field(
        default=None, description="where answers are read; without it none are"
    )
    imap_port: Annotated[int | None, Hint("IMAP port")] = Field(
        default=None, ge=1, le=65_535, description="its port; 993 for tls, else 143"
    )
    imap_security: Annotated[Security, Hint("IMAP security")] = Field(
        default="tls", description="how that connection is protected"
    )
    imap_username: Annotated[str | None, Hint("IMAP user name")] = Field(
        default=None, description="the login there, if it is another one"
    )
    imap_password: Annotated[SecretStr | None, Hint("IMAP password")] = Field(
        default=None, description="its password, if it is another one"
    )
    imap_folder: Annotated[str, Hint("IMAP folder")] = Field(default="INBOX", description="which folder is read")


def connected(mail: MailCredential, place: Place) -> Channel:
    """Return the channel of one sender's mailbox. Its links to unsubscribe are those of the settings.

    Raises:
        InvalidSettings: A host, a port, an address or a secret cannot be used.
    """
    from dripline.channels.smtp.account import Security
    from dripline.channels.smtp.channel import SmtpChannel
    from dripline.channels.smtp.imap import ImapMailbox

    password = place.secret("password", mail.password)
    inboxes = dict[str, ImapMailbox]()
    if mail.imap_host is not None:
        own = place.secret("imap_password", mail.imap_password)
        inboxes["own"] = ImapMailbox(
            mail.imap_host,
            mail.imap_port,
            username=mail.imap_username or mail.username or "",
            password=own if own is not None else password or "",
            security=Security(mail.imap_security),
            folder=mail.imap_folder,
        )
    smtp = place.groups.get("smtp")
    return SmtpChannel(
        mail.host,
        mail.port,
        sender=mail.sender,
        reply_to=mail.reply_to,
        username=mail.username,
        password=password,
        security=Security(mail.security),
        account_name=place.account or "",
        inboxes=inboxes,
        links=_links(smtp, place.secret) if isinstance(smtp, SmtpSettings) else None,
        now=place.now,
    )


def from_settings(smtp: SmtpSettings, surroundings: ChannelContext) -> Mapping[str, Channel]:
    """Return the channel of a mail server and of the accounts of senders.

    Raises:
        InvalidSettings: A host, a port, an address or a secret cannot be used.
    """
    from dripline.channels.smtp.channel import Security, SmtpChannel

    mailboxes = cast("Mapping[str, MailboxSettings]", surroundings.tables.get("mailboxes", {}))
    channel = SmtpChannel(
        smtp.host,
        smtp.port,
        sender=smtp.sender,
        reply_to=smtp.reply_to,
        username=smtp.username,
        password=surroundings.secret("smtp.password", smtp.password),
        security=Security(smtp.security),
        accounts=[_account(name, one, smtp, surroundings) for name, one in mailboxes.items()],
        inboxes=dict(_inboxes(smtp, mailboxes, surroundings)),
        links=links_of(smtp, surroundings),
        now=surroundings.now,
    )
    return {"smtp": channel}


def _account(name: str, one: MailboxSettings, smtp: SmtpSettings, surroundings: ChannelContext) -> "SmtpAccount":
    from dripline.channels.smtp.account import Security, SmtpAccount

    return SmtpAccount(
        one.host or smtp.host,
        one.port or smtp.port,
        sender=one.sender,
        reply_to=one.reply_to,
        username=one.username,
        password=surroundings.secret(f"mailboxes.{name}.password", one.password),
        security=Security(one.security or smtp.security),
        name=name,
    )


def _inboxes(
    smtp: SmtpSettings, mailboxes: Mapping[str, MailboxSettings], surroundings: ChannelContext
) -> "Iterator[tuple[str, ImapMailbox]]":
    """Yield the mailboxes that are read: whose account has a login, and a server to read from."""
    from dripline.channels.smtp.account import Security
    from dripline.channels.smtp.imap import ImapMailbox

    for name, one in {"": smtp, **mailboxes}.items():
        place = f"mailboxes.{name}" if name else "smtp"
        host, username = one.imap_host or smtp.imap_host, one.imap_username or one.username
        if host is None or (username is None and one.imap_host is None):
            continue
        own = surroundings.secret(f"{place}.imap_password", one.imap_password)
        yield (
            name or "smtp",
            ImapMailbox(
                host,
                one.imap_port or smtp.imap_port,
                username=username or "",
                password=own if own is not None else surroundings.secret(f"{place}.password", one.password) or "",
                security=Security(one.imap_security or smtp.imap_security or Security.TLS),
                folder=one.imap_folder,
            ),
        )


def links_of(smtp: SmtpSettings, surroundings: ChannelContext) -> UnsubscribeLinks | None:
    """Return what makes and reads unsubscribe links, if that is configured.

    Raises:
        InvalidSettings: The URL cannot be used, or the secret is missing or too short.
    """
    return _links(smtp, surroundings.secret)


def _links(smtp: SmtpSettings, secret: Callable[[str, SecretStr | None], str | None]) -> UnsubscribeLinks | None:
    if smtp.unsubscribe_url is None:
        return None
    from dripline.channels.http.client import checked_url

    url = checked_url(smtp.unsubscribe_url, "unsubscribe")
    return UnsubscribeLinks(url, secret("smtp.unsubscribe_secret", smtp.unsubscribe_secret) or "")


SMTP = ChannelPackage(
    names=("smtp",),
    group="smtp",
    settings=SmtpSettings,
    from_settings=from_settings,
    connection=Connection(fields=MailCredential, make=connected, has_webhook=False),
    tables={
        "mailboxes": Table(
            settings=MailboxSettings,
            description="the accounts of mail senders, by the names that these give as their account",
            alone="There are mailboxes, and no mail server for what names none of them: set smtp.host too.",
        )
    },
)
