"""System calls that Python 3.11 has no names for, by ctypes.

In: numbers and paths, as in the calls' manual pages. Out: nothing, or `OSError`. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import platform

NEW_NAMESPACES = 0x10000000 | 0x00020000 | 0x40000000 | 0x08000000 | 0x04000000 | 0x20000000
"""CLONE_NEWUSER, NEWNS, NEWNET, NEWIPC, NEWUTS, NEWPID."""
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_MOST_CAPABILITIES = 64
_AT_FDCWD, _AT_RECURSIVE, _UNMOUNT_DETACHED = -100, 0x8000, 2
_READ_ONLY, _NO_SUID = 0x1, 0x2
_MOUNT_SETATTR = 442
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("namespace", ctypes.c_uint64),
    )


def check(result: int) -> int:
    """Raises what a call that failed left in `errno`."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def system_call(number: int, *arguments: object) -> int:
    """Any call by its number."""
    return check(_libc.syscall(ctypes.c_long(number), *arguments))


def control(option: int, *values: object) -> None:
    """`prctl`."""
    given = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in values]
    check(_libc.prctl(option, *given, *[ctypes.c_ulong(0)] * (4 - len(given))))


def die_with_parent() -> None:
    """Has this process killed as soon as the thread that started it has ended."""
    control(_PR_SET_PDEATHSIG, 9)


def unshare_all() -> None:
    """Enters namespaces of its own, as the same user without any rights outside.

    Its next child is the first process of the new process namespace. Needs a single thread.
    """
    user, group = os.geteuid(), os.getegid()
    check(_libc.unshare(NEW_NAMESPACES))
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        file = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(file, text.encode())
        os.close(file)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """`mount`."""
    texts = [one.encode() or None for one in (source, target, kind)]
    check(_libc.mount(*texts, ctypes.c_ulong(flags), options.encode() or None))


def set_writable(target: str, writable: bool) -> None:
    """Makes a mount and all below it read-only, or writable again; set-user bits have no effect."""
    values = _MountAttributes(_NO_SUID | _READ_ONLY, 0, 0, 0)
    if writable:
        values = _MountAttributes(_NO_SUID, _READ_ONLY, 0, 0)
    path, size = target.encode(), ctypes.c_size_t(ctypes.sizeof(values))
    system_call(_MOUNT_SETATTR, _AT_FDCWD, path, _AT_RECURSIVE, ctypes.byref(values), size)


def change_root(folder: str) -> None:
    """Makes a mount the whole file system; what was there before is out of reach."""
    os.chdir(folder)
    system_call(_PIVOT_ROOT[platform.machine()], b".", b".")
    check(_libc.umount2(b".", _UNMOUNT_DETACHED))
    os.chdir("/")


def give_up_rights() -> None:
    """Drops every capability, for good; no program that it starts gets one back."""
    control(_PR_SET_NO_NEW_PRIVS, 1)
    for number in range(_MOST_CAPABILITIES):
        try:
            control(_PR_CAPBSET_DROP, number)
        except OSError:  # the kernel has no more of them
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    check(_libc.capset(header, (ctypes.c_uint32 * 6)()))
