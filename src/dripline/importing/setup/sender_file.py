"""A sender as a person writes it in YAML: a document that begins with the key `sender`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from dripline.core.senders.sender import Pace, Sender
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.setup.wrong_key import sentence

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Number = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{1,7}$")]

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


class _SenderText(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    sender: _Text
    channel: _Text = "console"
    account: _Text | None = None
    pool: _Text | None = None
    gap: _Text = "0s"
    burst: _Number = "1"
    hourly_cap: _Number | None = None
    daily_cap: _Number | None = None
    warm_up: list[_Number] = Field(default_factory=list[_Number])
    quiet: _Text | None = None
    zone: _Text | None = None


def is_sender(document: object) -> bool:
    """Return whether a document means to be a sender."""
    return isinstance(document, dict) and "sender" in document


def sender_of(place: str, document: object) -> Sender:
    """Return the sender that a document holds; `place` names the document in errors.

    Raises:
        InvalidFile: Names the place, what is wrong and what to write.
    """
    try:
        text = _SenderText.model_validate(document)
    except ValidationError as error:
        raise InvalidFile(sentence(place, error, _SenderText, _EXAMPLES)) from None
    try:
        pace = Pace(
            gap=text.gap,
            burst=int(text.burst),
            hourly_cap=_count(text.hourly_cap),
            daily_cap=_count(text.daily_cap),
            warm_up=[int(day) for day in text.warm_up],
            quiet=text.quiet,
            zone=text.zone,
        )
        return Sender(text.sender, channel=text.channel, account=text.account, pool=text.pool, pace=pace)
    except InvalidInput as error:
        raise InvalidFile(f"{place}: {error}") from error


def _count(written: str | None) -> int | None:
    return None if written is None else int(written)
