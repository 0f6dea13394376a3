"""An account at a mail server: where it is, how it logs in, and from which address it writes."""

from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum

from dripline.core.leads.address import normalize_email
from dripline.errors import InvalidEmail, InvalidSettings

SUBMISSION = 587
"""The port at which mail servers take mail from their own users (RFC 6409)."""

_PORTS = range(1, 65_536)


class Security(StrEnum):
    """How the connection is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """What sends: a login at a server, and `sender`, the From address, with or without a name before it.

    `reply_to` is where answers are to go, if not there. `name` is what the settings call it; the unnamed one is theirs
    who name none.

    Raises:
        InvalidSettings: The host, the port or an address cannot be used.
    """

    host: str
    port: int = SUBMISSION
    sender: str = field(kw_only=True)
    username: str | None = field(default=None, kw_only=True)
    password: str | None = field(default=None, kw_only=True, repr=False)
    security: Security = field(default=Security.STARTTLS, kw_only=True)
    reply_to: str | None = field(default=None, kw_only=True)
    name: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not self.host.strip() or self.port not in _PORTS:
            raise InvalidSettings(
                f"{self.host!r} port {self.port} cannot be a mail server: name a host and a port below 65536."
            )
        _checked(self.sender, "mail sender")
        if self.reply_to is not None:
            _checked(self.reply_to, "reply_to address")

    @property
    def address(self) -> str:
        """The From address alone."""
        return _checked(self.sender, "mail sender")

    @property
    def domain(self) -> str:
        """The domain of the From address."""
        return self.address.rpartition("@")[2]


def _checked(written: str, what: str) -> str:
    try:
        return normalize_email(parseaddr(written)[1] or written)
    except InvalidEmail as error:
        raise InvalidSettings(f"The {what} cannot be used: {error}") from error
