"""Sequence files: what people write is what is sent, and every slip is one sentence with its remedy."""

from datetime import timedelta
from pathlib import Path

import pytest

from dripline.core.sequences.sequence import Sequence, Step
from dripline.errors import InvalidFile
from dripline.importing.setup.setup_file import read_setup

GOOD = """\
name: Warm EXAMA
trigger: warmexama
channel: smtp
variables:
  niche: your exam
  name: ""
steps:
  - message: |
      Hi {{ name }},
      about {{ niche }}
    subject: no
  - after: 12h
    message: 0123
"""


def read(tmp_path: Path, content: str | bytes) -> tuple[Sequence, ...]:
    path = tmp_path / "warm.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_setup(path).sequences


def test_a_file_becomes_the_sequence_that_was_written(tmp_path: Path) -> None:
    (sequence,) = read(tmp_path, GOOD)

    assert sequence == Sequence(
        "Warm EXAMA",
        trigger="WARMEXAMA",
        channel="smtp",
        variables={"niche": "your exam", "name": ""},
        steps=(Step("Hi {{ name }},\nabout {{ niche }}", subject="no"), Step("0123", timedelta(hours=12))),
    )


def test_defaults_are_the_console_at_once_without_subject(tmp_path: Path) -> None:
    (sequence,) = read(tmp_path, "\ufeffname: A\r\ntrigger: ON\r\nsteps: [{message: Hi}]\r\n")

    assert (sequence.trigger, sequence.channel, sequence.steps) == ("ON", "console", (Step("Hi"),))


def test_a_file_may_hold_several_documents(tmp_path: Path) -> None:
    second = GOOD.replace("Warm EXAMA", "Second")

    assert [sequence.name for sequence in read(tmp_path, f"---\n{GOOD}---\n{second}---\n")] == ["Warm EXAMA", "Second"]


def test_an_anchor_may_be_used_again(tmp_path: Path) -> None:
    (sequence,) = read(tmp_path, "name: A\ntrigger: B\nsteps:\n- &hi {message: Hi}\n- *hi\n")

    assert sequence.steps == (Step("Hi"), Step("Hi"))


STEPS = "steps: [{message: Hi}]\n"

BAD = [
    ("", " is empty"),
    ("# nothing\n---\n", " holds nothing but comments"),
    ("- name: A\n", " is not a sequence: write the keys name, trigger and steps"),
    ("Hello\n", " is not a sequence"),
    ("name: A\ntrigger: [B\n", ", line 3 is not YAML"),
    ("name: A\n\ttrigger: B\n", ", line 2 is not YAML"),
    (f"name: A: B\ntrigger: B\n{STEPS}", ", line 1 is not YAML (mapping values are not allowed here)"),
    (f"name: A\ntrigger: B\nname: C\n{STEPS}", ", line 3 has the key 'name' a second time"),
    ("name: A\ntrigger: B\nsteps:\n- message: {{ name }}\n", ", line 4 has a key that is not a word: put text"),
    (f"name: A\n{STEPS}", ": The key trigger is missing: add trigger: WARMEXAMA"),
    (f"name: A\ntriger: B\n{STEPS}", ": There is no key 'triger': write trigger."),
    (
        f"name: A\ntrigger: B\nlabels: B\n{STEPS}",
        ": There is no key 'labels': the keys here are ",
    ),
    (f"name: A\ntrigger:\n{STEPS}", ": The key trigger is empty: write trigger: WARMEXAMA"),
    (f"name: A\ntrigger: ' '\n{STEPS}", ": The key trigger is empty"),
    (f"name: A\ntrigger: [B, C]\n{STEPS}", ": The key trigger holds the wrong kind of value: write trigger: WARMEXAMA"),
    (f"name: A\ntrigger: B C\n{STEPS}", ": The trigger 'B C' holds a space, comma or semicolon: write it as one word."),
    (f"name: {'x' * 201}\ntrigger: B\n{STEPS}", ": A sequence needs a name of 1 to 200 characters"),
    (f"name: A\ntrigger: B\nchannel: ''\n{STEPS}", ": The key channel is empty: write channel: console"),
    ("name: A\ntrigger: B\nsteps:\n", ": The key steps is empty"),
    ("name: A\ntrigger: B\nsteps: []\n", ": The sequence 'A' has no steps: give it at least one message."),
    ("name: A\ntrigger: B\nsteps: Hi\n", ": The key steps holds the wrong kind of value"),
    ("name: A\ntrigger: B\nsteps:\n- Hi\n", ", step 1 is not a step: begin it with a dash and the key message."),
    ("name: A\ntrigger: B\nsteps:\n- message: Hi\n- after: 1h\n", ", step 2: The key message is missing: add message"),
    (
        "name: A\ntrigger: B\nsteps:\n- message: Hi\n- mesage: Hi\n",
        ", step 2: There is no key 'mesage': write message.",
    ),
    (
        "name: A\ntrigger: B\nsteps:\n- message:\n",
        ', step 1: The key message is empty: write message: "Hi {{ name }}".',
    ),
    ("name: A\ntrigger: B\nsteps:\n- message: ' '\n", ", step 1: The key message is empty"),
    ("name: A\ntrigger: B\nsteps:\n- {message: Hi, after: 12}\n", ", step 1: The wait 12 has no unit: write 12h"),
    ("name: A\ntrigger: B\nsteps:\n- {message: Hi, after: -12h}\n", ", step 1: The wait -12h is negative"),
    ("name: A\ntrigger: B\nsteps:\n- {message: Hi, after: 12:30}\n", ", step 1: The wait '12:30' cannot be read"),
    ("name: A\ntrigger: B\nsteps:\n- {message: Hi, after: 12h30}\n", "write 0s, 90m, 12h, 3d or 1w"),
    ("name: A\ntrigger: B\nsteps:\n- {message: Hi, after: 999999w}\n", ", step 1: The wait 999999w is longer than"),
    ("name: A\ntrigger: B\nsteps:\n- {message: Hi, after: " + "9" * 5000 + "}\n", "has no unit"),
    (f"name: A\ntrigger: B\nvariables: [niche]\n{STEPS}", ": The key variables holds the wrong kind of value"),
    (f"name: A\ntrigger: B\nvariables: {{niche: }}\n{STEPS}", ": The key variables niche is empty"),
    (f"name: A\ntrigger: B\nvariables: {{My Niche: x}}\n{STEPS}", "No lead has 'My Niche': write my_niche"),
    (f"name: A\ntrigger: B\nvariables: {{2: x}}\n{STEPS}", ", variables: '2' cannot name an attribute"),
    (f"name: A\ntrigger: B\n{STEPS}---\nname: B\n{STEPS}", ", document 2: The key trigger is missing"),
    (f"name: A\ntrigger: B\n{STEPS}---\nname: A\ntrigger: C\n{STEPS}", " has two sequences named 'A'"),
    ("name: \x07\n", " holds characters that YAML does not allow"),
    ("name: A\nsteps: &a [*a]\n", ": The key trigger is missing"),
    ("[" * 3_000, " is nested too deeply"),
    ("# " + "x" * 1_000_000, " is larger than 1,000,000 bytes"),
    ("name: Café\n".encode("latin-1"), " is not text in UTF-8"),
]


@pytest.mark.parametrize(("content", "sentence"), BAD, ids=[sentence for _, sentence in BAD])
def test_a_slip_is_named_with_its_place_and_remedy(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    with pytest.raises(InvalidFile) as refused:
        read(tmp_path, content)

    assert str(refused.value).startswith(str(tmp_path / "warm.yaml"))
    assert sentence in str(refused.value)


def test_aliases_of_aliases_do_not_fill_the_memory(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    with pytest.raises(InvalidFile, match="There is no key 'a0'"):
        read(tmp_path, "\n".join(lines))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="does not exist"):
        read_setup(tmp_path / "missing.yaml")
