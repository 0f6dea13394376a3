"""Makes the channels that the settings configure. What one needs is imported only where it is configured."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import SecretStr

from dripline.channels.contract import Channel, FindChannel
from dripline.core.messages.unsubscribe import UnsubscribeLinks
from dripline.engine.clock import SystemClock
from dripline.errors import InvalidSettings
from dripline.settings import (
    GowaSettings,
    MailboxSettings,
    Settings,
    SmtpSettings,
    TelegramSettings,
    TwilioSettings,
    WebhookSettings,
    WhatsappSettings,
    read_secret,
)

if TYPE_CHECKING:
    from dripline.channels.smtp.imap import ImapMailbox

SAMPLE = "sample"
"""The channel of a database that `dripline demo --serve` filled."""

_CLOCK = SystemClock()


def configured(settings: Settings) -> dict[str, Channel]:
    """Return every channel that is configured, by name.

    Raises:
        InvalidSettings: What one is given cannot be used.
    """
    return dict(_each(settings))


def plugins(settings: Settings) -> FindChannel:
    """Return what finds the channel of another package by its name, and makes it of what is set for that name.

    The name of the sample's channel is nobody else's: what goes through it reaches nobody.
    """

    def find(name: str) -> Channel | None:
        if name == SAMPLE:
            from dripline.simulate.demo_shop.channel import SampleChannel

            return SampleChannel(_CLOCK)
        from dripline.channels.plugins import plugged_in

        given = settings.channels.get(name, {})
        return plugged_in(name, {key: read_secret(f"channels.{name}.{key}", value) for key, value in given.items()})

    return find


def _each(settings: Settings) -> Iterator[tuple[str, Channel]]:
    if settings.smtp is not None:
        yield "smtp", _smtp(settings.smtp, settings.mailboxes)
    elif settings.mailboxes:
        raise InvalidSettings("There are mailboxes, and no mail server for what names none of them: set smtp.host too.")
    if settings.webhook is not None:
        yield "webhook", _webhook(settings.webhook)
    if settings.whatsapp is not None:
        yield "whatsapp", _whatsapp(settings.whatsapp)
    if settings.gowa is not None:
        yield "gowa", _gowa(settings.gowa)
    if settings.twilio is not None:
        yield "sms", _twilio(settings.twilio, "sms")
        yield "twilio_whatsapp", _twilio(settings.twilio, "twilio_whatsapp")
    if settings.telegram is not None:
        yield "telegram", _telegram(settings.telegram)


def _smtp(smtp: SmtpSettings, mailboxes: Mapping[str, MailboxSettings]) -> Channel:
    from dripline.channels.smtp.account import SmtpAccount
    from dripline.channels.smtp.channel import Security, SmtpChannel

    accounts = [
        SmtpAccount(
            one.host or smtp.host,
            one.port or smtp.port,
            sender=one.sender,
            reply_to=one.reply_to,
            username=one.username,
            password=_secret(f"mailboxes.{name}.password", one.password),
            security=Security(one.security or smtp.security),
            name=name,
        )
        for name, one in mailboxes.items()
    ]
    return SmtpChannel(
        smtp.host,
        smtp.port,
        sender=smtp.sender,
        reply_to=smtp.reply_to,
        username=smtp.username,
        password=_secret("smtp.password", smtp.password),
        security=Security(smtp.security),
        accounts=accounts,
        inboxes=dict(_inboxes(smtp, mailboxes)),
        links=links_of(smtp),
        now=_CLOCK.now,
    )


def _inboxes(smtp: SmtpSettings, mailboxes: Mapping[str, MailboxSettings]) -> "Iterator[tuple[str, ImapMailbox]]":
    """Yield the mailboxes that are read: whose account has a login, and a server to read from."""
    from dripline.channels.smtp.account import Security
    from dripline.channels.smtp.imap import ImapMailbox

    for name, one in {"": smtp, **mailboxes}.items():
        place = f"mailboxes.{name}" if name else "smtp"
        host, username = one.imap_host or smtp.imap_host, one.imap_username or one.username
        if host is None or (username is None and one.imap_host is None):
            continue
        own = _secret(f"{place}.imap_password", one.imap_password)
        yield (
            name or "smtp",
            ImapMailbox(
                host,
                one.imap_port or smtp.imap_port,
                username=username or "",
                password=own if own is not None else _secret(f"{place}.password", one.password) or "",
                security=Security(one.imap_security or smtp.imap_security or Security.TLS),
                folder=one.imap_folder,
            ),
        )


def links_of(smtp: SmtpSettings) -> UnsubscribeLinks | None:
    """Return what makes and reads unsubscribe links, if that is configured.

    Raises:
        InvalidSettings: The URL cannot be used, or the secret is missing or too short.
    """
    if smtp.unsubscribe_url is None:
        return None
    from dripline.channels.http.client import checked_url

    url = checked_url(smtp.unsubscribe_url, "unsubscribe")
    return UnsubscribeLinks(url, _secret("smtp.unsubscribe_secret", smtp.unsubscribe_secret) or "")


def _webhook(webhook: WebhookSettings) -> Channel:
    from dripline.channels.http.channel import WebhookChannel

    return WebhookChannel(webhook.url, read_secret("webhook.secret", webhook.secret), now=_CLOCK.now)


def _whatsapp(whatsapp: WhatsappSettings) -> Channel:
    from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
    from dripline.channels.whatsapp.webhook import CloudWebhook

    app_secret = _secret("whatsapp.app_secret", whatsapp.app_secret)
    verify_token = _secret("whatsapp.verify_token", whatsapp.verify_token)
    return WhatsAppCloudChannel(
        read_secret("whatsapp.token", whatsapp.token),
        phone_number_id=whatsapp.phone_number_id,
        webhook=CloudWebhook(app_secret, verify_token) if app_secret and verify_token else None,
        base_url=whatsapp.base_url,
        version=whatsapp.version,
        now=_CLOCK.now,
    )


def _gowa(gowa: GowaSettings) -> Channel:
    from dripline.channels.gowa.channel import GowaChannel

    return GowaChannel(
        gowa.base_url,
        username=gowa.username,
        password=read_secret("gowa.password", gowa.password),
        webhook_secret=_secret("gowa.webhook_secret", gowa.webhook_secret),
        now=_CLOCK.now,
    )


def _twilio(twilio: TwilioSettings, name: str) -> Channel:
    from dripline.channels.twilio.channel import TwilioChannel
    from dripline.channels.twilio.webhook import TwilioWebhook

    is_whatsapp, token = name == "twilio_whatsapp", read_secret("twilio.auth_token", twilio.auth_token)
    hook = None if twilio.webhook_url is None else f"{twilio.webhook_url.strip().rstrip('/')}/{name}"
    return TwilioChannel(
        twilio.account_sid,
        token,
        sender=twilio.whatsapp_sender if is_whatsapp else twilio.sender,
        is_whatsapp=is_whatsapp,
        webhook=None if hook is None else TwilioWebhook(token, hook),
        status_callback=hook,
        base_url=twilio.base_url,
        now=_CLOCK.now,
    )


def _telegram(telegram: TelegramSettings) -> Channel:
    from dripline.channels.telegram.channel import TelegramChannel

    return TelegramChannel(
        read_secret("telegram.token", telegram.token),
        bot=telegram.bot,
        webhook_secret=_secret("telegram.webhook_secret", telegram.webhook_secret),
        base_url=telegram.base_url,
    )


def _secret(setting: str, secret: SecretStr | None) -> str | None:
    return None if secret is None else read_secret(setting, secret)
