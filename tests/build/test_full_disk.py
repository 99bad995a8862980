"""A disk that is full, or a folder that may only be read: real ones, not pretended."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.build.command import start
from tests.tiny_project import files_in, replace_in

if sys.platform != "win32":
    import resource

_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 24, 1, 2
_CAPABILITY_VERSION = 0x20080522
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="has no such limits"),
]


def build(
    project: Path, before: Callable[[], object] | None = None, jobs: int = 1
) -> tuple[int, str]:
    """The exit code of a build, and all that it said; several jobs import all that they need."""
    process = start(project, "build", "--offline", "--jobs", str(jobs), before=before)
    text = process.communicate()[0]
    assert process.returncode is not None
    return process.returncode, text


def one_error(done: tuple[int, str], *words: str) -> None:
    """The build stopped with one sentence, and no entry was named as failed."""
    exit_code, text = done
    errors = [line for line in text.splitlines() if line.startswith("Error: ")]
    assert exit_code == 1, text
    assert len(errors) == 1, text
    assert text.rstrip().endswith(errors[0])
    assert "Traceback" not in text
    assert "failed" not in text
    for word in words:
        assert word in errors[0]


@pytest.fixture
def drawn_anew(small: Path) -> Path:
    """The small project, built; all figures have to be drawn again, and its pages made."""
    replace_in(small / "site_config.yml", "dpi: 72", "dpi: 80")
    return small


@pytest.fixture
def run_anew(drawn_anew: Path) -> Path:
    """The same, and the model has to run again."""
    shutil.rmtree(drawn_anew / ".cache")
    return drawn_anew


def test_a_real_limit_on_the_size_of_files(drawn_anew: Path) -> None:
    before = files_in(drawn_anew / "build/site")

    def stops_at(most: int, jobs: int = 1) -> None:
        limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (most, most))
        one_error(build(drawn_anew, limit, jobs), "free some space, and build again")
        assert files_in(drawn_anew / "build/site") == before

    for jobs in (1, 2):
        stops_at(1000, jobs)  # the record of an entry
    stops_at(20_000)  # a page
    shutil.rmtree(drawn_anew / ".cache")
    stops_at(200_000)  # a forward pass
    exit_code, text = build(drawn_anew)
    assert exit_code == 0, text
    assert files_in(drawn_anew / "build/site") != before


@pytest.fixture
def tiny_disk(run_anew: Path) -> Iterator[Path]:
    """A disk in place of the cache that holds one forward pass, and not two."""
    place = run_anew / ".cache"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root may mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_real_full_disk(run_anew: Path, tiny_disk: Path) -> None:
    before = files_in(run_anew / "build/site")
    one_error(build(run_anew), str(tiny_disk), "the disk is full")
    assert files_in(run_anew / "build/site") == before
    assert list(tiny_disk.rglob("*.part")) == []


def no_privileges() -> None:
    """Takes from root what lets it write where nobody may; from what it starts, too."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
        sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, and their upper halves
        libc.capget(header, sets)
        for number in range(3):
            sets[number] &= ~(1 << _CAP_DAC_OVERRIDE | 1 << _CAP_DAC_READ_SEARCH)
        libc.capset(header, sets)


@pytest.mark.parametrize("name", [".cache", "build", "build/docs", "build/stamps"])
def test_folders_that_may_only_be_read(drawn_anew: Path, name: str) -> None:
    before = files_in(drawn_anew / "build/site")
    place = drawn_anew / name
    if name == ".cache":  # something has to be written to it
        shutil.rmtree(place)
        place.mkdir()
    folders = [place, *(path for path in place.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        probe = subprocess.run(
            ["touch", str(place / "probe")], capture_output=True, preexec_fn=no_privileges
        )
        if probe.returncode == 0:
            pytest.skip("nothing here may only be read")
        # Of these, the processes that draw write to the cache.
        jobs = 2 if name == ".cache" else 1
        one_error(build(drawn_anew, no_privileges, jobs), name.partition("/")[0])
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert files_in(drawn_anew / "build/site") == before
