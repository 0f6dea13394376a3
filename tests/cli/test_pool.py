"""A worker through a pool hears at once what another process enrolls, past the pool that the settings name."""

import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dripline import Dripline, Sequence, Step
from dripline.cli.support.session import _beside  # pyright: ignore[reportPrivateUsage]
from dripline.config.settings import Settings
from support.pool import needs_pgbouncer, pool

NewUrl = Callable[[str], str]


@needs_pgbouncer
def test_a_worker_through_a_pool_hears_at_once_of_who_was_enrolled(new_url: NewUrl, tmp_path: Path) -> None:
    direct = new_url("postgresql")
    with Dripline(direct) as drip, pool(direct, "transaction") as through:
        drip.apply(Sequence("S", trigger="T", steps=[Step("hello")]))
        log = tmp_path / "log"
        settings = {"DRIPLINE_DB": through, "DRIPLINE_DB_DIRECT": direct, "PYTHONUNBUFFERED": "1"}
        with log.open("w") as told:
            process = subprocess.Popen(
                [sys.executable, "-m", "dripline", "worker", "--poll", "600"],
                cwd=tmp_path,
                env=os.environ | settings,
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
            )
        try:
            assert process.stdout is not None
            for number in range(2):
                drip.add_lead(phone=f"6012345678{number}", triggers=["T"])
                assert select.select([process.stdout], [], [], 20)[0], log.read_text()
                assert "hello" in process.stdout.readline()
        finally:
            process.terminate()
            process.communicate(timeout=20)

    assert "listen.not" not in log.read_text()


@pytest.mark.parametrize(("named", "direct"), [("postgresql://pool/shop", "postgresql://db/shop"), ("other.db", None)])
def test_the_way_past_the_pool_is_that_of_the_settings_database_alone(
    monkeypatch: pytest.MonkeyPatch, named: str, direct: str | None
) -> None:
    monkeypatch.setenv("DRIPLINE_DB", "postgresql://pool/shop")
    monkeypatch.setenv("DRIPLINE_DB_DIRECT", "postgresql://db/shop")

    settings = Settings.load()
    assert _beside(named, settings, "db_direct", settings.db_direct) == direct
