"""The inner walls: namespaces, limits and a system call filter for one session.

Plain system calls through ctypes. Each failure raises OSError that names the call, so
that the grader can refuse to grade and say why.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import struct

_libc = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 24, 36, 38

NEW_MOUNTS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PIDS, NEW_NET = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, REMOUNT = 1, 2, 4, 8, 32


def _call(name: str, *arguments) -> int:
    result = getattr(_libc, name)(*arguments)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{name} was refused: {os.strerror(code)}")
    return result


def prctl(option: int, value: int = 1) -> None:
    """Set one property of this process."""
    _call("prctl", option, ctypes.c_ulong(value), 0, 0, 0)


def become(user: int) -> None:
    """Become the ordinary user ``user`` for good."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def enter_namespaces() -> None:
    """Move this process into its own users, mounts, network, IPC and names.

    Its next child will be process 1 of a new process namespace: when that one ends, the
    kernel ends all others in it.
    """
    user, group = os.geteuid(), os.getegid()
    prctl(PR_SET_DUMPABLE, 1)  # or /proc/self/uid_map belongs to root
    _call("unshare", NEW_USER)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    _call("unshare", NEW_MOUNTS | NEW_PIDS | NEW_NET | NEW_IPC | NEW_UTS | NEW_CGROUP)


def _mount_memory(where: str, options: str, flags: int = NO_SUID | NO_DEVICES) -> None:
    _call("mount", b"tmpfs", where.encode(), b"tmpfs", flags, options.encode())


def mount_scratch(scratch_mb: int) -> None:
    """Put fresh memory over the writable folders and nothing over /proc.

    /proc still shows the processes of the sandbox around this session, so it is covered;
    a new one cannot be mounted (the kernel demands that an old one be wholly visible).
    """
    _mount_memory(os.environ["HOME"], f"size={scratch_mb}m,nr_inodes=8k,mode=700")
    _mount_memory("/dev/shm", "size=8m,nr_inodes=128,mode=700")
    _mount_memory(
        "/proc", "size=4k,nr_inodes=2,mode=555", NO_SUID | NO_DEVICES | NO_EXEC | READ_ONLY
    )


def mount_files(where: str, files: dict[str, str]) -> None:
    """Put fresh memory with these files over the folder ``where``, for reading alone."""
    options, flags = "size=1m,nr_inodes=64,mode=755", NO_SUID | NO_DEVICES | NO_EXEC
    _mount_memory(where, options, flags)
    for name, text in files.items():
        _write(os.path.join(where, name), text)
    _mount_memory(where, options, flags | REMOUNT | READ_ONLY)


def address_space() -> int:
    """Return the bytes of address space that this process has, used or not."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def set_limits(limits, present: int, *, count_processes: bool = True) -> None:
    """Set the kernel's limits for this process and its children.

    Parameters
    ----------
    limits : object
        With the attributes of `grader.sandbox.Limits`.
    present : int
        The address space that a warm process has before any student code runs.
    count_processes : bool
        False where the kernel would count other processes of the same user as well.
    """
    wanted = {
        resource.RLIMIT_AS: present + (limits.memory_mb << 20),
        resource.RLIMIT_FSIZE: limits.file_mb << 20,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_CPU: int(limits.notebook_time_s) + 10,
    }
    if count_processes:  # counted for each user namespace since Linux 5.14
        wanted[resource.RLIMIT_NPROC] = limits.processes
    for what, value in wanted.items():
        highest = resource.getrlimit(what)[1]  # a host may allow less
        value = value if highest == resource.RLIM_INFINITY else min(value, highest)
        resource.setrlimit(what, (value, value))


def drop_capabilities() -> None:
    """Give up every right over the new namespaces, for this process and its children."""
    for capability in range(64):
        with contextlib.suppress(OSError):  # beyond the last one that this kernel knows
            prctl(PR_CAPBSET_DROP, capability)
    header = struct.pack("=Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _call("capset", header, bytes(24))
    prctl(PR_SET_NO_NEW_PRIVS)


# ---------------------------------------------------------------- system calls

# Refused: doors into other processes, into the kernel's rarer parts, into new namespaces,
# and memory that no process is charged for. {machine: (audit number, clone, clone3, others)}
_ALIKE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 447)
_SYSTEM_CALLS = {
    "x86_64": (
        0xC000003E, 56, 435,
        (29, 30, 31, 64, 68, 101, 103, 135, 155, 161, 165, 166, 167, 168, 169, 175, 176, 246, 248,
         249, 250, 272, 298, 300, 304, 308, 310, 311, 313, 319, 320, 321, 323, 240, *_ALIKE),
    ),
    "aarch64": (
        0xC00000B7, 220, 435,
        (194, 195, 196, 190, 186, 117, 116, 92, 41, 51, 40, 39, 224, 225, 142, 105, 106, 104, 217,
         218, 219, 97, 241, 262, 265, 268, 270, 271, 273, 279, 294, 280, 282, 180, *_ALIKE),
    ),
}  # fmt: skip
_EPERM, _ENOSYS = 1, 38
_NEW_ANYTHING = NEW_MOUNTS | NEW_CGROUP | NEW_UTS | NEW_IPC | NEW_USER | NEW_PIDS | NEW_NET


def filter_program(machine: str) -> bytes | None:
    """Return the BPF program for ``machine``, or None for one that we have no numbers for."""
    if machine not in _SYSTEM_CALLS:
        return None
    audit, clone, clone3, others = _SYSTEM_CALLS[machine]
    load, equal, at_least, any_bit, leave = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, refuse, unknown = 0x7FFF0000, 0x00050000 | _EPERM, 0x00050000 | _ENOSYS
    program = [
        (load, 0, 0, 4),  # the architecture: 32-bit calls have other numbers
        (equal, 1, 0, audit), (leave, 0, 0, refuse),
        (load, 0, 0, 0),  # the number of the call
        (at_least, 0, 1, 0x40000000), (leave, 0, 0, refuse),  # x32 numbers
    ]  # fmt: skip
    for number in others:
        program += [(equal, 0, 1, number), (leave, 0, 0, refuse)]
    # The flags of clone3 lie in memory, out of reach; without it libc falls back to clone.
    program += [(equal, 0, 1, clone3), (leave, 0, 0, unknown)]
    program += [(equal, 0, 3, clone), (load, 0, 0, 16)]
    program += [(any_bit, 0, 1, _NEW_ANYTHING), (leave, 0, 0, refuse), (leave, 0, 0, allow)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def filter_system_calls() -> None:
    """Refuse the system calls that no notebook needs; needs ``PR_SET_NO_NEW_PRIVS`` first."""
    program = filter_program(platform.machine())
    if program is None:
        return
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    _call("prctl", PR_SET_SECCOMP, 2, head, 0, 0)
