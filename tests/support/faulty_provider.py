"""WhatsApp's Cloud API in a process of its own, that answers each number as scripted and posts back as told.

It writes down what it accepted before it answers, so that what went is known from outside. ``/control`` is the test's.
"""

import asyncio
import hashlib
import hmac
import json
import socket
import sys
from collections import defaultdict, deque
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from typing_extensions import override

NUMBER = "106540352242922"

Json = dict[str, Any]


class Provider:
    """What it was told to do, and what it did."""

    def __init__(self) -> None:
        self.scripts: defaultdict[str, deque[Json]] = defaultdict(deque)
        self.accepted: defaultdict[str, list[Json]] = defaultdict(list)
        self.http = httpx.AsyncClient()

    async def message(self, request: Request) -> Response:
        """Take or refuse a message, as the recipient's script says; without one it is taken."""
        asked: Json = await request.json()
        to = str(asked["to"])
        act = self.scripts[to].popleft() if self.scripts[to] else {}
        await asyncio.sleep(act.get("delay", 0))  # noqa: TID251  (a process of its own, on real time)
        if "code" in act:
            error = {
                "message": f"(#{act['code']}) No",
                "type": "OAuthException",
                "code": act["code"],
                "fbtrace_id": "A",
            }
            return JSONResponse({"error": error}, act.get("status", 400))
        number = f"wamid.{to}.{len(self.accepted[to]) + 1}"
        self.accepted[to].append({"id": number, "asked": asked})
        if act.get("drop"):
            return _Dropped()
        contacts = [{"input": to, "wa_id": to}]
        return JSONResponse({"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": number}]})

    async def script(self, request: Request) -> Response:
        """Take what to do with the next messages to a number: ``{to, acts}``."""
        told: Json = await request.json()
        self.scripts[told["to"]].extend(told["acts"])
        return Response()

    async def tell_accepted(self, request: Request) -> Response:
        """Say what was accepted for a number."""
        return JSONResponse(self.accepted[request.query_params["to"]])

    async def post_statuses(self, request: Request) -> Response:
        """Post statuses of every message to a number: in any order, as often and as much at once as told."""
        told: Json = await request.json()
        statuses = [
            self._status(told, message, state, later)
            for message in self.accepted[told["to"]]
            for later, state in enumerate(told["states"])
        ]
        statuses = (statuses[::-1] if told.get("reversed") else statuses) * told.get("copies", 1)
        bodies = [statuses] if told.get("together") else [[status] for status in statuses]
        return await self._posted(told, [{"statuses": body} for body in bodies])

    async def post_text(self, request: Request) -> Response:
        """Post what a person wrote: ``{from, text, at, id}``."""
        told: Json = await request.json()
        message = {"id": told["id"], "from": told["from"], "timestamp": told["at"], "type": "text"}
        contacts = [{"wa_id": told["from"], "profile": {"name": told.get("name", "")}}]
        return await self._posted(
            told, [{"contacts": contacts, "messages": [message | {"text": {"body": told["text"]}}]}]
        )

    def _status(self, told: Json, message: Json, state: str, later: int) -> Json:
        status = {
            "id": message["id"],
            "status": state,
            "timestamp": str(int(told["at"]) + later),
            "recipient_id": told["to"],
            "biz_opaque_callback_data": message["asked"]["biz_opaque_callback_data"],
        }
        code = told.get("code")
        return status | ({"errors": [{"code": code, "title": "No", "message": "No"}]} if state == "failed" else {})

    async def _posted(self, told: Json, values: list[Json]) -> Response:
        codes = [await self._post(told, value) for value in values]
        return JSONResponse(codes)

    async def _post(self, told: Json, value: Json) -> int:
        value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}} | value
        entry = {"id": "WABA", "changes": [{"field": "messages", "value": value}]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        signature = hmac.new(told["secret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}
        return (await self.http.post(told["hook"], content=body, headers=headers)).status_code


class _Dropped(Response):
    """An answer that breaks off: the connection is gone before it is whole."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b"{"})


def main() -> None:
    """Serve on a free port, which is printed, until killed."""
    provider = Provider()
    app = Starlette(
        routes=[
            Route("/control/script", provider.script, methods=["POST"]),
            Route("/control/accepted", provider.tell_accepted),
            Route("/control/statuses", provider.post_statuses, methods=["POST"]),
            Route("/control/text", provider.post_text, methods=["POST"]),
            Route("/{version}/{number}/messages", provider.message, methods=["POST"]),
        ]
    )
    place = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{place.getsockname()[1]}\n")
    sys.stdout.flush()
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    asyncio.run(server.serve(sockets=[place]))


if __name__ == "__main__":
    main()
