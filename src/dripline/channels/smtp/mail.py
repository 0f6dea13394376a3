"""A message as a mail: plain text, HTML beside it, an unsubscribe link in both, and a place in a conversation.

The Message-ID is made of the record id, the same on every try, so that servers and mailboxes can drop a double; and so
that what answers it, or says that it came back, names the record.
"""

import re
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP as WIRE_FORMAT
from email.utils import format_datetime
from html import escape

from dripline.channels.smtp.account import SmtpAccount
from dripline.core.messages.message import Message
from dripline.core.messages.unsubscribe_links import UnsubscribeLinks

UNSUBSCRIBE = "Unsubscribe"
"""What the link is called that every part of a mail ends with, where unsubscribe links are configured."""

_BODY_ENDS = re.compile(r"</body\s*>", re.IGNORECASE)


def message_id(record_id: int, account: SmtpAccount) -> str:
    """Return the Message-ID of a record's mail."""
    return f"<{record_id}.dripline@{account.domain}>"


def wire_format(message: Message, account: SmtpAccount, links: UnsubscribeLinks | None, now: datetime) -> bytes:
    """Return a message as a mail, as it goes over the wire.

    Raises:
        ValueError: It cannot be written as one, or its address is none that servers take.
    """
    try:
        message.to.encode("ascii")
        return _written(message, account, links, now).as_bytes(policy=WIRE_FORMAT)
    except (MessageError, ValueError) as error:
        raise ValueError(f"the mail cannot be written: {type(error).__name__}") from None


def _written(message: Message, account: SmtpAccount, links: UnsubscribeLinks | None, now: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = account.sender.strip()
    mail["To"] = message.to
    if account.reply_to is not None:
        mail["Reply-To"] = account.reply_to.strip()
    # One line, so that a subject can never add a header.
    mail["Subject"] = " ".join((message.subject or message.sequence).split())
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(message.record_id, account)
    if message.follows:
        # RFC 5322 §3.6.4: mail programs make one conversation of what refers to each other.
        mail["In-Reply-To"] = message.follows[-1]
        mail["References"] = " ".join(message.follows)
    text, html = message.text, message.html
    if links is not None:
        url = links.url(message.to)
        # RFC 8058: both, so that a mail program may post to it without asking.
        mail["List-Unsubscribe"] = f"<{url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        text, html = f"{text.rstrip()}\n\n{UNSUBSCRIBE}: {url}\n", html and _with_link(html, url)
    mail.set_content(text)
    if html is not None:
        # RFC 2046 §5.1.4: the plainest first, since the last one that a program can show is shown.
        mail.add_alternative(html, subtype="html")
    return mail


def _with_link(html: str, url: str) -> str:
    """Put the unsubscribe link before the end of the body, or at the very end where the HTML is only a part of one."""
    at = max((end.start() for end in _BODY_ENDS.finditer(html)), default=len(html))
    return f'{html[:at]}<p><a href="{escape(url)}">{UNSUBSCRIBE}</a></p>{html[at:]}'
