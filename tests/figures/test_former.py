"""The version at d247beb, which later ones are held against."""

import subprocess
from pathlib import Path

from benchmarks import former
from benchmarks.bench import Bench
from benchmarks.peers import LeftOut
from benchmarks.places import Places


def test_without_its_history_the_former_version_is_left_out_in_a_line(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)  # noqa: S607  (the git that there is)
    with Places() as places:
        found = former.former(Bench(places, tell=lambda _: None), tmp_path)

    assert found == LeftOut("its commit is not in the history that is here")
