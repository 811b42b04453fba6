"""A container with the rights that a pod's manifest gives it, started by an OCI runtime.

What kubelet and container runtime make of `hostUsers`, `procMount`, seccomp profile, user,
capabilities and so on, made here of the same manifest for `crun`. No cluster, no image: the
container sees this machine's system and interpreter, for reading.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST_ID = 1 << 20  # on the machine, of the users of a pod with `hostUsers: false`
# What runtimes hide of /proc unless `procMount: Unmasked`.
MASKED = (
    "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
    "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
)  # fmt: skip
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
# A stand-in for a runtime's default profile in the part that matters: as containerd's and
# Docker's, it refuses new namespaces and mounts to whoever has no CAP_SYS_ADMIN.
NEW_NAMESPACES = 0x7E020000
RUNTIME_DEFAULT = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [
        {
            "names": ["mount", "umount2", "pivot_root", "unshare", "setns", "sethostname"],
            "action": "SCMP_ACT_ERRNO",
        },
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
        *(
            {
                "names": ["clone"],
                "action": "SCMP_ACT_ERRNO",
                "args": [
                    {
                        "index": 0,
                        "value": 1 << bit,
                        "valueTwo": 1 << bit,
                        "op": "SCMP_CMP_MASKED_EQ",
                    }
                ],
            }
            for bit in range(32)
            if NEW_NAMESPACES >> bit & 1
        ),
    ],
}


def _namespaces(spec: dict) -> dict:
    kinds = ["pid", "network", "ipc", "uts", "mount", "cgroup"]
    if spec.get("hostUsers", True):
        return {"namespaces": [{"type": kind} for kind in kinds]}
    ids = [{"containerID": 0, "hostID": FIRST_ID, "size": 65536}]
    return {
        "namespaces": [{"type": kind} for kind in [*kinds, "user"]],
        "uidMappings": ids,
        "gidMappings": ids,
    }


def _seccomp(rights: dict, profiles: Path) -> dict | None:
    profile = rights["seccompProfile"]
    if profile["type"] == "Unconfined":
        return None
    if profile["type"] == "RuntimeDefault":
        return RUNTIME_DEFAULT
    # on a node: /var/lib/kubelet/seccomp/<localhostProfile>
    read = json.loads((profiles / Path(profile["localhostProfile"]).name).read_text("utf-8"))
    for rule in read["syscalls"]:
        rule.pop("comment", None)
    return read | {"architectures": ["SCMP_ARCH_X86_64"]}


def _mounts(folders: list[Path], temporary: list[str]) -> list[dict]:
    memory = ["nosuid", "nodev", "mode=1777"]
    mounts = [
        {"destination": "/proc", "type": "proc", "source": "proc",
         "options": ["nosuid", "noexec", "nodev"]},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
        {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": memory},
        {"destination": "/sys", "type": "sysfs", "source": "sysfs",
         "options": ["nosuid", "noexec", "nodev", "ro"]},
    ]  # fmt: skip
    for path in temporary:
        mounts.append({"destination": path, "type": "tmpfs", "source": "tmpfs", "options": memory})
    for folder in folders:
        mounts.append(
            {"destination": str(folder), "type": "bind", "source": str(folder),
             "options": ["rbind", "ro", "nosuid"]}
        )  # fmt: skip
    return mounts


def run(
    spec: dict, name: str, command: list[str], folder: Path, profiles: Path
) -> subprocess.CompletedProcess:
    """Run a command with the rights of one container of a pod.

    Parameters
    ----------
    spec : dict
        Of the pod.
    name : str
        Of the container.
    command : list of str
        As seen in there.
    folder : Path
        An empty one, for the runtime.
    profiles : Path
        Where the seccomp profiles lie.
    """
    (container,) = (one for one in spec["containers"] if one["name"] == name)
    rights = {**spec["securityContext"], **container["securityContext"]}
    assert rights["capabilities"] == {"drop": ["ALL"]}
    outside = {Path(sys.prefix), Path(sys.base_prefix), ROOT}
    folders = [Path("/usr"), Path("/etc")]
    folders += sorted(f for f in outside if not f.is_relative_to("/usr"))
    rootfs = folder / "rootfs"
    for path in ("/proc", "/dev", "/sys", "/tmp", *map(str, folders)):
        (rootfs / path[1:]).mkdir(parents=True, exist_ok=True)
    for link in ("bin", "lib", "lib64", "sbin"):
        (rootfs / link).symlink_to(f"usr/{link}")
    linux = _namespaces(spec)
    if seccomp := _seccomp(rights, profiles):
        linux["seccomp"] = seccomp
    if rights.get("procMount") != "Unmasked":
        linux |= {"maskedPaths": MASKED, "readonlyPaths": READ_ONLY}
    kinds = ("bounding", "effective", "permitted", "inheritable", "ambient")
    process = {
        "args": command,
        "cwd": "/tmp",
        "env": [f"PATH={Path(sys.executable).parent}:/usr/bin:/bin", "HOME=/tmp"],
        "user": {"uid": rights["runAsUser"], "gid": rights["runAsGroup"]},
        "capabilities": {kind: [] for kind in kinds},
        "noNewPrivileges": not rights["allowPrivilegeEscalation"],
    }
    config = {
        "ociVersion": "1.0.2",
        "process": process,
        "root": {"path": "rootfs", "readonly": rights["readOnlyRootFilesystem"]},
        "hostname": "pod",
        "mounts": _mounts(folders, ["/tmp"]),
        "linux": linux,
    }
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    for path in (folder, *folder.parents):  # the container's users are nobody here
        if (
            path.stat().st_uid == os.getuid()
            and path.is_relative_to("/tmp")
            and path != Path("/tmp")
        ):
            path.chmod(0o755)
    crun = ["crun", "--cgroup-manager=disabled", "--root", str(folder / "state"), "run"]
    # crun wants the groups of processes of today; a machine with the old ones shows it those.
    script = 'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"'
    return subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "-",
         *crun, "--bundle", str(folder), f"test-{os.getpid()}-{folder.name}"],
        capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def can_run() -> str:
    """Return why no container can be run here, or an empty string."""
    if shutil.which("crun") is None:
        return "no crun: apt-get install crun"
    return "" if os.geteuid() == 0 else "containers with other users need root"
