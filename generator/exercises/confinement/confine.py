"""A process -> the same one with nothing in reach but Python and two folders of its own.

In: a `Place`. Out: `Confined`, with what does not hold on this system, in words. The process has
one thread. On Linux it comes back as the first process of a namespace: if it ends, all that it
started ends, and it dies with the process that called `confine`, which waits for it and ends as
it did.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "linux":
    from generator.exercises.confinement import calls, landlock, mounts, seccomp

FILES = "read and change whatever you can"
NETWORK = "reach the network"
PROCESSES = "end other processes of yours, this one too, and leave some behind"
SENTENCES = (FILES, NETWORK, PROCESSES)
"""What a submission can do where it is not confined."""


@dataclass(frozen=True)
class Place:
    """Where a process is confined to.

    Attributes:
        folder: has the empty folders `work`, `out` and `root`.
        visible: folders that may be read.
        hidden: files and folders that may not, though they lie in these.
    """

    folder: Path
    visible: tuple[Path, ...]
    hidden: tuple[Path, ...]


@dataclass(frozen=True)
class Confined:
    """What came of it.

    Attributes:
        work: the folder to work in.
        out: the folder for results.
        lacks: what the process can do all the same; some of `SENTENCES`.
    """

    work: Path
    out: Path
    lacks: tuple[str, ...]


def confine(place: Place) -> Confined:
    """Confines this process as far as its system does that; returns in the confined one."""
    work, out = place.folder / "work", place.folder / "out"
    if sys.platform != "linux":
        return Confined(work, out, SENTENCES)
    calls.die_with_parent()
    lacks = set(SENTENCES)
    visible = (*place.visible, *mounts.SYSTEM)
    if _enter_namespaces():
        lacks -= {NETWORK, PROCESSES}
        try:
            mounts.enter(place.folder / "root", out, visible, place.hidden)
        except OSError:
            os.chdir(work)
        else:
            lacks -= {FILES}
            work, out = mounts.WORK, mounts.OUT
    calls.give_up_rights()
    if landlock.version():
        parts = [one for path in visible for one in _without(path, place.hidden)]
        landlock.restrict(visible, parts, work, out, Path("/dev"))
        lacks -= {FILES}
    if seccomp.is_known():
        seccomp.refuse_calls()
        lacks -= {NETWORK}
    return Confined(work, out, tuple(one for one in SENTENCES if one in lacks))


def _enter_namespaces() -> bool:
    """Goes on as the first process of namespaces of its own, if the kernel allows that."""
    try:
        calls.unshare_all()
        child = os.fork()
    except OSError:
        return False
    if child:
        _end_as(child)
    calls.die_with_parent()
    os.setsid()  # its group reaches outside
    return True


def _end_as(child: int) -> None:
    """Waits for a process and ends in the same way."""
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 1)


def _without(folder: Path, hidden: Sequence[Path]) -> Iterator[Path]:
    """A folder in pieces that do not hold what is hidden; the folder itself if it holds none."""
    inside = [one for one in hidden if one.is_relative_to(folder) and one != folder]
    if not inside:
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path not in inside:
            yield from _without(path, inside)
