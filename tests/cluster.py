"""A classroom of deploy/kubernetes on this machine: its pods' commands as processes.

Nothing of a cluster is here; what the files say of command lines, environments and the Hub's
configuration is.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import manifests
import psutil
import requests
from classroom.harness import Browser, free_port, hub_packages, must
from manifests import GRADING_FILES, changed, name, pod_spec

SECRETS = {
    "hub.services.backprop.apiToken": "formgraders-token-for-a-test",
    "hub.services.classroom.apiToken": "classrooms-token-for-a-test",
}

HUB_FILE = """
import json, sys
from pathlib import Path

here = Path(__file__).parent
sys.path.insert(0, {tests!r})
import chart

c = get_config()
chart.load(c, json.loads((here / "values.json").read_text()), {secrets!r}, here / "files")

# What a machine has in place of a cluster: no pods, a proxy of its own, other addresses.
import jupyterhub

c.JupyterHub.spawner_class = "simple"
c.JupyterHub.data_files_path = jupyterhub._data.DATA_FILES_PATH
c.JupyterHub.bind_url = "http://127.0.0.1:{proxy}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
del c.JupyterHub["hub_connect_url"]
c.ConfigurableHTTPProxy.command = [{chp!r}]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
"""


class Cluster:
    """Hub, classroom service, marker and Formgrader as processes, from the files for Kubernetes.

    The Hub is JupyterHub 5.5 with the configuration that the chart makes of the values; the
    others run the command lines and environments of their containers. Only addresses, folders
    and the value of each Secret are this machine's.
    """

    UNIT = "03-add-mul-nodes"

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.ports = {
            part: free_port() for part in ("proxy", "hub", "api", "classroom", "formgrader")
        }
        self.url = f"http://127.0.0.1:{self.ports['proxy']}/"
        self.log = folder / "log.txt"
        self._running: list[subprocess.Popen] = []
        resources = {name(one): one for one in manifests.kustomized(GRADING_FILES)}
        self.spec = pod_spec(resources["Deployment-classroom"])
        self.settings = resources["ConfigMap-classroom"]["data"]

    @contextlib.contextmanager
    def hub_alone(self, login: str) -> Iterator[Cluster]:
        """Run the Hub with one of the logins, and its own database."""
        try:
            (self.folder / "files").mkdir()
            self._start_hub(login)
            self._wait("hub/api")
            yield self
        finally:
            self.__exit__()

    def __enter__(self) -> Cluster:
        try:
            self._prepare()
            (init,) = self.spec["initContainers"]
            done = self._start(init)
            assert done.wait(120) == 0, self.log.read_text()
            self._start_hub()
            for container in self.spec["containers"]:
                self._start(container)
            for path in ("hub/api", "services/classroom/health", "services/backprop/api"):
                self._wait(path)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error) -> None:
        below = [p for one in self._running for p in self._tree(one)]
        for one in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.terminate()
        _gone, alive = psutil.wait_procs(below, timeout=10)
        for one in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()

    @staticmethod
    def _tree(process: subprocess.Popen) -> list[psutil.Process]:
        try:
            root = psutil.Process(process.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _prepare(self) -> None:
        for name_ in ("files", "course", "data", "settings", "home", "bin"):
            (self.folder / name_).mkdir()
        # The image's, but for one unit: building all six takes half a minute.
        script = self.folder / "bin" / "prepare-course"
        lines = [
            f"#!{sys.executable}",
            "import os, sys",
            "from grader.release import build_release",
        ]
        lines += ["os.chdir(sys.argv[1])", f"list(build_release([{self.UNIT!r}]))"]
        script.write_text("\n".join(lines) + "\n")
        script.chmod(0o755)

    def _here(self, text: str) -> str:
        """Return a value of a manifest with this machine's addresses and folders."""
        hub_url, folder = f"http://127.0.0.1:{self.ports['hub']}", self.folder
        sockets = self.database.rpartition("host=")[2]
        for there, here in (
            ("http://hub.backprop.svc:8081", hub_url),
            ("0.0.0.0:9991", f"127.0.0.1:{self.ports['classroom']}"),
            ("127.0.0.1:9991", f"127.0.0.1:{self.ports['classroom']}"),
            ("0.0.0.0:9990", f"127.0.0.1:{self.ports['formgrader']}"),
            ("/srv/course", f"{folder}/course"),
            ("/srv/data", f"{folder}/data"),
            ("/scripts", str(GRADING_FILES)),
            ("/settings", f"{folder}/settings"),
        ):
            text = text.replace(there, here)
        text = re.sub(
            r"(postgresql\+psycopg://\w+)@postgresql:5432/(\w+)", rf"\1@/\2?host={sockets}", text
        )
        return f"{folder}/home" if text == "/tmp" else text

    def _environment(self, container: dict) -> dict[str, str]:
        tokens = {
            "classroom-token": SECRETS["hub.services.classroom.apiToken"],
            "formgrader-token": SECRETS["hub.services.backprop.apiToken"],
            "grader-password": "it's GRADER; --",
        }
        path = [self.folder / "bin", Path(sys.executable).parent, "/usr/bin", "/bin"]
        found = {"PATH": os.pathsep.join(map(str, path)), "LANG": "C.UTF-8"}
        found["PYTHONPATH"] = str(hub_packages("5"))
        for variable in container["env"]:
            source = variable.get("valueFrom", {})
            if "secretKeyRef" in source:
                value = tokens[source["secretKeyRef"]["key"]]
            elif "configMapKeyRef" in source:
                value = self.settings[source["configMapKeyRef"]["key"]]
            else:
                value = self._here(variable["value"])
            found[variable["name"]] = value
        return found

    def _start(self, container: dict) -> subprocess.Popen:
        first, *rest = container["args"]
        assert first == "python3"
        extra = ["--allow-root"] if "jupyterhub.singleuser" in rest and os.geteuid() == 0 else []
        command = [sys.executable, *map(self._here, rest), *extra]
        return self._popen(
            command,
            env=self._environment(container),
            cwd=self._here(container.get("workingDir", str(self.folder))),
        )

    def _start_hub(self, login: str = "dummy") -> None:
        values = manifests.values(login)
        values = changed(values, "hub/config/DummyAuthenticator", {"password": "a-password"})
        sockets = self.database.rpartition("host=")[2]
        # The Hub's image has psycopg2; here is its successor.
        address = values["hub"]["db"]["url"]
        assert address == "postgresql+psycopg2://hub@postgresql.backprop-grading.svc:5432/hub"
        values["hub"]["db"]["url"] = f"postgresql+psycopg://hub@/hub?host={sockets}"
        if not self.database:
            values["hub"]["db"]["type"] = "sqlite-pvc"
        for key, port in (("classroomUrl", "classroom"), ("formgraderUrl", "formgrader")):
            values["custom"][key] = f"http://127.0.0.1:{self.ports[port]}"
        (self.folder / "values.json").write_text(json.dumps(values))
        tests = str(Path(__file__).parent)
        chp = str(Path(sys.executable).with_name("configurable-http-proxy"))
        config = self.folder / "jupyterhub_config.py"
        config.write_text(HUB_FILE.format(tests=tests, secrets=SECRETS, chp=chp, **self.ports))
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTEST"))
        }
        environment |= {"PYTHONPATH": str(hub_packages("5")), "TMPDIR": str(self.folder)}
        self._popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)],
            env=environment,
            cwd=str(self.folder),
        )

    def _popen(self, command: list[str], env: dict[str, str], cwd: str) -> subprocess.Popen:
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._running.append(process)
        return process

    def _wait(self, path: str) -> None:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with contextlib.suppress(requests.RequestException):
                if requests.get(self.url + path, timeout=5).status_code == 200:
                    return
            for process in self._running[1:]:
                assert process.poll() is None, self.log.read_text()[-6000:]
            time.sleep(0.25)
        raise TimeoutError(f"{path} did not answer\n{self.log.read_text()[-6000:]}")

    def token(self, who: str, scopes: list[str]) -> str:
        """Return a token of somebody who logs in, with the scopes of a server of theirs."""
        browser = Browser(self.url)
        page = must(browser.get("hub/login"))
        data = {"username": who, "password": "a-password", "_xsrf": browser.xsrf(page.url)}
        answer = must(browser.post("hub/login", params={"next": "/hub/home"}, data=data))
        assert "/hub/home" in answer.url
        headers = {"X-XSRFToken": browser.xsrf(f"{self.url}hub/")}
        made = browser.post(f"hub/api/users/{who}/tokens", json={"scopes": scopes}, headers=headers)
        return must(made).json()["token"]

    def ask(self, token: str, method: str, path: str, **options) -> requests.Response:
        """Ask through the proxy."""
        headers = {"Authorization": f"token {token}"}
        return requests.request(method, self.url + path, headers=headers, timeout=60, **options)
