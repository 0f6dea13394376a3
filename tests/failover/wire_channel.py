"""The channel of a plug-in: speaks to a provider in a process of its own, wherever that is, and repeats nothing."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta

from typing_extensions import override

from dripline import Accepted, Message, Outcome, PlainChannel, RetryLater, Unknown


class Wire(PlainChannel):
    """Hands one message over on each of a few connections to the `host` and `port` of its settings."""

    sends_at_once = 25

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._at = settings["host"], int(settings["port"])

    @override
    async def send(self, message: Message) -> Outcome:
        """Hand a message over; once it is written, silence means that it may have been taken."""
        try:
            reader, writer = await asyncio.open_connection(*self._at)
        except OSError as error:
            return RetryLater(str(error), after=timedelta(seconds=1))
        try:
            writer.write(
                json.dumps({"record_id": message.record_id, "step": message.step, "to": message.to}).encode() + b"\n"
            )
            await writer.drain()
            answer = await reader.readline()
            return Accepted(answer.decode().strip()) if answer else Unknown("the provider hung up")
        except OSError as error:
            return Unknown(str(error))
        finally:
            writer.close()
