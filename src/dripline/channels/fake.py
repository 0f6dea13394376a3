"""A channel that answers as scripted and remembers what it took: for your tests and ours.

fake = FakeChannel([RetryLater(), Accepted("x")])      # these first, then it accepts everything
fake = FakeChannel(lambda message: Rejected("no such number", scope="contact") if message.step == 2 else None)
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from dripline.channels.capabilities import Capabilities
from dripline.core.leads.address import AddressKind
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome
from dripline.core.sequences.content import MediaKind

Script = Callable[[Message], Outcome | None]


class FakeChannel:
    """Answers from a script, accepting where the script is silent.

    `window`: for how long after somebody wrote it takes free text to them; at any time unless given.
    `offered` holds every message it was asked to send, `accepted` those it took, both in order.
    """

    def __init__(
        self,
        script: Script | Iterable[Outcome] = (),
        *,
        address_kind: AddressKind = AddressKind.ANY,
        idempotent: bool = False,
        window: timedelta | None = None,
    ) -> None:
        self.capabilities = Capabilities(
            address_kind=address_kind, idempotent=idempotent, window=window, media=frozenset(MediaKind)
        )
        self.offered: list[Message] = []
        self.accepted: list[Message] = []
        self._script = script if callable(script) else _in_order(iter(script))

    async def send(self, message: Message) -> Outcome:
        """Answer as scripted."""
        self.offered.append(message)
        outcome = self._script(message) or Accepted(f"fake-{message.record_id}-{message.attempt}")
        if isinstance(outcome, Accepted):
            self.accepted.append(message)
        return outcome


def _in_order(outcomes: Iterator[Outcome]) -> Script:
    return lambda _message: next(outcomes, None)
