"""The picture stands by itself and takes names as text; a golden file finds a change."""

import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from dripline import Sender, Sequence, Step
from dripline.errors import InvalidFile
from dripline.simulate.golden_file import differences, keep, read_golden
from dripline.simulate.participants import Participants
from dripline.simulate.picture import draw
from dripline.simulate.population import Made
from dripline.simulate.result import Result
from dripline.simulate.scenario import Scenario
from dripline.simulate.simulation import play

NASTY = '<img src="//x" onerror=alert(1)>'


def played(name: str = "Warm", leads: int = 5, sender: str = "jb-1") -> Result:
    sequence = Sequence(name, trigger="WARM", steps=[Step("One"), Step("Two", "12h")], senders=[sender])
    made = Made(leads, triggers=("WARM",))
    return play(
        Scenario(), Participants(senders=(Sender(sender, channel="console"),), sequences=(sequence,), population=made)
    )


def test_the_picture_is_well_formed_and_takes_nothing_from_outside() -> None:
    drawn = draw(played())
    root = ET.fromstring(drawn.replace("<!DOCTYPE html>", ""))  # noqa: S314  (our own text)

    assert len(root.findall(".//svg")) == 4
    assert re.findall(r"<script|https?:|url\(|@import|<link|\ssrc=|\shref=", drawn) == []


def test_names_are_text_in_the_picture() -> None:
    drawn = draw(played(name=NASTY, sender=NASTY[:20]))

    assert "<img" not in drawn
    assert "&lt;img" in drawn


def test_a_long_run_is_drawn_with_several_hours_in_a_cell() -> None:
    sequence = Sequence("Long", trigger="LONG", steps=[Step("One"), Step("Two", "30d")])
    made = Made(1, triggers=("LONG",))
    result = play(Scenario(span=timedelta(days=31)), Participants(senders=(), sequences=(sequence,), population=made))

    assert "Each cell is 8 hours." in draw(result)
    assert sum(result.by_hour) == 2


def test_a_kept_result_is_found_again_and_a_change_is_named(tmp_path: Path) -> None:
    golden = tmp_path / "golden.json"
    keep(played(leads=5), golden)
    found = differences(played(leads=6), read_golden(golden))

    assert differences(played(leads=5), read_golden(golden)) == []
    assert "leads.arrived: 5 → 6" in found
    assert "sends: 10 → 12" in found


def test_a_result_of_another_shape_differs_in_what_is_missing(tmp_path: Path) -> None:
    golden = tmp_path / "golden.json"
    golden.write_text('{"sends": 10, "gone": [1, 2]}')

    assert "gone: [1, 2] → nothing" in differences(played(), read_golden(golden))


@pytest.mark.parametrize("content", [None, "not json", b"\xff\xfe\x00"])
def test_a_golden_file_that_cannot_be_read_is_refused(tmp_path: Path, content: str | bytes | None) -> None:
    golden = tmp_path / "golden.json"
    if content is not None:
        golden.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(InvalidFile, match="--keep"):
        read_golden(golden)
