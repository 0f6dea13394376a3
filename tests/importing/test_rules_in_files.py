"""The rules of time and leaving as a person writes them in YAML; what is wrong is named in one sentence."""

from datetime import timedelta
from pathlib import Path

import pytest

from dripline import OnReply, ReEntry, SendWindow, WhenLate
from dripline.errors import InvalidFile
from dripline.importing.setup.setup_file import read_setup

RULES = """
name: Cold
trigger: COLD
when_late: keep
late_grace: 1h
min_gap: 2h
on_reply: pause
on_trigger_lost: exit
re_entry: after_exit
window: "Mon-Sat 09:00-20:00"
holidays: [2026-12-25, 2026-02-17..2026-02-18]
zone: Asia/Kuala_Lumpur
goal: bought
then: warm
may_loop: yes
group: funnel
steps:
  - message: One
  - after: 12h
    message: Two
    window: [Mon-Fri 10:00-12:00, Sat 10:00-11:00]
"""

WORDS = {
    'window: "Xday 9-17"': "Xday",
    "window: 09:00-09:00": "09:00",
    "window: []": "window",
    "zone: Mars/Olympus": "There is no time zone 'Mars/Olympus'",
    "holidays: [2026-12-25, 2026-12-24..2026-12-26]": "overlap",
    "holidays: []": "The list of holidays is empty",
    "holidays: [2026-12-26..2026-12-25]": "2026-12-26",
    "holidays: [Christmas]": "Christmas",
    "when_late: later": "when_late is 'later': write respace or keep or skip",
    "late_grace: soon": "The wait 'soon' cannot be read",
    "on_reply: leave": "on_reply is 'leave': write continue or pause or exit",
    "re_entry: always": "re_entry is 'always': write once or after_exit or restart",
    "goal: COLD": "ends on the trigger that starts it",
    "then: two words": "holds a space",
    "may_loop: maybe": "The key may_loop holds the wrong kind of value: write may_loop: yes",
    "group: ''": "The key group is empty: write group: funnel",
}


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "setup.yaml"
    file.write_text(text)
    return file


def test_every_rule_is_read(tmp_path: Path) -> None:
    sequence = read_setup(write(tmp_path, RULES)).sequences[0]
    policy = sequence.policy

    assert (policy.when_late, policy.on_reply, policy.re_entry) == (WhenLate.KEEP, OnReply.PAUSE, ReEntry.AFTER_EXIT)
    assert (policy.grace, policy.gap) == (timedelta(hours=1), timedelta(hours=2))
    assert (sequence.goal, sequence.then, sequence.may_loop, sequence.group) == ("BOUGHT", "WARM", True, "funnel")
    assert sequence.hours == SendWindow.read("Mon-Sat 09:00-20:00", ["2026-12-25", "2026-02-17..2026-02-18"])
    assert sequence.steps[1].hours == SendWindow.read(["Mon-Fri 10:00-12:00", "Sat 10:00-11:00"])


def test_holidays_alone_leave_every_other_hour(tmp_path: Path) -> None:
    text = "name: A\ntrigger: A\nholidays: [2026-12-25]\nsteps: [{message: Hi}]\n"

    assert read_setup(write(tmp_path, text)).sequences[0].hours == SendWindow.read("00:00-24:00", ["2026-12-25"])


@pytest.mark.parametrize("line", WORDS)
def test_what_is_wrong_is_named_in_one_sentence(tmp_path: Path, line: str) -> None:
    key = line.partition(":")[0]
    kept = [other for other in RULES.splitlines() if not other.startswith(f"{key}:")]
    file = write(tmp_path, "\n".join([line, *kept]))

    with pytest.raises(InvalidFile) as found:
        read_setup(file)
    assert WORDS[line] in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("workspace:\n", "The workspace is empty"),
        ("workspace:\n  zoen: UTC\n", "There is no key 'zoen': write zone"),
        ("workspace:\n  daily_cap: 0\n", "daily_cap is 0"),
        ("workspace:\n  zone: Nowhere\n", "There is no time zone 'Nowhere'"),
        ("workspace:\n  zone: UTC\nzone: UTC\n", "stands beside workspace"),
        ("workspace:\n  zone: UTC\n---\nworkspace:\n  zone: UTC\n", "two workspaces"),
    ],
)
def test_a_workspace_that_cannot_be_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidFile, match=told):
        read_setup(write(tmp_path, text))
