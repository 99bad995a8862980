"""System calls that no homework needs -> refused (seccomp). Linux on x86-64 and 64-bit ARM.

In: nothing. Out: nothing; the process and all that it starts get `EPERM` from these calls. They
are those that reach other hosts, other processes' memory, memory that nobody counts, and new
namespaces.
Source: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from generator.exercises.confinement.calls import control

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16
_UNIX = 1  # the family of sockets that stay on this machine
_NEW_NAMESPACES = 0x7E020000
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # in the order of the numbers below
_X32 = 0x40000000

# The numbers on x86-64 and on 64-bit ARM.
_REFUSED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
}
_SOCKET, _CLONE, _CLONE3 = (41, 198), (56, 220), (435, 435)


def is_known() -> bool:
    """Whether this machine's numbers are known."""
    return platform.machine() in _MACHINES


def refuse_calls() -> None:
    """Puts the filter in place, for good; this process can get no new rights by then."""
    program = b"".join(_instructions(platform.machine()))
    buffer = ctypes.create_string_buffer(program)
    count = len(program) // 8

    class Program(ctypes.Structure):
        _fields_ = (("count", ctypes.c_uint16), ("first", ctypes.c_void_p))

    filled = Program(count, ctypes.addressof(buffer))
    control(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(filled))


def _instructions(machine: str) -> list[bytes]:
    """The filter as classic BPF, one instruction after the other."""
    at = list(_MACHINES).index(machine)
    refuse = _RETURN, 0, 0, _ERROR | errno.EPERM
    steps: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, _MACHINES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":  # the same calls under other numbers
        steps += [(_AT_LEAST, 0, 1, _X32), refuse]
    for numbers in _REFUSED.values():
        steps += [(_EQUAL, 0, 1, numbers[at]), refuse]
    # C libraries fall back to `clone`, whose flags can be seen.
    steps += [(_EQUAL, 0, 1, _CLONE3[at]), (_RETURN, 0, 0, _ERROR | errno.ENOSYS)]
    steps += [(_EQUAL, 0, 3, _SOCKET[at]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    steps += [(_EQUAL, 1, 0, _UNIX), refuse, (_LOAD, 0, 0, _NUMBER)]
    steps += [(_EQUAL, 0, 3, _CLONE[at]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    steps += [(_ANY_BIT, 0, 1, _NEW_NAMESPACES), refuse]
    steps += [(_RETURN, 0, 0, _ALLOW)]
    return [struct.pack("=HBBI", *one) for one in steps]
