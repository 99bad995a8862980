"""Guards inside the process of a submission: limits, no network, no way to the reference.

In: a request. Out: nothing; the process is changed for good. Guards inside a process hold off
accidents and plain attempts, and say what was attempted; `confinement` holds off the rest.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from generator.exercises.grading.request import Request

_OWN = tuple(Path(__file__).parent.glob("*.py"))
_MOST_BYTES_A_FILE = 100_000_000
_MOST_FILES = 256
_PROCESSORS = 4  # its processor time may be so many times the time on the clock
_ADDRESSES = 2  # of addresses, many of which are never used, so many times as of memory


def limit(request: Request) -> None:
    """Lets the system, if it can, stop what the watching process might miss."""
    if sys.platform == "win32":
        return
    import resource

    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: _MOST_BYTES_A_FILE,
        resource.RLIMIT_NOFILE: _MOST_FILES,
        # If the watching process is killed, nothing else would end an endless loop.
        resource.RLIMIT_CPU: int(60 + _PROCESSORS * request.seconds),
    }
    if (used := _addresses()) is not None:
        limits[resource.RLIMIT_AS] = used + _ADDRESSES * request.megabytes * 1_000_000
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))


def _addresses() -> int | None:
    """Bytes of addresses that this process has, if its system says that."""
    import resource

    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return None
    return pages * resource.getpagesize()


def close_the_network() -> None:
    """Refuses connections: grading needs none, and ImageNet's weights are 100 MB."""

    def refuse(event: str, _: object) -> None:
        if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
            raise PermissionError("the grader has no network; build the backbone without weights")

    sys.addaudithook(refuse)


def is_clone(root: Path) -> bool:
    """Whether the package lies in a folder of its own, and not among other installed ones."""
    return (root / "pyproject.toml").is_file()


def hide_the_generator() -> set[str]:
    """Makes this package impossible to import or to read: it holds the solution.

    Returns:
        What a submission tried to reach of it all the same; it grows.
    """
    package = Path(__file__).resolve().parents[2]
    folders = tuple(str(one) + os.sep for one in (package, package.parent / "content"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "generator"]:
        del sys.modules[name]
    if is_clone(package.parent):
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
