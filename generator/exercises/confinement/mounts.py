"""Folders that may be read -> a file system of these alone. Linux, in a mount namespace.

In: absolute paths, and an empty folder. Out: a root that holds the folders read-only at their own
places, `/submission` and `/out` to write to, and four devices. What is to be hidden is covered.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from generator.exercises.confinement import calls

WORK, OUT = Path("/submission"), Path("/out")
MOST_WORK = 500_000_000
_MOST_FILES = 10_000
_DEVICES = ("null", "zero", "random", "urandom")
SYSTEM = tuple(map(Path, ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache")))


def enter(root: Path, out: Path, visible: Sequence[Path], hidden: Sequence[Path]) -> None:
    """Leaves the file system for one in which nothing but Python can be seen.

    Args:
        root: an empty folder to build it in.
        out: what becomes `/out`.
        visible: folders to read.
        hidden: files and folders that lie in these and are not to be seen.
    """
    calls.mount("", "/", flags=calls.RECURSIVE | calls.PRIVATE)
    calls.mount("tmpfs", str(root), "tmpfs", options="mode=755,size=1m,nr_inodes=4k")
    empty = root / "empty"
    empty.touch()
    steps = [(path, True) for path in set(visible)]
    steps += [(path, False) for path in set(hidden)]
    # The path nearest to a file decides: a folder in a hidden one may be visible.
    for path, is_visible in sorted(steps, key=lambda one: (len(one[0].parts), one[1])):
        _place(root, path, empty, is_visible)
    _devices(root)
    _writable(root, out)
    calls.set_writable(str(root), False)
    for folder in (WORK, OUT):
        calls.set_writable(f"{root}{folder}", True)
    calls.change_root(str(root))
    os.chdir(WORK)


def _place(root: Path, path: Path, empty: Path, is_visible: bool) -> None:
    """Shows a path at its own place, or covers it."""
    target = Path(f"{root}{path}")
    if not path.exists():
        return
    if is_visible and path.is_symlink():  # such as /lib
        if not target.is_symlink() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path.readlink())
        return
    if not is_visible and not target.exists():
        return
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.mkdir() if path.is_dir() else target.touch()
    if is_visible:
        calls.mount(str(path), str(target), flags=calls.BIND | calls.RECURSIVE)
    elif path.is_dir():
        calls.mount("tmpfs", str(target), "tmpfs", options="mode=755,size=64k")
    else:
        calls.mount(str(empty), str(target), flags=calls.BIND)


def _devices(root: Path) -> None:
    (root / "dev").mkdir()
    for name in _DEVICES:
        (root / "dev" / name).touch()
        calls.mount(f"/dev/{name}", f"{root}/dev/{name}", flags=calls.BIND)


def _writable(root: Path, out: Path) -> None:
    (root / WORK.name).mkdir()
    options = f"mode=700,size={MOST_WORK},nr_inodes={_MOST_FILES}"
    calls.mount("tmpfs", f"{root}{WORK}", "tmpfs", options=options)
    (root / "out").mkdir()
    calls.mount(str(out), f"{root}/out", flags=calls.BIND)
    if not (root / "tmp").exists():  # Python itself may lie there
        (root / "tmp").symlink_to(WORK.name)
