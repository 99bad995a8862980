"""Commands that tests fork are as good as fresh ones: nothing of one is left for the next."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from tests.build.command import start
from tests.build.forked import FORKS, Command

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FORKS, reason="commands are started afresh here"),
]
KEPT = ("PPid", "Umask", "Threads", "SigBlk", "SigIgn", "SigCgt")


def told(process: int) -> dict[str, str]:
    """What the kernel knows of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def test_what_a_command_changes_is_its_own(tmp_path: Path) -> None:
    first = start(tmp_path, "--help", before=partial(os.umask, 0o777))
    assert isinstance(first, Command)
    server = int(told(first.pid)["PPid"])
    before = told(server)
    assert before["Threads"] == "1", (
        "a thread would not survive a fork, and what it holds stays held"
    )
    assert "Usage" in first.communicate()[0]
    (tmp_path / "elsewhere").mkdir()
    begun = tmp_path / "begun"
    second = start(tmp_path / "elsewhere", "check", begun=begun)
    assert "site_config.yml" in second.communicate()[0]
    assert (first.returncode, second.returncode) == (0, 2)
    assert begun.stat().st_mode & 0o777, "the umask of the one before"
    after = told(server)
    assert [after[name] for name in KEPT] == [before[name] for name in KEPT]
    assert Path(f"/proc/{server}/cwd").resolve() == Path.cwd()
