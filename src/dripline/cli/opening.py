"""Opens dripline as the settings and the command line say."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pydantic import SecretStr

from dripline.app import Dripline
from dripline.channels.console import ConsoleChannel
from dripline.channels.contract import Channel
from dripline.engine.clock import SystemClock
from dripline.errors import DatabaseUnreachable
from dripline.settings import GowaSettings, Settings, TwilioSettings, WhatsappSettings

if TYPE_CHECKING:
    from dripline.channels.cloud_webhook import CloudWebhook


def open_dripline(db: str | None, *, messages: TextIO | None = None) -> Dripline:
    """Open the database that is named, else the one of the settings, with every channel that is configured.

    The console channel writes to `messages`, so that a command that prints JSON can keep its output clean.
    """
    settings = Settings.load()
    return Dripline(db or settings.db, channels=_channels(settings, messages), region=settings.region)


def open_existing(db: str | None) -> Dripline:
    """Open a database that must be there already, for commands that only look.

    Raises:
        DatabaseUnreachable: There is no such file.
    """
    named = db or Settings.load().db
    path = named.removeprefix("sqlite:///")
    if "://" not in path and not Path(path).is_file():
        raise DatabaseUnreachable(
            f"There is no database {path}: name the right one with --db, or make it with dripline apply or import."
        )
    return open_dripline(named)


def print_json(value: object) -> None:
    """Print a value for programs; instants as ISO 8601."""
    json.dump(value, sys.stdout, default=str, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def _channels(settings: Settings, messages: TextIO | None) -> dict[str, Channel]:
    channels: dict[str, Channel] = {"console": ConsoleChannel(messages)}
    clock = SystemClock()
    if settings.smtp is not None:
        from dripline.channels.smtp import Security, SmtpChannel

        smtp = settings.smtp
        channels["smtp"] = SmtpChannel(
            smtp.host,
            smtp.port,
            sender=smtp.sender,
            username=smtp.username,
            password=_secret(smtp.password),
            security=Security(smtp.security),
            now=clock.now,
        )
    if settings.webhook is not None:
        from dripline.channels.webhook import WebhookChannel

        secret = settings.webhook.secret.get_secret_value()
        channels["webhook"] = WebhookChannel(settings.webhook.url, secret, now=clock.now)
    if settings.whatsapp is not None:
        from dripline.channels.whatsapp_cloud import WhatsAppCloudChannel

        whatsapp = settings.whatsapp
        channels["whatsapp"] = WhatsAppCloudChannel(
            whatsapp.token.get_secret_value(),
            phone_number_id=whatsapp.phone_number_id,
            webhook=_cloud_webhook(whatsapp),
            base_url=whatsapp.base_url,
            version=whatsapp.version,
            now=clock.now,
        )
    if settings.gowa is not None:
        channels["gowa"] = _gowa(settings.gowa, clock)
    if settings.twilio is not None:
        channels |= _twilio(settings.twilio, clock.now)
    if settings.telegram is not None:
        from dripline.channels.telegram import TelegramChannel

        telegram = settings.telegram
        channels["telegram"] = TelegramChannel(telegram.token.get_secret_value(), base_url=telegram.base_url)
    return channels


def _gowa(gowa: GowaSettings, clock: SystemClock) -> Channel:
    from dripline.channels.gowa import GowaChannel

    return GowaChannel(
        gowa.base_url,
        username=gowa.username,
        password=gowa.password.get_secret_value(),
        webhook_secret=_secret(gowa.webhook_secret),
        now=clock.now,
    )


def _cloud_webhook(whatsapp: WhatsappSettings) -> "CloudWebhook | None":
    from dripline.channels.cloud_webhook import CloudWebhook

    if whatsapp.app_secret is None or whatsapp.verify_token is None:
        return None
    return CloudWebhook(whatsapp.app_secret.get_secret_value(), whatsapp.verify_token.get_secret_value())


def _twilio(twilio: TwilioSettings, now: Callable[[], datetime]) -> dict[str, Channel]:
    from dripline.channels.twilio import TwilioChannel
    from dripline.channels.twilio_webhook import TwilioWebhook

    token = twilio.auth_token.get_secret_value()
    channels: dict[str, Channel] = {}
    for name, sender in (("sms", twilio.sender), ("twilio_whatsapp", twilio.whatsapp_sender)):
        hook = None if twilio.webhook_url is None else f"{twilio.webhook_url.strip().rstrip('/')}/{name}"
        channels[name] = TwilioChannel(
            twilio.account_sid,
            token,
            sender=sender,
            is_whatsapp=name == "twilio_whatsapp",
            webhook=None if hook is None else TwilioWebhook(token, hook),
            base_url=twilio.base_url,
            now=now,
        )
    return channels


def _secret(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
