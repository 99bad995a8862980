"""Submissions that do what they must not be able to: none reaches anything, and the run goes on."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from generator.exercises.confinement.confine import PROCESSES
from generator.exercises.grading.grader import Grader
from generator.exercises.grading.observation import Observation, observation_from
from generator.exercises.grading.request import Case
from generator.exercises.grading.runner import Stopped, run_steps
from generator.exercises.grading.submission import read_submission
from generator.exercises.grading.workers import Limits, Workers
from generator.exercises.source import Exercise
from tests.exercises.grading.conftest import EXERCISE

linux = pytest.mark.skipif(sys.platform != "linux", reason="confined on Linux alone")
ROOT = Path(__file__).parents[2]
SECRET = "a-password-of-the-instructor"


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSTRUCTORS_PASSWORD", SECRET)
        with closing(Workers(Limits(seconds=12), [EXERCISE])) as those:
            run_steps(["x = 1"], Case(), those)
            assert those.lacks == ()
            yield those


def said(workers: Workers, source: str) -> str:
    """What a source has to say, as its errors; or why it was stopped."""
    (seen,) = run_steps([source], Case(), workers)
    if isinstance(seen, Stopped):
        return seen.reason
    return "; ".join([*(f"{one.kind}: {one.text}" for one in seen.errors), seen.ended])


REFUSED = {
    "imports the reference": "import sys\nsys.modules.pop('generator')\n"
    "from generator.detr.minimal import MinimalDETR",
    "opens the reference": f"open({str(EXERCISE)!r})",
    "opens it with ctypes": "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    f"if libc.open({str(EXERCISE).encode()!r}, 0) < 0: raise OSError(ctypes.get_errno())",
    "lists the project": f"import os\nos.listdir({str(ROOT)!r})",
    "reads users": "open('/etc/passwd')",
    "reads the process table": "open('/proc/self/environ')",
    "writes to Python": "import os, sys\nopen(os.path.join(sys.prefix, 'x'), 'w')",
    "changes rights": "import os, sys\nos.chmod(sys.prefix, 0o700)",
    "takes shared memory": "open('/dev/shm/x', 'w')",
    "takes memory that nobody sees": "import os\nos.memfd_create('x')",
    "takes memory of System V": "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "if libc.shmget(0, 1 << 20, 0o1600) < 0: raise OSError(ctypes.get_errno())",
    "opens a socket": "import socket\nsocket.socket()",
    "opens one for datagrams": "import socket\nsocket.socket(type=socket.SOCK_DGRAM)",
    "makes a namespace": "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "if libc.unshare(0x10000000) < 0: raise OSError(ctypes.get_errno())",
    "mounts": "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "if libc.mount(b'/', b'/submission', None, 4096, None) < 0: raise OSError(ctypes.get_errno())",
    "makes a pipe of its results": "import os\nos.mkfifo('/out/step.json')",
    "makes a link of its results": "import os\nos.symlink('/submission/x', '/out/step.json')",
    "fills the disk": "for n in range(9): open(f'{n}', 'wb').write(bytes(99_000_000))",
    "makes many files": "for n in range(20_000): open(f'{n}', 'wb').close()",
    "takes 9 GB at once": "x = bytearray(9_000_000_000)",
}


@linux
@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_a_submission_must_not_do_is_refused(workers: Workers, name: str) -> None:
    assert "Error: " in said(workers, REFUSED[name])


@linux
@pytest.mark.slow
def test_no_search_finds_the_reference(workers: Workers) -> None:
    source = """
import os, sys
found, seen = [], set()
for place in ["/", *sys.path, os.getcwd(), os.path.expanduser("~"), sys.prefix]:
    for folder, names, files in os.walk(place):
        if folder in seen:
            names.clear()
            continue
        seen.add(folder)
        if "minimal_detr.py" in files or "generator/detr" in folder or "detr-grade" in folder:
            found.append(folder)
raise ValueError(found)
"""
    with closing(Workers(Limits(seconds=60), [EXERCISE])) as patient:
        assert said(patient, source) == "ValueError: []; "


@linux
@pytest.mark.slow
def test_nothing_of_the_environment_is_told(workers: Workers) -> None:
    source = "import os, sys\nraise ValueError({PLACE})"
    for place in (
        "sorted(os.environ.items())",
        "[*sys.argv, *sys.path]",
        "os.listdir('/submission')",
    ):
        heard = said(workers, source.replace("{PLACE}", place))
        assert heard.startswith("ValueError: ")
        assert SECRET not in heard
        assert str(ROOT) not in heard
        assert sys.prefix not in heard or "sys.path" in place


@linux
@pytest.mark.slow
def test_the_network_is_not_reached_by_any_way(workers: Workers) -> None:
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        port = server.getsockname()[1]
        connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1).send(b'x')"
        child = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {connect!r}])"
        ctypes = (
            "import ctypes\nlibc = ctypes.CDLL(None)\ns = libc.socket(2, 1, 0)\n"
            f"a = (2).to_bytes(2, 'little') + ({port}).to_bytes(2, 'big') + bytes([127, 0, 0, 1])\n"
            "libc.connect(s, a + bytes(8), 16)"
        )
        for source in (connect, child, ctypes):
            said(workers, source)
            with pytest.raises(TimeoutError):
                heard.append(server.accept())
    assert heard == []


@linux
@pytest.mark.slow
@pytest.mark.parametrize("signal", ["SIGKILL", "SIGSTOP"])
def test_no_signal_reaches_another_process(workers: Workers, signal: str) -> None:
    source = f"""
import os, signal
for number in (os.getppid(), 1, -1, {os.getpid()}, {os.getppid()}):
    try: os.kill(number, signal.{signal})
    except OSError: pass
raise ValueError("still here")
"""
    assert "still here" in said(workers, source)


@linux
@pytest.mark.slow
def test_no_daemon_survives(workers: Workers) -> None:
    mark = f"daemon-of-{os.getpid()}"
    source = f"""
import os, subprocess, sys, time
if os.fork() == 0:
    os.setsid()
    code = "import time; time.sleep(300)"
    subprocess.Popen([sys.executable, "-c", code, {mark!r}], start_new_session=True, env={{}})
    os._exit(0)
time.sleep(1)
"""
    seen = threading.Event()

    def watch() -> None:
        while not seen.is_set():
            if any(mark in line for line in commands()):
                seen.set()
            time.sleep(0.05)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    said(workers, source)
    assert seen.is_set()  # it was there
    until = time.monotonic() + 5
    while any(mark in line for line in commands()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(mark in line for line in commands())


def commands() -> list[str]:
    lines = []
    for process in psutil.process_iter():
        try:
            lines.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return lines


STOPPED = {
    "forges a result": ("open('/out/step.json', 'w').write('{}')\nLEAVE", "tampered"),
    "forges a deep one": ("open('/out/step.json', 'w').write('[' * 99_999)\nLEAVE", "tampered"),
    "forges a long one": ("open('/out/step.json', 'wb').write(bytes(9_000_000))\nLEAVE", "tamper"),
    "ends Python": ("LEAVE", "ended Python itself, with exit code 0"),
    "crashes": ("import ctypes\nctypes.string_at(0)", "crashed Python itself (SIGSEGV)"),
    "starts many": (
        "import os, time\nfor n in range(40):\n    os.fork() or time.sleep(60)\ntime.sleep(9)",
        "started more than 32 processes",
    ),
}


@linux
@pytest.mark.slow
@pytest.mark.parametrize("name", STOPPED)
def test_what_is_stopped_says_why(workers: Workers, name: str) -> None:
    source, why = STOPPED[name]
    assert why in said(workers, source.replace("LEAVE", "import os; os._exit(0)"))


@linux
@pytest.mark.slow
def test_memory_of_all_its_processes_is_limited() -> None:
    source = "import time\nx = bytearray(b'x') * 500_000_000\ntime.sleep(300)"
    with closing(Workers(Limits(seconds=120, megabytes=600))) as workers:
        assert said(workers, source) == "took more than 600 MB of memory"


@linux
@pytest.mark.slow
def test_what_one_submission_did_is_gone_for_the_next(workers: Workers, exercise: Exercise) -> None:
    broken = "import torch, os\ntorch.nn.Linear = None\nopen('left', 'w').close()\nos.chdir('/')\n"
    said(workers, broken)
    (seen,) = run_steps(
        ["import os\nassert not os.listdir()\n" + exercise.solution], Case(), workers
    )
    assert isinstance(seen, Observation)
    assert seen.errors == ()
    assert seen.is_complete


@linux
@pytest.mark.slow
def test_without_namespaces_landlock_and_seccomp_hold_and_the_rest_is_said(tmp_path: Path) -> None:
    for name in ("work", "out", "root"):
        (tmp_path / name).mkdir()
    code = f"""
import json, os, socket, sys
from pathlib import Path
from generator.exercises.confinement import calls, confine
def refuse():
    raise OSError
calls.unshare_all = refuse
root, folder = Path({str(ROOT)!r}), Path({str(tmp_path)!r})
visible = (Path(sys.prefix), Path(sys.base_prefix), root)
confined = confine.confine(confine.Place(folder, visible, (root / "content",)))
said = list(confined.lacks)
for attempt in (
    lambda: open(root / "content/exercises/minimal_detr.py"),
    lambda: open(folder / "x", "w"),
    lambda: open("/dev/shm/x", "w"),
    lambda: os.mkfifo(confined.out / "x"),
    socket.socket,
):
    try: attempt()
    except PermissionError: said.append("refused")
(root / "generator/errors.py").read_text()
(confined.out / "said").write_text(json.dumps(said))
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    said_there = json.loads((tmp_path / "out" / "said").read_bytes())
    assert said_there == [PROCESSES, *["refused"] * 5]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links")
def test_results_are_read_from_plain_files_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text('{"errors": [], "classes": [], "state": null, "runs": []}')
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "folder").mkdir()
    assert observation_from(tmp_path / "file") is not None
    for name in ("pipe", "link", "folder", "none"):
        assert observation_from(tmp_path / name) is None


UNREADABLE = {
    "open brackets": "[" * 200_000,
    "lines of them": "[[[[[[[[[[[[[[[[[[[\n" * 9_900,
    "decorators": "@a\n" * 9_900,
    "magics": "%x\n" * 9_900,
    "quotes": "'''\n" * 9_900,
    "a bracket at the end": "x = 1\n" * 9_900 + "[",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", UNREADABLE)
def test_what_python_cannot_read_takes_no_minutes(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(UNREADABLE[name])
    begun = time.process_time()
    assert read_submission(path).answers
    assert time.process_time() - begun < 30  # a processor's seconds; two on a usual one


@linux
@pytest.mark.slow
def test_the_run_goes_on_after_the_worst(exercise: Exercise, tmp_path: Path) -> None:
    texts = {
        "kills": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(-1, 9)",
        "cheats": "import sys\nsys.modules.pop('generator')\n"
        "from generator.detr.minimal import MinimalDETR",
        "right": exercise.solution,
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    with closing(Grader(EXERCISE, Limits(seconds=20))) as grader:
        kills, cheats, right = (grader.grade(tmp_path / f"{name}.py") for name in texts)
    assert (kills.points, kills.passed) == (0, False)
    assert (cheats.points, cheats.passed) == (0, False)
    assert any("`sys.modules`" in flag for flag in cheats.flags)
    assert any("imports the package" in flag for flag in cheats.flags)
    assert (right.points, right.passed, right.flags) == (12, True, ())
