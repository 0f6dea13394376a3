"""A sender as a person writes it in YAML: a document that begins with the key `sender`."""

from pydantic import ValidationError

from dripline.core.senders.sender import Sender
from dripline.core.sequences.sequence import DEFAULT_CHANNEL
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.setup.as_text import Text, as_text, given_by
from dripline.importing.setup.schema_errors import sentence
from dripline.schema.sender import SenderSchema

_EXAMPLES = {
    "sender": "sender: jb-1",
    "channel": "channel: console",
    "account": 'account: "106540352242922"',
    "pool": "pool: sales",
    "gap": "gap: 10s-30s",
    "burst": "burst: 1",
    "hourly_cap": "hourly_cap: 60",
    "daily_cap": "daily_cap: 400",
    "warm_up": "warm_up: [20, 40, 80, 160]",
    "quiet": 'quiet: "21:00-08:00"',
    "zone": "zone: Asia/Kuala_Lumpur",
}


SENDER_KEYS = as_text(SenderSchema, without=("name",), sender=(Text, ...), channel=(Text, None))


def is_sender(document: object) -> bool:
    """Return whether a document means to be a sender."""
    return isinstance(document, dict) and "sender" in document


def sender_of(place: str, document: object) -> Sender:
    """Return the sender that a document holds; `place` names the document in errors.

    Raises:
        InvalidFile: Names the place, what is wrong and what to write.
    """
    try:
        given = given_by(SENDER_KEYS.model_validate(document), SenderSchema)
    except ValidationError as error:
        raise InvalidFile(sentence(place, error, SENDER_KEYS, _EXAMPLES)) from None
    try:
        return SenderSchema.unchecked({"channel": DEFAULT_CHANNEL, "name": given.pop("sender")} | given).to_core()
    except InvalidInput as error:
        raise InvalidFile(f"{place}: {error}") from error
