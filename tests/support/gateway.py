"""A GOWA gateway on loopback that keeps devices and chats, and does what a test wants to the messages it is handed."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

from typing_extensions import override

TIMELOCK = (429, "WA_REACHOUT_TIMELOCK", "server returned error 463")

Result = tuple[int, str, str]
"""A status, a code and a sentence."""


@dataclass
class Device:
    """A slot at the gateway: linked to a phone or not, connected to WhatsApp or not."""

    is_linked: bool = True
    is_connected: bool = True
    reconnects: int = 0
    comes_back: bool = True


@dataclass
class Written:
    """A message in a chat."""

    id: str
    chat: str
    text: str
    at: datetime
    is_ours: bool = False
    more: dict[str, Any] = field(default_factory=dict[str, Any])


class GatewayDouble(ThreadingHTTPServer):
    """`refuses` says of a phone what is answered in place of an acceptance; `swallows` names phones whose message goes
    while its answer is lost. `asked` counts requests by method and path."""

    daemon_threads = True

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.devices: dict[str, Device] = {}
        self.chats: list[Written] = []
        self.refuses: dict[str, Result] = {}
        self.swallows: set[str] = set()
        self.is_down = False
        self.links_at_once = False
        self.read_since: list[str] = []
        self.released = threading.Event()
        self.held: set[str] = set()
        self.sent: list[tuple[str, str]] = []
        self.asked: Counter[str] = Counter()
        self.pictures: dict[str, bytes] = {}
        self.now = now

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, method: str, path: str, device: str, query: dict[str, str], body: dict[str, Any]) -> object:
        parts = [unquote(part) for part in path.strip("/").split("/")]
        match method, parts:
            case "POST", ["send", "message"]:
                return self._send(device, body)
            case "POST", ["devices"]:
                self.devices[body["device_id"]] = Device(is_linked=False, is_connected=False)
                return {"id": body["device_id"]}
            case _, ["devices", name, *rest]:
                return self._device(name, rest, query)
            case "GET", ["chats"]:
                chats = {written.chat: written.at for written in sorted(self.chats, key=lambda one: one.at)}
                data = [{"jid": jid, "last_message_time": _told(at)} for jid, at in chats.items()]
                return {"data": data[::-1][int(query["offset"]) :][: int(query["limit"])]}
            case "GET", ["chat", jid, "messages"]:
                return {"data": self._messages(jid, query)}
            case _:
                return self.pictures.get(parts[-1], (404, "NOT_FOUND", f"Cannot {method} {path}"))

    def _send(self, device: str, body: dict[str, Any]) -> object:
        phone = body["phone"]
        if not self.devices.get(device, Device()).is_connected:
            return (401, "AUTHENTICATION_ERROR", "you are not loggin")
        if phone in self.refuses:
            return self.refuses[phone]
        message_id = f"3EB0{len(self.sent)}"
        self.sent.append((phone, body["message"]))
        self.chats.append(Written(message_id, f"{phone}@s.whatsapp.net", body["message"], self.now(), is_ours=True))
        return None if phone in self.swallows else {"message_id": message_id}

    def _device(self, name: str, rest: list[str], query: dict[str, str]) -> object:
        device = self.devices.get(name)
        if device is None:
            return (404, "DEVICE_NOT_FOUND", f"device {name} not found")
        match rest:
            case ["status"]:
                return {"is_connected": device.is_connected, "is_logged_in": device.is_linked and device.is_connected}
            case ["reconnect"]:
                return _reconnect(name, device)
            case ["login", *by_code]:
                return self._login(name, device, query["phone"] if by_code else None)
            case _:
                return {"id": name}

    def _login(self, name: str, device: Device, phone: str | None) -> object:
        if self.links_at_once:
            device.is_linked = device.is_connected = True
        if phone is not None:
            return {"pair_code": f"ABCD-{phone[-4:]}"}
        return {"qr_link": f"{self.url}/{name}.png", "qr_duration": 30}

    def _messages(self, jid: str, query: dict[str, str]) -> list[dict[str, Any]]:
        self.read_since.append(query["start_time"])
        since = datetime.fromisoformat(query["start_time"])
        ours = query["is_from_me"] == "true"
        data = [
            {
                "id": one.id,
                "chat_jid": one.chat,
                "sender_jid": "60198765432@s.whatsapp.net" if one.is_ours else one.chat,
                "content": one.text,
                "timestamp": _told(one.at),
                "is_from_me": one.is_ours,
            }
            | one.more
            for one in self.chats
            if one.chat == jid and one.at >= since and one.is_ours == ours
        ]
        return data[int(query["offset"]) :][: int(query["limit"])]


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self._answer(json.loads(body) if body else {})

    def _answer(self, body: dict[str, Any]) -> None:
        gateway = cast("GatewayDouble", self.server)
        url = urlsplit(self.path)
        gateway.asked[f"{self.command} {url.path}"] += 1
        if url.path in gateway.held:
            gateway.released.wait(10)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        found: object = (
            (503, "DOWN", "no")
            if gateway.is_down
            else gateway.answer(self.command, url.path, self.headers.get("x-device-id", ""), query, body)
        )
        if found is None:
            self.close_connection = True
            return
        if isinstance(found, bytes):
            self.send_response(200)
            self.send_header("content-length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)
            return
        refused = cast("Result", found) if isinstance(found, tuple) else None
        status, code, said = refused or (200, "SUCCESS", "done")
        told = {"status": status, "code": code, "message": said} | ({} if refused else {"results": cast("Any", found)})
        written = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _reconnect(name: str, device: Device) -> object:
    device.reconnects += 1
    if not device.is_linked:
        return (500, "INTERNAL_SERVER_ERROR", f"device {name} is not logged in (session deleted)")
    device.is_connected = device.comes_back
    return {}


@contextmanager
def serving(now: Callable[[], datetime]) -> Generator[GatewayDouble]:
    """Serve until the block ends."""
    server = GatewayDouble(now)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()
