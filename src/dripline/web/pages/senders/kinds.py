"""The kinds of senders as people choose them: what each is, and the limits that are offered for it."""

from dataclasses import dataclass, field, replace

from dripline.core.senders.sender import Pace


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that are chosen by their name; `zone` of the pace is the workspace's."""

    title: str
    about: str = field(kw_only=True)
    pace: Pace = field(kw_only=True)

    def in_zone(self, zone: str) -> Pace:
        """Return the pace by the clock of a zone."""
        return replace(self.pace, zone=zone) if self.pace.quiet else self.pace


_NIGHT = "21:00-08:00"

LIMITS = {
    "new": Limits(
        "New number",
        about="20 on day 1, more each day for 14 days, then 400. One every 40–90 s, quiet 9 pm–8 am.",
        pace=Pace(
            gap="40s-90s",
            daily_cap=400,
            warm_up=(20, 25, 32, 40, 50, 63, 80, 100, 126, 160, 200, 250, 315, 400),
            quiet=_NIGHT,
            zone="UTC",
        ),
    ),
    "warm": Limits(
        "Warmed up",
        about="400 a day, one every 20–40 s, quiet 9 pm–8 am.",
        pace=Pace(gap="20s-40s", daily_cap=400, quiet=_NIGHT, zone="UTC"),
    ),
    "official": Limits(
        "Official", about="As WhatsApp allows a verified business at first: 1,000 a day.", pace=Pace(daily_cap=1_000)
    ),
    "mailbox": Limits(
        "Mailbox",
        about="300 a day, one every 5–15 s: what most mail providers allow.",
        pace=Pace(gap="5s-15s", daily_cap=300),
    ),
    "steady": Limits(
        "One a second", about="As most providers allow a new number, with no limit a day.", pace=Pace(gap="1s")
    ),
    "free": Limits("No limits", about="As fast as its provider takes them.", pace=Pace()),
}
"""The limits that are offered, by what a form posts."""

AS_NOW = "as-now"
"""What a form posts for the limits that a sender, or the one that is replaced, has."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sender. `limits` are those that suit it, the first of them chosen; `is_by_phone`: a phone is linked.

    `fields` are shown at once, beside the required ones. `paste` says where at the provider our address goes.
    """

    title: str
    about: str = field(kw_only=True)
    icon: str = field(kw_only=True)
    limits: tuple[str, ...] = field(kw_only=True)
    paste: str = field(default="", kw_only=True)
    fields: tuple[str, ...] = field(default=(), kw_only=True)
    is_by_phone: bool = field(default=False, kw_only=True)


KINDS = {
    "whatsapp": Kind(
        "WhatsApp, official",
        about="A business number with templates, charged by WhatsApp.",
        icon="chat",
        limits=("official", "warm", "new"),
        paste="Paste both into your app at Meta: WhatsApp, Configuration, Webhook. Then subscribe to messages.",
    ),
    "gowa": Kind(
        "WhatsApp by phone",
        about="A number on a phone you hold, linked by QR code.",
        icon="senders",
        limits=("new", "warm", "official"),
        paste="Give both to the gateway, as the webhook of the device or of all devices.",
        is_by_phone=True,
    ),
    "smtp": Kind(
        "Mailbox",
        about="Any mail account, by SMTP and IMAP.",
        icon="mail",
        limits=("mailbox", "steady", "free"),
        fields=("port", "security"),
    ),
    "sms": Kind(
        "SMS",
        about="A number at Twilio.",
        icon="messages",
        limits=("steady", "warm", "free"),
        paste="Paste it at Twilio as the number's webhook for incoming messages.",
    ),
    "telegram": Kind(
        "Telegram",
        about="A bot, in chats that people begin.",
        icon="chat",
        limits=("free", "steady", "warm"),
        paste="Give both to setWebhook of the bot.",
    ),
    "twilio_whatsapp": Kind(
        "WhatsApp by Twilio",
        about="A WhatsApp number at Twilio.",
        icon="chat",
        limits=("official", "warm", "new"),
        paste="Paste it at Twilio as the sender's webhook for incoming messages.",
    ),
    "webhook": Kind(
        "Your own program",
        about="Each message is posted to an address of yours.",
        icon="globe",
        limits=("free", "steady", "warm"),
    ),
}
"""The kinds in the order in which they are offered, by their channels."""

_PRACTICE = Kind("Practice sender", about="Prints where dripline runs.", icon="senders", limits=("free",))

FIRST = 3
"""How many kinds are shown before the rest."""

DEFAULT = "whatsapp"


def kind_of(channel: str) -> Kind:
    """Return what is known of a channel; of one that is not ours, its name."""
    known = _PRACTICE if channel == "console" else KINDS.get(channel)
    return known or Kind(channel, about="", icon="messages", limits=("free",))
