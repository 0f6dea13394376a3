"""What things outside this repository call: it changes only on purpose."""

import inspect
import runpy
import typing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dripline
import dripline.errors
from dripline import (
    Accepted,
    Dripline,
    Message,
    Outcome,
    Rejected,
    RetryLater,
    SenderUnavailable,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
)
from support.use_cases import NOUNS

ROOT = Path(__file__).parents[1]


class Mine:
    """A channel of one's own: nothing but send."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> Outcome:
        self.messages.append(message)
        return Accepted(provider_id=f"mine-{message.record_id}")


def test_the_example_of_the_contract_runs(url: str) -> None:
    clock, mine = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)), Mine()
    steps = [Step("Hi {{ name }}"), Step("Two", after=timedelta(hours=12)), Step("Three", after="12h")]
    with Dripline(url, clock=clock, channels={"console": mine}) as drip:
        drip.apply(Sequence(name="Warm EXAMA", trigger="WARMEXAMA", steps=steps))
        drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
        report = drip.tick()
        clock.advance(timedelta(hours=12))

        assert report.sent == 1
        assert [(r.current_step, r.status) for r in drip.records(phone="60123456789")] == [
            (1, "completed"), (2, "active"), (3, "pending"),
        ]  # fmt: skip
    message = mine.messages[0]
    assert (message.to, message.text, message.attempt, message.step) == ("60123456789", "Hi Aina", 1, 1)
    assert (message.lead.phone, message.lead.name) == ("60123456789", "Aina")


def test_every_outcome_can_be_made_as_the_contract_says() -> None:
    assert Accepted(provider_id="x").provider_id == "x"
    assert RetryLater(after=timedelta(seconds=5), scope="sender").error == ""
    assert Rejected(scope="contact", suppress=True).suppress
    assert SenderUnavailable("down", until=datetime(2026, 1, 1, tzinfo=UTC)).until is not None
    assert Unknown().error == ""


def test_every_public_name_is_there_and_sorted() -> None:
    assert sorted(dripline.__all__) == dripline.__all__
    assert [name for name in dripline.__all__ if not hasattr(dripline, name)] == []


def test_every_error_is_public() -> None:
    raised = [name for name, found in vars(dripline.errors).items() if inspect.isclass(found)]

    assert [name for name in raised if name not in dripline.__all__] == []


def test_what_type_checkers_read_and_the_reference_have_every_name() -> None:
    """Where this is red after a change of the public names: run `make reference`."""
    generator = runpy.run_path(str(ROOT / "docs/reference/generate.py"))
    made = generator["reference"]()
    there = {line for path in made for line in path.read_text("utf-8").splitlines()}

    assert [path.name for path in made if path.read_text("utf-8") != made[path]] == [], "run make reference"
    assert [name for name in dripline.__all__ if f"## {name}" not in there] == ["__version__"], "run make reference"


NOT_PUBLIC = 4
"""How many types stand in public signatures and are not public: write the lower figure here, never a higher one."""


def test_types_in_public_signatures_are_public() -> None:
    public = {name: getattr(dripline, name) for name in dripline.__all__}
    kinds = [thing for thing in (*public.values(), *NOUNS.values()) if inspect.isclass(thing)]
    named = {found for kind in kinds for found in types_of(kind, public)} - {*NOUNS.values()}

    assert len(named - {*public.values()}) <= NOT_PUBLIC, sorted(str(one) for one in named - {*public.values()})


def types_of(kind: type, known: dict[str, object]) -> set[type]:
    """Return the types of ours that the fields and methods of a class name."""
    methods = [found for name, found in inspect.getmembers(kind) if not name.startswith("_")]
    functions = [found.fget if isinstance(found, property) else found for found in methods]
    named: list[object] = [*typing.get_type_hints(kind).values()]
    for function in functions:
        named += typing.get_type_hints(function, localns=known).values() if inspect.isfunction(function) else []
    return {found for one in named for found in parts_of(one)}


def parts_of(annotation: object) -> set[type]:
    """Return the classes of ours in an annotation."""
    if inspect.isclass(annotation) and annotation.__module__.startswith("dripline"):
        return {annotation}
    return {found for one in typing.get_args(annotation) for found in parts_of(one)}


def test_the_table_has_the_columns_of_the_contract(drip: Dripline) -> None:
    drip.apply(Sequence("One", trigger="ONE", steps=[Step("Hi")]))
    drip.add_lead(phone="60123456789", triggers=["ONE"])
    record = drip.records()[0]

    contract = (
        "id enrollment_id sequence_id lead_id contact_phone sequence_stepid current_step status next_trigger_time"
        " planned_time completed_at"
    )
    assert [name for name in contract.split() if not hasattr(record, name)] == []
