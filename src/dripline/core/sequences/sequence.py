"""Sequences and their steps, as frozen values."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import timedelta

from dripline.core.leads.trigger import normalize_trigger
from dripline.core.names import sender_name
from dripline.core.sequences.content import Content
from dripline.core.sequences.policy import Policy
from dripline.core.text import is_blank, is_text
from dripline.core.time.hours import step_hours
from dripline.core.time.lead_zone import known_zone
from dripline.core.time.schedule import Wait, parse_wait
from dripline.core.time.send_window import SendWindow
from dripline.errors import InvalidSequence

STEP_LIMIT = 500

"""The most steps one sequence may have."""

STEP_ID_LIMIT = 100

"""The longest id of a step, in characters."""

DEFAULT_CHANNEL = "console"

"""Where a sequence without senders goes unless it says otherwise."""

NAME_LIMIT = 200

"""The longest name of a sequence, in characters."""


@dataclass(frozen=True, slots=True)
class Step(Content):
    """What to send, and how long to wait before it, counted from the step before.

    `message` is a Jinja2 template. `after` is a timedelta or text such as ``12h``; it is a timedelta once the step
    is made. `subject` is a template for channels that show one. `html` is one for channels that show HTML beside the
    plain `message`; what is filled into it is escaped. `window` are the local hours in which it may go, where they are
    not those of its sequence: text such as ``Mon-Sat 09:00-20:00`` is read.

    `id` is what the step is known by for as long as its sequence lives, however its text and its place change. Without
    one it gets the id of the stored step that it most resembles, or a new one; two steps are equal whatever their ids.

    `media` is shown above the text. `template` goes instead of the text where the channel takes free text only from
    those who wrote lately. `variants` are other words for certain channels, by the channel's name.

    Raises:
        InvalidDelay: `after` is negative or unreadable.
        InvalidWindow: `window` cannot be read, or never opens.
        InvalidSequence: `message` or `html` is empty or not text, or `id` is none.
    """

    message: str
    after: timedelta | str = field(default=timedelta(0))
    subject: str | None = field(default=None, kw_only=True)
    window: SendWindow | str | Iterable[str] | None = field(default=None, kw_only=True)
    id: str | None = field(default=None, kw_only=True, compare=False)

    def __post_init__(self) -> None:
        if is_blank(self.message) and self.media is None:
            raise InvalidSequence("A step has no message: write what it sends.")
        if self.html is not None and not self.html.strip():
            raise InvalidSequence("The HTML of a step is empty: write it, or leave it out.")
        if not all(map(is_text, filter(None, (self.message, self.subject, self.html)))):
            raise InvalidSequence("A step holds a character that is not text: remove it.")
        object.__setattr__(self, "after", parse_wait(self.after))
        object.__setattr__(self, "window", _read_window(self.window))
        object.__setattr__(self, "id", _step_id(self.id))

    @property
    def hours(self) -> SendWindow | None:
        """`window` as the send window that it is."""
        return _read_window(self.window)

    def hours_within(self, sequence: SendWindow | None) -> SendWindow | None:
        """Return the hours in which it may go, in a sequence of these hours.

        Raises:
            InvalidWindow: Together they have too many holidays.
        """
        return step_hours(self.hours, sequence)

    @property
    def wait(self) -> Wait:
        """`after` as the wait that it is."""
        return parse_wait(self.after)

    def sources(self) -> Iterator[str]:
        """Yield every template in it: whatever a lead's message may be rendered from."""
        yield self.message
        if self.subject is not None:
            yield self.subject
        for part in (self.media, self.template, *self.variants.values()):
            if part is not None:
                yield from part.sources()


@dataclass(frozen=True, slots=True)
class Sequence:
    """An ordered list of steps that one trigger starts.

    `channel` names the channel that sends it. `senders` names the senders, or pools of them, that its leads are spread
    over, each lead staying with its own; their channel is its channel then. Without any it goes at once, unpaced.
    `policy` says what happens when a step fails, is late or unknown, and when a lead replies. `variables` maps the name
    of a template variable to what stands in for it when a lead has none.

    `goal` is a trigger that ends it for a lead that gains it. `then` is the trigger that a lead gains when it comes to
    its end; where that leads back here, `may_loop` must say that it is meant. `group`: a lead is in at most one
    sequence of a group at a time. `window` are the local hours of a lead in which its messages may go, and `zone` is
    where its leads are whose own zone nobody knows. `cold`: it also enrolls people who never wrote, on a channel that
    else lets nobody write to strangers.

    Raises:
        InvalidTrigger: A trigger is empty or not one word.
        InvalidSender: The name of a sender is empty or too long.
        InvalidWindow: The window cannot be read or never opens, or there is no such zone.
        InvalidSequence: There is no name, or no step, or too many, or two of them have one id.
    """

    name: str
    trigger: str = field(kw_only=True)
    steps: Listing[Step] = field(kw_only=True)
    channel: str = field(default=DEFAULT_CHANNEL, kw_only=True)
    senders: Listing[str] = field(default=(), kw_only=True)
    variables: Mapping[str, str] = field(default_factory=dict[str, str], kw_only=True, hash=False)
    policy: Policy = field(default=Policy(), kw_only=True)
    window: SendWindow | str | Iterable[str] | None = field(default=None, kw_only=True)
    zone: str | None = field(default=None, kw_only=True)
    goal: str | None = field(default=None, kw_only=True)
    then: str | None = field(default=None, kw_only=True)
    may_loop: bool = field(default=False, kw_only=True)
    group: str | None = field(default=None, kw_only=True)
    cold: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        name = sequence_name(self.name)
        if not self.steps:
            raise InvalidSequence(f"The sequence {name!r} has no steps: give it at least one message.")
        if len(self.steps) > STEP_LIMIT:
            raise InvalidSequence(f"The sequence {name!r} has more than {STEP_LIMIT} steps: split it in two.")
        _refuse_one_id_twice(name, self.steps)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "trigger", normalize_trigger(self.trigger))
        object.__setattr__(self, "steps", tuple(self.steps))
        for role, trigger in (("goal", self.goal), ("then", self.then)):
            object.__setattr__(self, role, None if trigger is None else normalize_trigger(trigger))
        if self.goal == self.trigger:
            raise InvalidSequence(f"The sequence {name!r} ends on the trigger that starts it: give it another goal.")
        if self.zone is not None:
            known_zone(self.zone)
        object.__setattr__(self, "group", group_name(self.group))
        object.__setattr__(self, "window", _read_window(self.window))
        for step in self.steps:
            step.hours_within(self.hours)
        object.__setattr__(self, "senders", tuple(dict.fromkeys(sender_name(sender) for sender in self.senders)))

    @property
    def hours(self) -> SendWindow | None:
        """`window` as the send window that it is."""
        return _read_window(self.window)


def _step_id(written: str | None) -> str | None:
    if written is None:
        return None
    step_id = written.strip()
    if not step_id or len(step_id) > STEP_ID_LIMIT or not is_text(step_id) or not step_id.isprintable():
        raise InvalidSequence(f"The id of a step has 1 to {STEP_ID_LIMIT} characters: correct it, or leave it out.")
    return step_id


def _refuse_one_id_twice(name: str, steps: Iterable[Step]) -> None:
    seen: set[str] = set()
    for position, step in enumerate(steps, start=1):
        if step.id is not None and step.id in seen:
            raise InvalidSequence(f"Step {position} of {name!r} has the id {step.id!r} of another: give it its own.")
        seen.add(step.id or "")


def _read_window(window: SendWindow | str | Iterable[str] | None) -> SendWindow | None:
    return window if window is None or isinstance(window, SendWindow) else SendWindow.read(window)


def sequence_name(written: str) -> str:
    """Return the name of a sequence, blank space around it dropped.

    Raises:
        InvalidSequence: It is empty, too long, or not text.
    """
    name = written.strip()
    if not name or len(name) > NAME_LIMIT or not is_text(name):
        raise InvalidSequence(f"A sequence needs a name of 1 to {NAME_LIMIT} characters: give it one.")
    return name


def group_name(written: str | None) -> str | None:
    """Return the name of an exclusive group, blank space around it dropped.

    Raises:
        InvalidSequence: It is empty, too long, or not text.
    """
    if written is None:
        return None
    name = written.strip()
    if not name or len(name) > NAME_LIMIT or not is_text(name):
        raise InvalidSequence(f"A group needs a name of 1 to {NAME_LIMIT} characters: give it one, or leave it out.")
    return name
