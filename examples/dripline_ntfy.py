"""Push notifications through ntfy (https://ntfy.sh), to the topic that a lead's attribute ``ntfy_topic`` names."""

import json
from collections.abc import Mapping

from dripline import Accepted, Message, Outcome, PlainChannel, Rejected, RetryLater, SenderUnavailable, Unknown
from dripline.channels.http.client import TIMEOUT, TOO_MANY, Connections, HttpResponse, checked_url


class NtfyChannel(PlainChannel):
    """Sends with an access token, through ntfy.sh or a server of one's own."""

    contact_kind, sends_at_once = "ntfy_topic", 10

    def __init__(self, settings: Mapping[str, str], timeout: float = TIMEOUT) -> None:
        self._url = checked_url(settings.get("url", "https://ntfy.sh"), "ntfy")
        self._headers = {"authorization": f"Bearer {settings['token']}"}
        self._connections = Connections("ntfy", timeout=timeout)

    async def send(self, message: Message) -> Outcome:
        told = {"topic": message.to, "title": message.subject or message.sequence, "message": message.text}
        answer = await self._connections.post(self._url, content=json.dumps(told), headers=self._headers)
        # Without an answer it is RetryLater where nothing left, Unknown where something may have.
        return _outcome(answer) if isinstance(answer, HttpResponse) else answer

    async def aclose(self) -> None:
        await self._connections.aclose()


def _outcome(answer: HttpResponse) -> Outcome:
    if answer.status == TOO_MANY:
        return RetryLater("ntfy wants to be asked less often", scope="sender")
    if answer.is_success or answer.is_server_error:
        known = answer.json.get("id") if answer.is_success else None
        return Accepted(str(known)) if known else Unknown(f"ntfy answered {answer.status} without an id")
    told = f"ntfy answered {answer.status}"
    return Rejected(told) if answer.status in {400, 413} else SenderUnavailable(f"{told}: check its url and token")
