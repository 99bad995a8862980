"""Folders to read and to write -> a process that can open nothing else (Landlock, Linux 5.13).

In: absolute paths. Out: the number of the kernel's version of Landlock, or `OSError`. It needs no
rights, and holds for all that the process starts. From version 4 it closes TCP as well, from 6
signals to processes outside and abstract sockets.
Source: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from generator.exercises.confinement.calls import system_call

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_EXECUTE, _WRITE, _READ, _LIST, _REMOVE_FILE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 5
_ALL_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights to files that a version knows, by the first that knows them."""
_MAKE_FOLDER, _MAKE_FILE, _TRUNCATE, _REMOVE_FOLDER = 1 << 7, 1 << 8, 1 << 14, 1 << 4
_MAKE_LINK, _REFER = 1 << 12, 1 << 13
_OF_A_FILE = _EXECUTE | _WRITE | _READ | _TRUNCATE
_TCP, _SCOPES = 0b11, 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Rule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The kernel's version of Landlock; 0 if it has none."""
    try:
        return system_call(_CREATE, None, ctypes.c_size_t(0), 1)
    except OSError:
        return 0


def restrict(
    listed: Iterable[Path], readable: Iterable[Path], work: Path, out: Path, devices: Path
) -> None:
    """Refuses this process, for good, everything but these.

    Args:
        listed: folders whose names may be listed, with all below.
        readable: files and folders to read, and to run programs from.
        work: to do anything in, except making pipes, sockets and devices.
        out: to write plain files in.
        devices: to read and write what is there.
    """
    number = version()
    known = next(rights for first, rights in sorted(_ALL_FILES.items())[::-1] if first <= number)
    values = _Ruleset(known, _TCP if number >= 4 else 0, _SCOPES if number >= 6 else 0)
    size = 8 if number < 4 else 16 if number < 6 else 24
    rules = system_call(_CREATE, ctypes.byref(values), ctypes.c_size_t(size), 0)
    in_out = _READ | _WRITE | _LIST | _MAKE_FILE | _REMOVE_FILE | _TRUNCATE
    in_work = in_out | _EXECUTE | _MAKE_FOLDER | _REMOVE_FOLDER | _MAKE_LINK | _REFER
    try:
        for paths, rights in (
            (listed, _LIST),
            (readable, _READ | _EXECUTE | _LIST),
            ([work], in_work),
            ([out], in_out),
            ([devices], _READ | _WRITE),
        ):
            for path in paths:
                _allow(rules, path, rights & known)
        system_call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        file = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # nothing there to allow
        return
    try:
        allowed = rights if path.is_dir() else rights & _OF_A_FILE
        if allowed:
            rule = _Rule(allowed, file)
            system_call(_ADD, rules, 1, ctypes.byref(rule), 0)
    finally:
        os.close(file)
