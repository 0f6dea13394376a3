"""What a provider might answer, right or wrong, drawn from a number: the same answer wherever it is asked for."""

import json
import random  # noqa: TID251  (an answer is made from its number)
from dataclasses import dataclass, field

DOCUMENTED = {"twilio": {21610, 63014}, "cloud": {131050, 130403}}
"""The codes of the providers' documents for somebody who wants no more, by channel. No other channel has such."""

CODES = (
    *(0, 1, 2, 3, 4, 10, 33, 100, 190, 200, 250, 368, 80007, 130429, 130472, 130497, 131000, 131005, 131016, 131026),
    *(131031, 131047, 131048, 131049, 131056, 131057, 132000, 132001, 132015, 133010, 134101, 135000, 2494100),
    *(20003, 20404, 20429, 21211, 21212, 21614, 21660, 30001, 30003, 30005, 30007, 63007, 63016, 63018, 63032),
)
WORDS = (
    *("WA_REACHOUT_TIMELOCK", "AUTHENTICATION_ERROR", "INVALID_JID", "VALIDATION_ERROR", "UPLOAD_MEDIA_ERROR"),
    *("DEVICE_MANAGER_UNAVAILABLE", "INTERNAL_SERVER_ERROR", "GATEWAY_TIMEOUT", "SUCCESS", "", "429", "nobody's"),
)
SAID = (
    *("Bad Request: chat not found", "Forbidden: bot was blocked by the user", "Too Many Requests: retry after 5"),
    *(
        "Unauthorized",
        "463",
        "Attempt to send to unsubscribed recipient",
        "no such user",
        "",
        "\u0000\ud83d",
        "x" * 900,
    ),
)
STATUSES = (
    *(200, 200, 200, 200, 201, 202, 204, 206, 226, 300, 301, 302, 304, 307, 308, 400, 400, 401, 402, 403, 404, 405),
    *(408, 409, 410, 413, 418, 422, 425, 429, 429, 451, 498, 499, 500, 500, 501, 502, 503, 504, 511, 599, 100, 102),
    *(0, 99, 600, 999, 1_000, -1),
)
WAITS = ("0", "7", "-1", "99999999999999999999", "soon", "", "1e9", "Thu, 01 Jan 2026 08:31:00 GMT", "٣", "0x10")
ODD: tuple[object, ...] = (
    *(None, True, False, -1, 2**63, 10**40, 0.5, float("nan"), float("inf"), "", "0", "21610"),
    *(list[object](), [list[object]()], dict[str, object](), {"": dict[str, object]()}),
)
NO_MAILBOX = ("550 5.1.1 User unknown", "550 5.1.1 No such user here", "551 5.1.6 The mailbox has moved")
"""Replies to RCPT that say, by their enhanced code, that there is no such mailbox (RFC 3463)."""

REPLIES = (
    *("250 2.1.5 OK", "250 OK", "251 will forward", "252 cannot tell", "421 4.7.0 try later", "450 4.2.1 busy"),
    *("451 4.7.1 greylisted", "452 4.2.2 full", "500 what", "501 syntax", "503 5.5.1 login first", "521 no mail here"),
    *("530 5.7.0 log in", "535 5.7.8 wrong", "550 relay not permitted", "550 5.4.5 Daily sending limit exceeded"),
    *("550 5.7.1 blocked by Spamhaus", "550 5.1.8 bad sender", "552 5.2.2 full", "553 5.1.7 sender", "554 5.7.1 spam"),
    *("556 no", "199 early", "600 late", "999 far", "25", "abc", "", "250-2.0.0 a\r\n250-b", "250 \u00e4\u00f6", "550"),
    *("354 go on", "334 VXNlcm5hbWU6", "220 hello again", "250 " + "y" * 5_000, "550 " + "z" * 5_000, "\x00\x01\x02"),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The bytes of an answer, what becomes of them, and whether the provider's documents let it bar somebody.

    `cut_at`: after how many bytes the connection ends; `delay`: how long it takes to begin, in seconds.
    """

    raw: bytes
    may_bar: bool = field(default=False, kw_only=True)
    cut_at: int | None = field(default=None, kw_only=True)
    delay: float = field(default=0.0, kw_only=True)
    ends: bool = field(default=False, kw_only=True)


def asked_again(number: int, times: int) -> int:
    """Return the number by which the so-manyth answer to a message is drawn."""
    return number + (times - 1) * 10**6


def http_answer(channel: str, number: int, silence: float) -> Drawn:
    """Draw an answer over HTTP; some begin only after `silence`."""
    chance = random.Random(f"{channel}:{number}")  # noqa: S311
    code = chance.choice([*DOCUMENTED.get(channel, ()), *CODES, *CODES, chance.randrange(10**6)])
    said = _body(chance, channel, code)
    body = _spoilt(chance, json.dumps(said).encode() if chance.random() < 0.9 else chance.randbytes(300))
    status = 200 if chance.random() < 0.4 else chance.choice(STATUSES)
    lines = [f"HTTP/1.1 {status} {chance.choice(('OK', 'x', ''))}", *_headers(chance)]
    framing, sent = _framed(chance, body)
    raw = "\r\n".join([*lines, *framing, "", ""]).encode("latin-1", "replace") + sent
    may_bar = channel in DOCUMENTED and code in DOCUMENTED[channel]
    return _sent(chance, raw, silence, may_bar=may_bar)


def smtp_reply(stage: str, number: int, silence: float) -> Drawn:
    """Draw a reply of a mail server to a command; most commands but RCPT and DATA go well."""
    chance = random.Random(f"smtp:{stage}:{number}")  # noqa: S311
    plain = {"greeting": "220 hello", "EHLO": "250 hello", "MAIL": "250 OK", "DATA": "354 go on", "RSET": "250 OK"}
    if stage in plain and chance.random() < 0.95:
        return Drawn(f"{plain[stage]}\r\n".encode())
    said = chance.choice((*REPLIES, *NO_MAILBOX, *REPLIES, "250 OK", "250 2.0.0 queued", "250 OK"))
    is_refused = stage == "RCPT" and said in NO_MAILBOX
    return _sent(chance, f"{said}\r\n".encode(), silence, may_bar=is_refused)


def _body(chance: random.Random, channel: str, code: int) -> object:
    def odd() -> object:
        return chance.choice(ODD)

    number = chance.randrange(10**9)
    taken: list[object] = [
        {"sid": f"SM{number}", "status": "queued"},
        {"messages": [{"id": f"wamid.{number}"}], "contacts": [{"wa_id": "60120000000", "user_id": odd()}]},
        {"ok": True, "result": {"message_id": number}},
        {"code": "SUCCESS", "results": {"message_id": f"3EB0{number}"}},
    ]
    refused: list[object] = [
        {"code": code, "message": chance.choice(SAID), "status": 400},
        {"error": {"code": code, "message": chance.choice(SAID), "is_transient": odd(), "error_data": odd()}},
        {"ok": False, "description": chance.choice((*SAID, odd())), "parameters": {"retry_after": odd()}},
        {"code": chance.choice(WORDS), "message": chance.choice(SAID), "results": odd()},
    ]
    strange: list[object] = [
        {"sid": odd()}, {"messages": odd()}, {"messages": [{"id": odd()}]}, {"error": odd()}, {"code": odd()}, odd(),
        {"ok": True, "result": odd()}, {"results": {"message_id": odd()}}, {"error": {"code": odd(), "message": odd()}},
        {"code": odd(), "message": odd()}, {"description": odd(), "parameters": odd()},
    ]  # fmt: skip
    own = {"twilio": 0, "cloud": 1, "telegram": 2, "gowa": 3}.get(channel)
    if own is not None and chance.random() < 0.6:
        return chance.choice((taken[own], refused[own]))
    return chance.choice((*taken, *refused, *strange))


def _spoilt(chance: random.Random, body: bytes) -> bytes:
    """Spoil some bodies; none so that another number stands in it."""
    at = chance.randrange(len(body) + 1)
    spoilings = (
        lambda: body[:at],
        lambda: body[:at] + b"\xff\xfe" + body[at:],
        lambda: b"",
        lambda: b" " * 200_000 + body,
        lambda: b"[" * 60_000,
        lambda: b"<html>" + body,
        lambda: b"\xef\xbb\xbf" + body,
        lambda: body * 2,
    )
    return chance.choice(spoilings)() if chance.random() < 0.2 else body


def _headers(chance: random.Random) -> list[str]:
    some = [
        f"Content-Type: {chance.choice(('application/json', 'text/html', 'x', '', 'text/plain; charset=none'))}",
        f"Retry-After: {chance.choice(WAITS)}",
        "Location: http://127.0.0.1:1/elsewhere",
        "Connection: close",
        f"X-Long: {'a' * chance.choice((10, 10_000, 200_000))}",
        "Content-Encoding: gzip",
        "Set-Cookie: a=b\r\nSet-Cookie: c=d",
        "no header at all",
        "X-\x01: \x02",
        ": nameless",
    ]
    likely = (0.8, 0.3, 0.1, 0.1, 0.03, 0.03, 0.05, 0.01, 0.01, 0.01)
    return [header for header, share in zip(some, likely, strict=True) if chance.random() < share]


def _framed(chance: random.Random, body: bytes) -> tuple[list[str], bytes]:
    """Return the headers that say how long a body is, and the body as it is sent."""
    kind = chance.random()
    if kind < 0.8:
        return [f"Content-Length: {len(body)}"], body
    if kind < 0.9:
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]) if part)
        return ["Transfer-Encoding: chunked"], chunks + b"0\r\n\r\n"
    wrong = ("Content-Length: 5", "Content-Length: -1", "Content-Length: x", "Transfer-Encoding: odd", "X: y")
    return [chance.choice((*wrong, f"Content-Length: {len(body) + 9}", f"Content-Length: {10**30}"))], body


def _sent(chance: random.Random, raw: bytes, silence: float, *, may_bar: bool) -> Drawn:
    how = chance.random()
    return Drawn(
        raw,
        may_bar=may_bar,
        cut_at=chance.randrange(len(raw)) if how < 0.1 else None,
        delay=silence if how > 0.99 else chance.choice((0.0, 0.0, 0.0, 0.005)),
        ends=chance.random() < 0.1,
    )
