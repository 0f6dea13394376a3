"""One GOWA gateway over HTTP: its login, what is sent and what is asked, each on connections of its own.

Source: GOWA (go-whatsapp-web-multidevice) 9.0.0, its OpenAPI document, as of 2026-08.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from dripline.channels.gowa.errors import code_of, error_text, is_known
from dripline.channels.http.client import TIMEOUT, Connections, HttpResponse, checked_url, form_of
from dripline.channels.http.foreign_json import Object, answered, as_object
from dripline.core.outcome import RetryLater, Unknown
from dripline.core.secret import Redactor
from dripline.core.senders.health import Unsure
from dripline.core.sequences.content import Media, MediaKind
from dripline.errors import InvalidSettings

HISTORY_LIMIT = 4_194_304
"""How much of an answer about chats is read, in bytes: a hundred messages at their longest come to a quarter."""

PICTURE_LIMIT = 262_144
"""How large the picture of a QR may be, in bytes."""

PNG = b"\x89PNG\r\n\x1a\n"
"""How every PNG begins (ISO/IEC 15948 §5.2)."""

UNAUTHORIZED = 401
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """What the gateway answered to a question: its status, its code, what it said in all, and its results."""

    status: int
    is_success: bool = field(kw_only=True)
    code: str = field(kw_only=True)
    text: str = field(kw_only=True)
    results: Object = field(kw_only=True)


_SHOWN = {
    MediaKind.IMAGE: ("/send/image", "image_url"),
    MediaKind.VIDEO: ("/send/video", "video_url"),
    MediaKind.DOCUMENT: ("/send/file", "file_url"),
}
"""Where what is shown is posted to, and the field that says where it is fetched."""


class Gateway:
    """One gateway. What is asked waits for no message that is being sent, nor the other way round.

    `hidden` leaves the login out of what it says: a proxy may repeat what it was sent.

    Raises:
        InvalidSettings: The URL or the login cannot be used.
    """

    def __init__(self, base_url: str, *, username: str, password: str, timeout: float = TIMEOUT) -> None:
        self._url = checked_url(base_url, "GOWA").rstrip("/")
        login = _checked_login(username, password)
        self._authorization = f"Basic {base64.b64encode(login.encode()).decode()}"
        self.hidden = Redactor({password: "the password", login: "the login"})
        self._sending = Connections("the GOWA gateway", timeout=timeout)
        self._asking = Connections("the GOWA gateway", timeout=timeout, limit=HISTORY_LIMIT)

    async def send(self, device: str, phone: str, text: str) -> HttpResponse | RetryLater | Unknown:
        """Hand one message over, as a device."""
        return await self._sending.post(
            f"{self._url}/send/message",
            content=json.dumps({"phone": phone, "message": text}, ensure_ascii=False),
            headers=self._headers(device) | {"content-type": "application/json"},
        )

    async def show(self, device: str, phone: str, media: Media, caption: str) -> HttpResponse | RetryLater | Unknown:
        """Hand a picture, a video or a document over, as a device; the gateway fetches it."""
        path, field_name = _SHOWN[MediaKind(media.kind)]
        content, content_type = form_of({"phone": phone, "caption": caption, field_name: media.url})
        headers = self._headers(device) | {"content-type": content_type}
        return await self._sending.post(f"{self._url}{path}", content=content, headers=headers)

    async def ask(
        self, path: str, *, device: str | None = None, query: Mapping[str, str | int] | None = None
    ) -> GatewayResponse | Unsure:
        """Ask for something, as a device where it is about one's chats."""
        url = f"{self._url}{path}{'?' + urlencode(query) if query else ''}"
        return self._response(await self._asking.get(url, headers=self._headers(device)))

    async def tell(
        self, path: str, *, query: Mapping[str, str | int] | None = None, body: Mapping[str, str] | None = None
    ) -> GatewayResponse | Unsure:
        """Have something done that is no message."""
        url = f"{self._url}{path}{'?' + urlencode(query) if query else ''}"
        content = "" if body is None else json.dumps(dict(body), ensure_ascii=False)
        headers = self._headers(None) | ({} if body is None else {"content-type": "application/json"})
        return self._response(await self._asking.post(url, content=content, headers=headers))

    async def picture(self, link: str) -> bytes | None:
        """Fetch a picture that the gateway names, from nowhere but itself; None if it is none, or not there.

        The gateway names itself as it was called, which may be by a name that only it knows.
        """
        own = urlsplit(self._url)
        url = f"{own.scheme}://{own.netloc}{urlsplit(link).path}"
        answer = await self._asking.get(url, headers=self._headers(None))
        if not isinstance(answer, HttpResponse) or not answer.is_success:
            return None
        is_picture = answer.body.startswith(PNG) and len(answer.body) <= PICTURE_LIMIT
        return answer.body if is_picture else None

    async def aclose(self) -> None:
        """Close every kept connection."""
        await self._sending.aclose()
        await self._asking.aclose()

    def _headers(self, device: str | None) -> dict[str, str]:
        login = {"authorization": self._authorization}
        return login if device is None else login | {"x-device-id": device}

    def _response(self, answer: HttpResponse | RetryLater | Unknown) -> GatewayResponse | Unsure:
        if not isinstance(answer, HttpResponse):
            return Unsure(self.hidden.out_of(answer.error))
        body = answered(answer.body)
        code = code_of(body)
        if answer.status == UNAUTHORIZED and not is_known(code):
            return Unsure("the GOWA gateway refused its login: check its username and password")
        return GatewayResponse(
            answer.status,
            is_success=answer.is_success,
            code=code,
            text=self.hidden.out_of(error_text(code, answer.status, body)),
            results=as_object(body.get("results")),
        )


def segment(name: str) -> str:
    """Return a name as a part of a path."""
    return quote(name, safe="@")


def is_device(account: str) -> bool:
    """Return whether this can be a header: a name of one's own, or ``60123456789@s.whatsapp.net``."""
    return account.isascii() and account.isprintable() and bool(account.strip())


def _checked_login(username: str, password: str) -> str:
    """Return a login as HTTP writes it (RFC 7617)."""
    written = f"{username}:{password}"
    if not username.strip() or ":" in username or not password.strip() or not written.isprintable():
        raise InvalidSettings(
            "The GOWA login cannot be used: write the gateway's username, without a colon, and its password."
        )
    return written
