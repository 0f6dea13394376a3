"""The tables of an archive, and which columns each has: what is written of what ended long ago."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

Cell = int | str | datetime | None
"""What stands in a table: a number, a text, an instant in UTC, or nothing."""

ARCHIVED: Mapping[str, Mapping[str, type]] = MappingProxyType({
    "enrollments": {
        "enrollment": int, "sequence": str, "version": int, "lead": int, "phone": str, "email": str, "name": str,
        "address": str, "sender": str, "enrolled_at": datetime, "ended_at": datetime, "end_code": str, "end_facts": str,
    },
    "records": {
        "record": int, "enrollment": int, "step": int, "status": str, "sender": str, "planned_time": datetime,
        "next_trigger_time": datetime, "completed_at": datetime, "ended_at": datetime, "reason_code": str,
        "reason_facts": str,
    },
    "attempts": {
        "record": int, "number": int, "sender": str, "started_at": datetime, "finished_at": datetime, "outcome": str,
        "provider_id": str, "error": str, "text": str, "delivery": str, "delivery_at": datetime, "delivery_error": str,
    },
    "moves": {
        "record": int, "moved_at": datetime, "moved_to": datetime, "reason_code": str, "reason_facts": str,
    },
    "settlements": {
        "record": int, "attempt": int, "settled_at": datetime, "settled_by": str, "resolution": str, "proof": str,
    },
    "audit_log": {
        "entry": int, "at": datetime, "actor": str, "deed": str, "lead": int, "details": str,
    },
    "messages_in": {
        "entry": int, "lead": int, "channel": str, "account": str, "writer": str, "provider_id": str, "at": datetime,
        "kind": str, "text": str, "class": str, "reason_code": str, "reason_facts": str, "handled_at": datetime,
        "handled_by": str,
    },
    "sender_events": {
        "entry": int, "sender": str, "at": datetime, "event": str, "reason_code": str, "reason_facts": str,
    },
})  # fmt: skip
"""Each table by its name, with the type of each of its columns; facts and details are JSON."""
