"""The pages on setup files name every key that there is, and every channel: a key nobody can find is no key."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from dripline.channels.registry import BUILT_IN_NAMES
from dripline.importing.setup.content_file import TEMPLATE_KEYS
from dripline.importing.setup.sender_file import SENDER_KEYS
from dripline.importing.setup.sequence_file import SEQUENCE_KEYS, STEP_KEYS
from dripline.importing.setup.workspace_file import WORKSPACE_KEYS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("page", "keys"),
    [
        ("sequences", SEQUENCE_KEYS),
        ("sequences", STEP_KEYS),
        ("sequences", TEMPLATE_KEYS),
        ("sequences", WORKSPACE_KEYS),
        ("senders", SENDER_KEYS),
    ],
)
def test_every_key_is_on_its_page(page: str, keys: type[BaseModel]) -> None:
    written = (DOCS / f"{page}.md").read_text(encoding="utf-8")

    assert [
        key for key in keys.model_fields if not re.search(rf"(^[ -]*{key}:|`{key}:?`)", written, re.MULTILINE)
    ] == []


def test_every_channel_is_named_where_a_sequence_names_one() -> None:
    written = (DOCS / "sequences.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^channel: .*$", written, re.MULTILINE)

    assert set(BUILT_IN_NAMES) - set(re.findall(r"\w+", line)) == set()
