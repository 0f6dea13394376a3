"""What a mail server of the tests took."""

from email.message import Message as Mail

from aiosmtpd.handlers import Message as MessageHandler
from typing_extensions import override


class Mails(MessageHandler):
    """Keeps the mails that it is handed."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Mail] = []

    @override
    def handle_message(self, message: Mail) -> None:
        self.taken.append(message)
