"""Channels of other packages: found by the name that a sequence gives, and made of their own settings."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dripline import Dripline, Message, Outcome, Rejected, Sequence, Step
from dripline.channels.registry import BUILT_IN_NAMES
from dripline.cli.support.session import open_dripline
from dripline.config.settings import Settings
from dripline.errors import ChannelNotConfigured, InvalidSettings
from support.real_time import eventually

PAGER = """
from pathlib import Path
from dripline import Accepted, PlainChannel


class Pager(PlainChannel):
    def __init__(self, settings):
        self.folder = Path(settings.get("folder", "."))

    async def send(self, message):
        with (self.folder / "paged.txt").open("a") as paged:
            print(message.text, file=paged)
        return Accepted(f"page-{message.record_id}")
"""

WORD = "s3cret-" + "0123456789"

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package of one module, which offers a channel, as pip would leave it."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])

    def installed(code: str, offers: str = "pager = {module}:Pager", *, package: str = "acme_pager") -> None:
        (site / f"{package}.py").write_text(code)
        named = site / f"{package}-1.0.dist-info"
        named.mkdir()
        (named / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package.replace('_', '-')}\nVersion: 1.0\n")
        (named / "entry_points.txt").write_text(f"[dripline.channels]\n{offers.format(module=package)}\n")
        monkeypatch.delitem(sys.modules, package, raising=False)

    return installed


def through(channel: str, message: str = "Hi") -> Sequence:
    return Sequence("Warm", trigger="WARM", channel=channel, steps=[Step(message)])


def refusal(channel: str = "pager") -> str:
    with open_dripline("drip.db") as drip, pytest.raises(InvalidSettings) as refused:
        drip.apply(through(channel))
    return str(refused.value)


def test_a_sequence_goes_through_a_channel_that_an_installed_package_offers(install: Install, tmp_path: Path) -> None:
    install(PAGER)
    with open_dripline("drip.db") as drip:
        drip.apply(through("pager"))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
    with open_dripline("drip.db") as drip:
        assert drip.tick().sent == 1
    assert (tmp_path / "paged.txt").read_text() == "Hi\n"


POSTED_TO = (
    PAGER
    + """
    def challenge(self, query):
        return None

    def is_genuine(self, headers, body):
        return headers.get("x-word") == "ours"

    def events(self, body):
        from datetime import UTC, datetime
        from dripline import Reply

        return [Reply("1", account="1", phone=body.decode(), text="STOP", at=datetime(2026, 1, 1, tzinfo=UTC))]
"""
)


def test_what_is_posted_to_a_plug_ins_channel_is_taken_in(install: Install) -> None:
    install(POSTED_TO)
    with open_dripline("drip.db") as drip:
        drip.apply(through("pager"))
    with open_dripline("drip.db") as drip:
        assert drip.inbox.channels() == ["pager"]
        assert not drip.inbox.receive_webhook("pager", {}, b"60123456789")
        assert drip.inbox.receive_webhook("pager", {"x-word": "ours"}, b"60123456789")
        drip.tick()
        assert [barred.address for barred in drip.leads.suppressions()] == ["60123456789"]


def test_a_plug_ins_window_holds_for_what_is_due(install: Install) -> None:
    install(f"from datetime import timedelta\n{PAGER}\nPager.window = timedelta(hours=24)\n")
    with open_dripline("drip.db") as drip:
        drip.apply(through("pager"))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
    with open_dripline("drip.db") as drip:
        assert drip.tick().sent == 0
        assert [record.status for record in drip.records()] == ["active"]


def test_a_package_that_nobody_needs_is_not_imported(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install(PAGER)
    install("raise SystemExit('imported')", "fax = {module}:Fax", package="acme_fax")
    monkeypatch.setenv("DRIPLINE_CHANNELS_FAX_LINE", "1")
    with open_dripline("drip.db") as drip:
        drip.apply(through("pager"))
        drip.tick()
        assert drip.inbox.channels() == []

    assert "acme_fax" not in sys.modules


def test_a_broken_package_keeps_nobody_from_looking_or_stopping(install: Install, tmp_path: Path) -> None:
    install(PAGER)
    with open_dripline("drip.db") as drip:
        drip.apply(through("pager"))
    (tmp_path / "site" / "acme_pager.py").write_text("import nowhere_to_be_found")
    sys.modules.pop("acme_pager")
    with open_dripline("drip.db") as drip:
        drip.opt_out(phone="60123456789")
        with pytest.raises(InvalidSettings, match="cannot be imported"):
            drip.tick()


def test_a_package_that_is_gone_leaves_its_records_due(install: Install, tmp_path: Path) -> None:
    install(PAGER)
    with open_dripline("drip.db") as drip:
        drip.apply(through("pager"))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
    for entry in (tmp_path / "site" / "acme_pager-1.0.dist-info").iterdir():
        entry.unlink()
    with open_dripline("drip.db") as drip:
        assert drip.tick().waiting == {"pager": 1}


def test_a_channel_that_no_package_offers_is_not_configured(install: Install) -> None:
    del install
    with open_dripline("drip.db") as drip, pytest.raises(ChannelNotConfigured, match=r"'pager'.*install its plug-in"):
        drip.apply(through("pager"))


def test_no_package_takes_the_name_of_a_channel_of_driplines_own(install: Install) -> None:
    install("raise SystemExit('imported')", "\n".join(f"{name} = {{module}}:Pager" for name in sorted(BUILT_IN_NAMES)))
    with open_dripline("drip.db") as drip:
        drip.apply(through("console"))
        for name in BUILT_IN_NAMES - {"console"}:
            with pytest.raises(ChannelNotConfigured):
                drip.apply(through(name))

    assert "acme_pager" not in sys.modules


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import nowhere_to_be_found", "cannot be imported (ModuleNotFoundError: No module named 'nowhere"),
        ("Page = 1", "cannot be imported (AttributeError: module 'acme_pager' has no attribute 'Pager'): install"),
        ("raise OSError", "cannot be imported (OSError): install its package again"),
        ("Pager = 1", "cannot be made: dripline.channels has to name a class or a function. Tell its authors."),
        ("def Pager(s): raise ValueError('no line')", "of its settings (ValueError: no line): correct what is set"),
        ("class Pager: pass", "cannot be made of its settings (TypeError: Pager() takes no arguments): correct"),
        ("def Pager(s): return None", "is no channel: it lacks `async def send(self, message)`. Tell its authors."),
        ("def Pager(s): return type('P', (), {'send': print})()", "is no channel: it lacks `async def send"),
        (f"{PAGER}\nPager.address_kind = 'fax'", "is no channel: ValueError: address_kind is 'fax': it is"),
        (f"{PAGER}\nPager.media = ['smell']", "is no channel: ValueError: media is ['smell']: it is a set of"),
        (
            f"{PAGER}\nPager.sends_at_once = 'all'",
            "is no channel: ValueError: sends_at_once is 'all': it is a number, one or more. Tell",
        ),
    ],
)
def test_what_is_wrong_with_a_package_is_one_sentence(install: Install, code: str, told: str) -> None:
    install(code)
    refused = refusal()

    assert refused.startswith("The channel 'pager' of the package acme-pager ")
    assert told in refused
    assert "\n" not in refused


def test_two_packages_that_offer_one_channel_are_named(install: Install) -> None:
    install(PAGER)
    install(PAGER, package="other_pager")

    assert refusal() == (
        "The channel 'pager' is offered by the package acme-pager and the package other-pager: "
        "uninstall all but one of them."
    )


def test_a_name_that_no_variable_could_hold_is_refused(install: Install) -> None:
    install(PAGER, "my_pager = {module}:Pager")

    assert "a plug-in's name is small letters and digits" in refusal("my_pager")


def test_a_channel_is_given_its_settings_the_environment_first(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "dripline.toml").write_text('[channels.pager]\nfolder = "nowhere"\n\n[channels.fax]\nline = "1"\n')
    monkeypatch.setenv("DRIPLINE_CHANNELS_PAGER_FOLDER", "pages")
    install(PAGER)
    with open_dripline("drip.db") as drip:
        drip.apply(through("pager"))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
        drip.tick()

    assert (tmp_path / "pages" / "paged.txt").read_text() == "Hi\n"


@pytest.mark.parametrize(
    ("variables", "table", "given"),
    [
        ({}, "", {}),
        ({"NTFY_ACCESS_TOKEN": "1"}, "", {"ntfy": {"access_token": "1"}}),
        ({"NTFY_A": '{"b": 1}', "NTFY_B": "true"}, "", {"ntfy": {"a": '{"b": 1}', "b": "true"}}),
        ({"NTFY_A": "1"}, '[channels.ntfy]\na = "2"\nb = "3"\n[channels.x]', {"ntfy": {"a": "1", "b": "3"}, "x": {}}),
    ],
)
def test_settings_are_texts_by_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], table: str, given: object
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dripline.toml").write_text(table)
    for name, value in variables.items():
        monkeypatch.setenv(f"DRIPLINE_CHANNELS_{name}", value)
    channels = Settings.load().channels

    assert {n: {key: v.get_secret_value() for key, v in of.items()} for n, of in channels.items()} == given


@pytest.mark.parametrize(
    ("variable", "table"),
    [
        (None, f"[channels.ntfy]\ntoken = [{WORD!r}]"),
        (None, "[channels.ntfy]\nport = 5"),
        (None, f"[channels]\nntfy = {WORD!r}"),
        (None, "channels = 5"),
        ("DRIPLINE_CHANNELS_NTFY", ""),
        ("DRIPLINE_CHANNELS", ""),
    ],
)
def test_settings_that_are_no_texts_are_refused_and_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None, table: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dripline.toml").write_text(table)
    if variable is not None:
        monkeypatch.setenv(variable, WORD)
    with pytest.raises(InvalidSettings, match=r"^The setting channels.*dripline\.toml") as refused:
        Settings.load()

    assert WORD not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "code",
    [
        "def Pager(s): raise ValueError(f'{s} is wrong: ' + s['word'])",
        "from dripline import DriplineError\ndef Pager(s): raise DriplineError('no ' + s['word'])",
        "def Pager(s): raise ValueError('x' * 295 + s['word'])",
        "def Pager(s): return s.missing",
        "def Pager(s): return s['line']",
    ],
)
def test_no_setting_is_told_by_a_channel_that_cannot_be_made(
    install: Install, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setenv("DRIPLINE_CHANNELS_PAGER_WORD", WORD)
    install(code)

    assert WORD[:6] not in refusal()


class Own:
    """A channel that answers, and nothing else."""

    async def send(self, message: Message) -> Outcome:
        return Rejected(f"no {message.to}")


def test_a_program_may_look_for_channels_in_its_own_way(tmp_path: Path) -> None:
    asked: list[str] = []

    def find(name: str) -> Any:  # noqa: ANN401  (a channel, or none)
        asked.append(name)
        return Own() if name == "own" else None

    with Dripline(str(tmp_path / "drip.db"), find=find) as drip:
        drip.apply(through("own"))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
        assert drip.tick().failed == 1
        drip.tick()

    assert asked == ["own"]


def test_a_channel_that_is_not_there_is_looked_for_once(tmp_path: Path) -> None:
    asked: list[str] = []
    with Dripline(str(tmp_path / "drip.db"), channels={"own": Own()}) as drip:
        drip.apply(through("own"))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
    with Dripline(str(tmp_path / "drip.db"), find=asked.append) as drip:
        assert [drip.tick().waiting for _ in range(2)] == [{"own": 1}, {"own": 1}]

    assert asked == ["own"]


def test_a_channel_that_cannot_be_made_is_said_to_each_connection(tmp_path: Path) -> None:
    def find(name: str) -> Any:  # noqa: ANN401  (a channel, or none)
        raise InvalidSettings(f"The channel {name} cannot be made.")

    with Dripline(str(tmp_path / "drip.db"), channels={"own": Own()}) as drip:
        drip.apply(through("own"))
    with Dripline(str(tmp_path / "drip.db"), find=find) as drip, drip.connect() as other:
        for each in (other, drip):
            with pytest.raises(InvalidSettings, match="own cannot be made"):
                each.senders.channel_names()


def test_the_version_and_a_pass_that_needs_no_package_look_for_none(tmp_path: Path) -> None:
    asked_for = ((["--version"], "importlib.metadata"), (["tick", "--create"], "dripline.channels.plugins"))
    for arguments, unused in asked_for:
        code = f"""
import contextlib, sys
from dripline.cli.main import main
sys.argv = ["dripline", *{arguments!r}]
with contextlib.suppress(SystemExit):
    main()
assert {unused!r} not in sys.modules
"""
        asked = [sys.executable, "-c", code]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DRIPLINE_")}
        shown = subprocess.run(asked, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)

        assert (shown.returncode, shown.stderr) == (0, "")


def test_a_processor_finds_a_channel_that_is_named_while_it_runs(install: Install, tmp_path: Path) -> None:
    install(PAGER)
    path = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "dripline", "run", "--poll", "0.2", "--port", "0", "--db", "drip.db"]
    open_dripline("drip.db").close()
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}, cwd=tmp_path) as process:
        try:
            with open_dripline("drip.db") as drip:
                eventually(lambda: len(drip.reports.workers()) == 1)
                drip.apply(through("pager"))
                drip.add_lead(phone="60123456789", triggers=["WARM"])
                eventually(lambda: [record.status for record in drip.records()] == ["completed"])
        finally:
            process.terminate()
