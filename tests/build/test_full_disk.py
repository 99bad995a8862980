"""A disk that is full, or a folder that may only be read: real ones, not pretended."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tiny_project import files_in, replace_in

if sys.platform != "win32":
    import resource

ROOT = Path(__file__).parents[2]
_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 24, 1, 2
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="has no such limits"),
]


def build(
    project: Path, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "generator", "build", "--offline", "--jobs", "2"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=before,
    )


def one_error(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The build stopped with one sentence, and no entry was named as failed."""
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert done.returncode == 1, done.stderr
    assert len(errors) == 1, done.stderr
    assert done.stderr.rstrip().endswith(errors[0])
    assert "Traceback" not in done.stderr
    assert "failed" not in done.stdout + done.stderr
    for word in words:
        assert word in errors[0]


@pytest.fixture
def built(small: Path) -> Path:
    """The small project, built; all of it has to be made again."""
    done = build(small)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(small / ".cache")
    replace_in(small / "site_config.yml", "dpi: 72", "dpi: 80")
    return small


def test_a_real_limit_on_the_size_of_files(built: Path) -> None:
    before = files_in(built / "build/site")
    for most in (1000, 20_000, 200_000):

        def limit(most: int = most) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

        one_error(build(built, limit), "free some space, and build again")
        assert files_in(built / "build/site") == before
    done = build(built)
    assert done.returncode == 0, done.stderr
    assert files_in(built / "build/site") != before


@pytest.fixture
def tiny_disk(built: Path) -> Iterator[Path]:
    """A disk of two megabytes in place of the cache."""
    place = built / ".cache"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root may mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_real_full_disk(built: Path, tiny_disk: Path) -> None:
    before = files_in(built / "build/site")
    one_error(build(built), str(tiny_disk), "the disk is full")
    assert files_in(built / "build/site") == before
    assert list(tiny_disk.rglob("*.part")) == []


def no_privileges() -> None:
    """Takes from root what lets it write where nobody may."""
    if os.geteuid() == 0:
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


@pytest.mark.parametrize("name", [".cache", "build", "build/docs", "build/stamps"])
def test_folders_that_may_only_be_read(built: Path, name: str) -> None:
    before = files_in(built / "build/site")
    place = built / name
    place.mkdir(exist_ok=True)
    folders = [place, *(path for path in place.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        probe = subprocess.run(
            ["touch", str(place / "probe")], capture_output=True, preexec_fn=no_privileges
        )
        if probe.returncode == 0:
            pytest.skip("nothing here may only be read")
        one_error(build(built, no_privileges), name.partition("/")[0])
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert files_in(built / "build/site") == before
