"""A Docker engine of the tests' own, and its base image made by debootstrap.

The engine keeps everything in one folder, changes no firewall and takes its packages from
Debian. What this machine needs to reach the package registries (a proxy, a certificate, a
mirror) is laid into the base image of the tests and nowhere else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "dockerd": "docker.io",
    "debootstrap": "debootstrap",
    "iptables": "iptables",  # names of other containers are looked up by its means
}
RELEASE = "bookworm"
COMPOSE_FROM = "trixie"  # the first release of Debian that has Docker Compose 2
BASE = f"debian:{RELEASE}-slim"
CERTIFICATES = "/etc/certificates-of-the-tests.pem"
# An engine writes some 100,000 small files, twice; in memory that takes a third of the time.
IN_MEMORY_MB = 6000
# What Debian's slim images leave out, so that sizes can be compared.
LEFT_OUT = ("doc", "groff", "info", "lintian", "linda", "locale", "man")
# An address in this file would be one of this machine's: pip's own settings say it.
PIP_SETTINGS = ("index-url", "extra-index-url", "proxy", "trusted-host", "cert", "default-timeout")


def install_engine() -> str:
    """Install what is missing; return why that cannot be done, or nothing."""
    if not sys.platform.startswith("linux"):
        return "a Docker engine needs Linux"
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if os.geteuid() != 0:
        return "starting a Docker engine needs root"
    if missing:
        if not shutil.which("apt-get"):
            return f"{', '.join(missing)} cannot be installed without apt-get"
        quiet = {"stdout": subprocess.DEVNULL, "check": True}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, env=environment, **quiet)
    return ""


class Engine:
    """A Docker engine as a child of this process; a context manager.

    Attributes
    ----------
    environment : dict of str
        For clients of this engine.
    """

    def __init__(self) -> None:
        # A short path: a socket's may have some 100 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="engine-"))
        self._in_memory = _memory_mb() > 2 * IN_MEMORY_MB and self._mount()
        self.log = self.folder / "log"
        self.socket = self.folder / "docker.sock"
        self.environment = os.environ | {
            "DOCKER_HOST": f"unix://{self.socket}",
            "DOCKER_CONFIG": str(self.folder / "client"),
            "DOCKER_BUILDKIT": "1",
            # Debian's client before another one: it is of the engine's age
            "PATH": f"/usr/sbin:/usr/bin:/sbin:{os.environ['PATH']}",
        }
        self._process: subprocess.Popen | None = None

    def _mount(self) -> bool:
        options = f"size={IN_MEMORY_MB}m,mode=0700"
        command = ["mount", "-t", "tmpfs", "-o", options, "engine", str(self.folder)]
        return subprocess.run(command, capture_output=True).returncode == 0

    def __enter__(self) -> Engine:
        command = ["dockerd", "--host", self.environment["DOCKER_HOST"]]
        command += ["--data-root", str(self.folder / "data"), "--exec-root", str(self.folder / "x")]
        command += ["--pidfile", str(self.folder / "pid"), "--bridge", "none", "--iptables=false"]
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self.environment, start_new_session=True
            )
        until = time.monotonic() + 60
        while self.docker("version", check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > until:
                said = self.log.read_text("utf-8", "replace")[-3000:]
                self.__exit__()
                raise RuntimeError(f"the Docker engine did not start:\n{said}")
            time.sleep(0.3)
        return self

    def __exit__(self, *_error) -> None:
        if self._process.poll() is None:
            left = self.docker("ps", "-aq", check=False).stdout.split()
            if left:
                self.docker("rm", "-f", *left, check=False)
            self.docker("network", "prune", "-f", check=False)
            self._process.terminate()
            self._process.wait(60)
        if self._in_memory:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def docker(self, *arguments: str, check: bool = True, **options) -> subprocess.CompletedProcess:
        """Run the client; return what it did.

        Raises
        ------
        AssertionError
            If it failed and ``check``; holds the end of what it said.
        """
        done = subprocess.run(
            ["docker", *arguments], env=self.environment, capture_output=True, text=True, **options
        )
        if check and done.returncode:
            said = (done.stdout + done.stderr)[-4000:]
            raise AssertionError(f"docker {' '.join(arguments)} failed:\n{said}")
        return done

    def inspect(self, name: str) -> dict:
        """Return what the engine knows of an image or a container."""
        return json.loads(self.docker("inspect", name).stdout)[0]

    def make_base(self) -> None:
        """Make `BASE`; the root of Debian is kept in build/ for the next run."""
        archive = ROOT / "build" / "images" / f"{RELEASE}.tar"
        if not archive.exists():
            _bootstrap(archive, self.folder / "root")
        settings = self.folder / "settings"
        _lay_settings(settings)
        both = self.folder / "base.tar"
        shutil.copyfile(archive, both)
        # files alone: the engine takes no folder twice
        files = [str(p.relative_to(settings)) for p in settings.rglob("*") if p.is_file()]
        _tar("-rf", str(both), "-C", str(settings), *files)
        self.docker("import", "--change", 'CMD ["bash"]', str(both), BASE)
        both.unlink()

    def build(self, name: str, context: Path = ROOT) -> str:
        """Build ``deploy/docker/<name>.Dockerfile`` of a context; return the image's name."""
        file = context / "deploy" / "docker" / f"{name}.Dockerfile"
        image = f"backprop-{name}:latest"
        arguments = ["--network", "host", "--file", str(file), "--tag", image, str(context)]
        self.docker("build", "--progress", "plain", *arguments)
        return image

    def run(self, image: str, *command: str, check: bool = True, options: tuple[str, ...] = ()):
        """Run a command in a new container without a network; return what it did."""
        where = ["run", "--rm", "--network", "none", *options, image]
        return self.docker(*where, *command, check=check)


def _memory_mb() -> int:
    """Return how much memory is available."""
    text = Path("/proc/meminfo").read_text("utf-8")
    return int(text.split("MemAvailable:")[1].split()[0]) // 1024


def _tar(*arguments: str) -> None:
    subprocess.run(["tar", "--numeric-owner", *arguments], check=True)


def compose_command() -> list[str]:
    """Return the command of Docker Compose 2; from Debian's next release if there is none.

    Raises
    ------
    RuntimeError
        If it is not there and cannot be fetched.
    """
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    kept = ROOT / "build" / "images" / "docker-compose"
    if not kept.exists():
        with tempfile.TemporaryDirectory(prefix="compose-") as scratch:
            found = _fetch_from_debian("docker-compose", Path(scratch))
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, kept)
    return [str(kept)]


def _fetch_from_debian(package: str, scratch: Path) -> Path:
    """Unpack a package of `COMPOSE_FROM` in ``scratch``; return the program of its name."""
    if not (mirrors := _mirror()):
        raise RuntimeError(f"{package} is missing, and no mirror of Debian is known here")
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    sources = scratch / "sources.list"
    sources.write_text(f"deb [signed-by={keys}] {mirrors[0]} {COMPOSE_FROM} main\n", "utf-8")
    for folder in ("lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": scratch / "lists",
        "Dir::Cache": scratch / "cache",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    for command in (["update"], ["download", package]):
        done = subprocess.run([*apt, *command], cwd=scratch, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{package} of {COMPOSE_FROM} cannot be fetched: {done.stderr}")
    (archive,) = scratch.glob(f"{package}_*.deb")
    subprocess.run(["dpkg", "-x", str(archive), str(scratch / "files")], check=True)
    return next(
        p for p in (scratch / "files").rglob(package) if p.is_file() and os.access(p, os.X_OK)
    )


def _mirror() -> list[str]:
    """Return this machine's mirror of the release; none for debootstrap's default."""
    command = ["apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)"]
    for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines():
        codename, component, address = line.split(" ", 2)
        if (codename, component) == (RELEASE, "main"):
            return [address]
    return []


def _bootstrap(archive: Path, root: Path) -> None:
    """Write a root of Debian as its slim images are: without manuals and texts of programs.

    It is made in ``root``, which is removed again.
    """
    archive.parent.mkdir(parents=True, exist_ok=True)
    command = ["debootstrap", "--variant=minbase", RELEASE, str(root), *_mirror()]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    rules = "".join(f"path-exclude /usr/share/{name}/*\n" for name in LEFT_OUT)
    rules += "path-include /usr/share/doc/*/copyright\n"
    (root / "etc/dpkg/dpkg.cfg.d/docker").write_text(rules, "utf-8")
    for name in LEFT_OUT:
        for path in (root / "usr/share" / name).rglob("*"):
            if not path.is_dir() and path.name != "copyright":
                path.unlink()
    for pattern in ("var/cache/apt/archives/*.deb", "var/lib/apt/lists/*_*", "var/log/*.log"):
        for path in root.glob(pattern):
            path.unlink()
    draft = archive.with_suffix(".tmp")
    _tar("-cf", str(draft), "-C", str(root), "--one-file-system", *os.listdir(root))
    draft.replace(archive)
    shutil.rmtree(root)


def _lay_settings(folder: Path) -> None:
    """Write into ``folder`` what a root needs to reach the registries as this machine does."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {}
    for line in said.splitlines():
        name, _, value = line.partition("=")
        found[name.rpartition(".")[2]] = value.strip("'\"")
    lines = ["[global]"]
    for name in PIP_SETTINGS:
        value = found.get(name, "")
        if name == "cert" and value:
            target = folder / CERTIFICATES.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(value, target)
            value = CERTIFICATES
        # folders of this machine are not those of a container
        if value and "file:" not in value:
            lines.append(f"{name} = {value}")
    (folder / "etc/apt/apt.conf.d").mkdir(parents=True)
    (folder / "etc/pip.conf").write_text("\n".join(lines) + "\n", "utf-8")
    said = subprocess.run(["apt-config", "dump"], capture_output=True, text=True).stdout
    wanted = ("Acquire::http", "Acquire::https", "Acquire::Check")
    lines = [line for line in said.splitlines() if line.startswith(wanted)]
    (folder / "etc/apt/apt.conf.d/90tests").write_text("\n".join(lines) + "\n", "utf-8")
