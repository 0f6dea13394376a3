"""The provider of a channel under test, as its tests play it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from enum import StrEnum

from dripline.channels.capabilities import capabilities_of
from dripline.channels.contract import Channel
from dripline.core.leads.address import AddressKind
from dripline.core.leads.lead import Lead
from dripline.core.messages.message import Message

PHONE, EMAIL = "60123456789", "aina@example.com"

TEXT = 'Hi Aïna 😊, "ключ" <b>&amp;</b> 100 % {x}\n\nBye'
"""What messages say, unless a check wants otherwise: what a careless channel would break."""

FIRST_RECORD = 7_000_000_000_000
"""Record ids are large (and below 2**53)."""


class Behaviour(StrEnum):
    """What a provider does with a message."""

    ACCEPT = "accept"
    """Takes it, and answers with an id of its own for it."""
    REFUSE = "refuse"
    """Answers that it does not take it; best with everything it was sent repeated, as proxies do."""
    BE_BUSY = "be busy"
    """Answers that it does not take it now."""
    BREAK_DOWN = "break down"
    """Reads it all, and answers with a failure of its own, so that nobody knows whether it was taken."""
    ANSWER_NONSENSE = "answer nonsense"
    """Reads it all, and answers that all is well, in words that nobody can read."""
    BE_SILENT = "be silent"
    """Reads it all, and answers nothing until the other side hangs up."""
    HANG_UP = "hang up"
    """Reads it all, and closes the connection without an answer."""
    BE_AWAY = "be away"
    """Cannot be connected to. It is the last that a provider plays."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Something that the provider posts to us, signed by it: `headers` by their lower-case names, and the raw body.

    `signs_body`: whether the proof is of the body, and not only a word that both sides know.
    """

    headers: Mapping[str, str]
    body: bytes
    signs_body: bool = field(default=True, kw_only=True)


class Provider(ABC):
    """What the checks need of a provider: a real server on loopback, as a rule. Each check has one of its own.

    `plays` are the behaviours that it can play: a channel that writes files has no silence. `secrets` are texts that
    must be told nowhere. `account` and `attributes` are what its messages need: a sender's name there, a chat's id.
    """

    plays: frozenset[Behaviour] = frozenset(Behaviour)
    secrets: tuple[str, ...] = ()
    account: str | None = None
    attributes: Mapping[str, str] = {}

    @abstractmethod
    def channel(self, timeout: float) -> Channel:
        """Return a new channel that speaks to it, and gives an answer up after so many seconds, if it can be told."""

    @abstractmethod
    def play(self, behaviour: Behaviour) -> None:
        """Behave so from now on."""

    @abstractmethod
    def taken(self) -> int:
        """Return how many messages have come to it whole so far, whatever it answered."""

    def open_connections(self) -> int:
        """Return how many connections are open now."""
        return 0

    def posted(self) -> Listing[Posted]:
        """Return what it posts to us, each another event; needed where the channel takes anything in."""
        return ()

    def message(self, number: int = 1, *, text: str = TEXT) -> Message:
        """Return the message of this number."""
        can = capabilities_of(self.channel(1))
        own = EMAIL if can.address_kind is AddressKind.EMAIL else PHONE
        lead = Lead(1, phone=PHONE, email=EMAIL, name="Aïna", attributes=self.attributes)
        return Message(
            own if can.contact_kind is None else self.attributes[can.contact_kind],
            text=text,
            record_id=FIRST_RECORD + number,
            attempt=1,
            lead=lead,
            sequence="Warm EXAMA",
            step=1,
            account=self.account,
        )
