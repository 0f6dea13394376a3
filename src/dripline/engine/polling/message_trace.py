"""Message traces: did messages go of which nobody knows? Channels that keep what was sent are asked."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from dripline.channels.accounts import keeps_history
from dripline.channels.by_sender import each_of, speaking_for
from dripline.channels.contract import Channel
from dripline.core.messages.compose import Send, decide
from dripline.core.messages.facts import Facts
from dripline.core.records.trace import Absent, Found, Sent
from dripline.core.senders.health import Unsure
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import Clock
from dripline.engine.polling.questions import asked, each
from dripline.store.records.claim import Claiming
from dripline.store.unknown.message_trace import MessageTraces, Trace

_log = logging.getLogger("dripline.rounds")


class MessageTrace:
    """Looks for the messages of unknown records, and completes those that went."""

    name = "trace"

    def __init__(
        self,
        tracing: MessageTraces,
        claiming: Claiming,
        channels: Mapping[str, Channel],
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._tracing = tracing
        self._claiming = claiming
        self._clock = clock
        self._wake = wake
        self._channels = channels

    def __bool__(self) -> bool:
        return bool(self._traceable())

    def hold(self) -> None:
        """Let unknown records wait whose messages nobody has looked for yet, whatever their sequences would do now."""
        if channels := self._traceable():
            self._tracing.hold(channels, self._now())

    async def ask(self) -> None:
        """Look for messages of which nobody knows whether they went, and complete the records of those that did."""
        traces = await asyncio.to_thread(self._take_traces)
        if not traces:
            return
        answers = await each(self._looked_for(trace, sent) for trace, sent in traces.items())
        found = {trace: answer for trace, answer in zip(traces, answers, strict=True) if isinstance(answer, Found)}
        absent = [trace for trace, answer in zip(traces, answers, strict=True) if isinstance(answer, Absent)]
        await asyncio.to_thread(self._note_traces, found, absent)

    async def _looked_for(self, trace: Trace, sent: Sent) -> Found | Absent | Unsure:
        channel = speaking_for(self._channels[trace.channel], trace.sender)
        if channel is None or not keeps_history(channel):
            return Unsure("its channel is not configured")
        answer = await asked(channel.find_sent(sent))
        _log.info("trace.%s record_id=%s", type(answer).__name__.lower(), trace.record_id)
        return answer

    def _traceable(self) -> list[str]:
        """Return the channels that can be asked; one may have been connected since the last look."""
        return [name for name, channel in list(self._channels.items()) if any(map(keeps_history, each_of(channel)))]

    # The clock is read in the thread that writes it, as everywhere.

    def _take_traces(self) -> dict[Trace, Sent]:
        """Return what is looked for. A worker that died left no text: it is rendered as it would be now."""
        channels = self._traceable()
        traces = self._tracing.take_traces(channels, self._now()) if channels else []
        by_contact = {trace.record_id for trace in traces if self._claiming.speaks_to_contacts(trace.channel)}
        unread = [trace.record_id for trace in traces if trace.text is None or trace.record_id in by_contact]
        found = {facts.record_id: facts for facts in self._claiming.facts_of(unread)} if unread else {}
        return {
            trace: Sent(trace.account, to=to, text=text, since=trace.since, known=trace.known)
            for trace in traces
            if (to := found[trace.record_id].to if trace.record_id in by_contact & found.keys() else trace.to)
            if (text := trace.text or _rendered(found.get(trace.record_id)))
        }

    def _note_traces(self, found: Mapping[Trace, Found], absent: list[Trace]) -> None:
        if found:
            self._tracing.note_found(found, self._now())
            self._wake()
        if absent:
            self._tracing.note_absent(absent)

    def _now(self) -> datetime:
        return whole_second(self._clock.now())


def _rendered(facts: Facts | None) -> str | None:
    decision = None if facts is None else decide(facts)
    return decision.message.text if isinstance(decision, Send) else None
