"""The process in which submissions run; `runner` starts it.

In: `request.json` in a folder. Out: in the same folder `ready` as soon as torch is imported,
`failed` with a reason if that does not work; and once there is a file `go`, a `step-N.json` for
each source, renamed into place, and before it `seen-N.json` with what was observed so far. The
process that started it kills it; it waits for no thread that a submission left.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from generator.exercises.grading.request import Request

_OWN = tuple(Path(__file__).parent.glob("*.py"))
_POLL = 0.01  # seconds
_MOST_BYTES_A_FILE = 100_000_000
_PROCESSORS = 4  # its processor time may be so many times the time on the clock


def main(folder: Path) -> None:
    """Runs the steps of a request, one after the other."""
    request = Request.from_json(json.loads((folder / "request.json").read_bytes()))
    _limit(request)
    try:
        from generator.exercises.grading.offline import download_nothing
        from generator.exercises.grading.probe import Probe

        download_nothing()
        probe = Probe(request.case)
    except Exception as error:
        _publish(folder / "failed", f"cannot start: {type(error).__name__}: {error}")
        raise
    _close_the_network()
    forbidden = _hide_the_generator()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _publish(folder / "ready", "")
    while not (folder / "go").exists():  # else a submission might remove `ready` unseen
        time.sleep(_POLL)
    encode = json.dumps  # a submission may put something else in its place
    for number, source in enumerate(request.sources):
        forbidden.clear()

        def publish(seen: dict[str, Any], number: int = number) -> None:
            text = encode({**seen, "forbidden": sorted(forbidden)[:20]})
            _publish(folder / f"seen-{number}.json", text)

        seen = probe.observe(source, publish)
        text = encode({**seen, "forbidden": sorted(forbidden)[:20]})
        _publish(folder / f"step-{number}.json", text)


def _publish(path: Path, text: str) -> None:
    partial = path.with_suffix(".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _limit(request: Request) -> None:
    """Lets the system, if it can, stop what the watching process might miss."""
    if sys.platform == "win32":
        return
    import resource

    # If the watching process is killed, nothing else would end an endless loop.
    seconds = int(60 + _PROCESSORS * request.seconds * len(request.sources))
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _MOST_BYTES_A_FILE),
        (resource.RLIMIT_CPU, seconds),
    ):
        hard = resource.getrlimit(kind)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def _close_the_network() -> None:
    """Refuses connections: grading needs none, and ImageNet's weights are 100 MB."""

    def refuse(event: str, _: object) -> None:
        if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
            raise PermissionError("the grader has no network; build the backbone without weights")

    sys.addaudithook(refuse)


def _hide_the_generator() -> set[str]:
    """Makes this package impossible to import or to read: it holds the solution.

    Returns:
        What a submission tried to reach of it all the same; it grows.
    """
    package = Path(__file__).resolve().parents[2]
    folders = tuple(str(one) + os.sep for one in (package, package.parent / "content"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "generator"]:
        del sys.modules[name]
    sys.path[:] = [one for one in sys.path if Path(one or ".").resolve() != package.parent]
    sys.argv[:] = ["submission.py"]
    main_module = sys.modules["__main__"]
    main_module.__file__ = "submission.py"
    main_module.__spec__ = None
    reached: set[str] = set()

    def refuse(event: str, values: Any) -> None:
        if event == "import" and str(values[0]).partition(".")[0] == "generator":
            reached.add(str(values[0])[:300])
            raise ModuleNotFoundError(f"No module named {values[0]!r}")
        if event == "open" and isinstance(values[0], str | bytes):
            path = os.path.realpath(os.fsdecode(values[0]))
            if path.startswith(folders):
                if not path.endswith(".pyc") and path not in own:
                    reached.add(Path(path).name)
                raise PermissionError("the grader's own files are not for submissions")

    own = {str(Path(one).resolve()) for one in _OWN}  # a traceback may quote their lines
    sys.modules["generator"] = None  # type: ignore[assignment]
    sys.addaudithook(refuse)
    return reached


def _end_with(parent: int) -> None:
    """Ends this process when the watching process was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def start(folder: Path) -> None:
    """Runs the steps and ends this process, whatever a submission left running."""
    code = 1
    try:
        main(folder)
        code = 0
    finally:
        os._exit(code)  # `sys.exit` would wait for threads of a submission
