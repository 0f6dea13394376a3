"""A shop that sends through every channel, with secrets in the environment, in dripline.toml and in files."""

import os
import socketserver
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from repeating import Repeating, repeating

from support.secrets_of_tests import (
    ACCOUNT_SID,
    APP_SECRET,
    GOWA,
    GOWA_HOOK,
    IN_URL,
    LINKS,
    MAIL,
    META,
    PLUGIN,
    TELEGRAM,
    TELEGRAM_HOOK,
    TWILIO,
    VERIFY_TOKEN,
    WEBHOOK,
)

GIVEN = ("dripline.toml", "telegram.secret", "all.yaml", "leads.csv", "dripline_loud.py", "keyring.py")
"""The files that the program is given; whatever else is in the folder, it wrote."""

CHANNELS = ("smtp", "webhook", "whatsapp", "gowa", "sms", "twilio_whatsapp", "telegram", "loud")

LOUD = """
import logging
from dripline import PlainChannel


class Loud(PlainChannel):
    def __init__(self, settings):
        self.token = settings["token"]

    async def send(self, message):
        raise ValueError(f"{message.to} cannot be reached with {self.token}")
"""

KEYRING = f"""
def get_password(service, user):
    return {{"drip/gowa": {GOWA!r}}}[f"{{service}}/{{user}}"]
"""

SENDERS = "".join(
    f"sender: {name}\nchannel: {name}\n{f'account: {account}' if account else ''}\n---\n"
    for name, account in (("gowa", "jb-1"), ("whatsapp", '"106540352242922"'))
)

SETUP = SENDERS + "---\n".join(
    f"""name: Through {name}
trigger: {name}
channel: {name}
cold: yes
{f"senders: {name}" if name in {"gowa", "whatsapp"} else ""}
steps:
  - message: "Hi {{{{ name }}}}"
    template: HX0123456789abcdef0123456789abcdef
"""
    for name in CHANNELS
)

LEADS = f"""name,phone,email,telegram_chat_id,trigger
Aina,60123456789,aina@example.com,4711,"{",".join(CHANNELS)}"
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """A folder with settings, and the providers that they name."""

    folder: Path
    environment: dict[str, str]
    http: Repeating
    mail: socketserver.ThreadingTCPServer

    @property
    def heard(self) -> str:
        """All that came to the providers, logins in clear."""
        return self.http.heard + str(self.mail.__dict__.get("heard", ""))


@contextmanager
def opened(folder: Path) -> Generator[Shop]:
    with repeating() as (http, mail):
        port = mail.server_address[1]
        (folder / "dripline.toml").write_text(
            f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsender = "shop@example.com"\nusername = "shop"\n'
            f'security = "none"\npassword = \'{MAIL}\'\nunsubscribe_url = "http://127.0.0.1"\n'
            f'unsubscribe_secret = "{LINKS}"\n[telegram]\ntoken = "file:telegram.secret"\n'
        )
        (folder / "telegram.secret").write_text(TELEGRAM + "\n")
        for path in (folder / "dripline.toml", folder / "telegram.secret"):
            path.chmod(0o600)
        (folder / "all.yaml").write_text(SETUP)
        (folder / "leads.csv").write_text(LEADS)
        (folder / "dripline_loud.py").write_text(LOUD)
        (folder / "keyring.py").write_text(KEYRING)
        entry = folder / "dripline_loud-1.dist-info"
        entry.mkdir()
        (entry / "METADATA").write_text("Metadata-Version: 2.1\nName: dripline-loud\nVersion: 1\n")
        (entry / "entry_points.txt").write_text("[dripline.channels]\nloud = dripline_loud:Loud\n")
        yield Shop(folder, _environment(folder, http.url), http, mail)


def _environment(folder: Path, url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRIPLINE_")}
    ours = {
        "WHATSAPP_TOKEN": META,
        "WHATSAPP_APP_SECRET": APP_SECRET,
        "WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN,
        "WHATSAPP_BASE_URL": url,
        "GOWA_BASE_URL": url,
        "GOWA_USERNAME": "drip",
        "GOWA_PASSWORD": "keyring:drip/gowa",
        "GOWA_WEBHOOK_SECRET": GOWA_HOOK,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": "env:SHOPS_TWILIO_TOKEN",
        "TWILIO_BASE_URL": url,
        "TWILIO_SENDER": "+14155552345",
        "TWILIO_WHATSAPP_SENDER": "+14155552346",
        "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_HOOK,
        "TELEGRAM_BASE_URL": url,
        "WEBHOOK_URL": f"{url}/{IN_URL}?key={IN_URL}",
        "WEBHOOK_SECRET": WEBHOOK,
        "CHANNELS_LOUD_TOKEN": PLUGIN,
    }
    paths = [str(folder), *(path for path in sys.path if path.endswith("/src")), os.environ.get("PYTHONPATH", "")]
    return (
        kept
        | {f"DRIPLINE_{name}": value for name, value in ours.items()}
        | {
            "SHOPS_TWILIO_TOKEN": TWILIO,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }
    )
