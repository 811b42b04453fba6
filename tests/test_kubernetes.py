"""deploy/kubernetes: valid, safe, and a Hub that starts with its configuration."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from datetime import datetime
from pathlib import Path

import chart
import jsonschema
import kubernetes_validate
import manifests
import nbformat
import network
import pods
import postgres
import pytest
import requests
import yaml
from batches import hand_in, scores
from classroom.harness import Refused
from cluster import SECRETS, Cluster
from cronsim import CronSim, CronSimError
from dask_cluster import unit_environment
from manifests import (
    GRADING,
    GRADING_FILES,
    HERE,
    HUB,
    LOGINS,
    changed,
    containers,
    document,
    name,
    pod_spec,
)
from network import Pod, allowed
from traitlets.config import Config

from grader.classroom import make_class
from grader.exchange import hub
from grader.release import make_course

# The oldest that can run these files (user namespaces), and the newest whose schemas we have.
VERSIONS = ("1.33", kubernetes_validate.latest_version())
WITHOUT_SCHEMA = {("postgresql.cnpg.io/v1", "Cluster"), ("postgresql.cnpg.io/v1", "Database")}
PATCHES = ("unconfined", "kata", "no-sandbox")
RESOURCES = manifests.all_resources()
PODS = [one for one in RESOURCES if one["kind"] != "Cluster" and pod_spec(one)]


# ---- values: the chart's schema ----------------------------------------------------------


@pytest.fixture(scope="module")
def schema():
    """The chart's schema of its values, as a validator."""
    found = document(manifests.CHART_SCHEMA)
    jsonschema.Draft7Validator.check_schema(found)
    return jsonschema.Draft7Validator(found)


@pytest.mark.parametrize("site", [True, False], ids=["site", "no site"])
@pytest.mark.parametrize("login", LOGINS)
def test_values_are_what_the_chart_takes(schema, login, site):
    schema.validate(manifests.values(login, site))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("singleuser/memory/guaranteee", "448M"),
        ("singleuser/networkPolicy/egressAllowRules/internet", True),
        ("singleuser/networkPolicy/egressAllowRules/nonPrivateIPs", "no"),
        ("hub/netwrokPolicy", {}),
        ("hub/db/type", "postgresql"),
        ("proxy/https/type", "certbot"),
        ("cull/timeout", "1h"),
        ("prePuller/continous", {}),
        ("singleuser/storage/homeMountpath", "/home/student"),
        ("extraConfig", {}),
        # what helm says when --set-file was forgotten
        ("hub/extraFiles/classroom_hub", {"mountPath": "/somewhere/hub.py"}),
    ],
)
def test_wrong_values_are_refused(schema, path, value):
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(changed(manifests.values(), path, value))


def test_values_are_merged_as_helm_does():
    below = {"a": {"b": 1, "c": [1, 2]}, "d": None}
    assert manifests.merged(below, {"a": {"c": [3]}}) == {"a": {"b": 1, "c": [3]}, "d": None}
    assert manifests.merged(below, {"a": {"b": None}}) == {"a": {"c": [1, 2]}, "d": None}


# ---- manifests: the schemas of Kubernetes ------------------------------------------------


def validate(resource: dict, version: str) -> None:
    kubernetes_validate.validate(resource, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("resource", RESOURCES, ids=name)
def test_manifests_are_what_kubernetes_takes(resource, version):
    if (resource["apiVersion"], resource["kind"]) in WITHOUT_SCHEMA:
        with pytest.raises(kubernetes_validate.SchemaNotFoundError):
            validate(resource, version)
    else:
        validate(resource, version)


@pytest.mark.parametrize(
    ("wanted", "path", "value"),
    [
        ("Deployment-classroom", "spec/template/spec/hostUser", False),
        ("Deployment-classroom", "spec/template/spec/containers/0/ports/0/containerPort", "9991"),
        ("Deployment-classroom", "spec/template/spec/containers/0/readinessProbe/httpGet/port", {}),
        ("Deployment-classroom", "spec/template/spec/containers/1/securityContext/procmount", "U"),
        ("Deployment-classroom", "spec/selector", "classroom"),
        ("StatefulSet-postgresql", "spec/volumeClaimTemplates/0/spec/accessModes", "ReadWriteOnce"),
        ("CronJob-backup", "spec/jobTemplate/spec/template/spec/containers/0/image", 17),
        ("CronJob-backup", "spec/schedule", None),
        ("NetworkPolicy-classroom", "spec/ingress/0/ports/0/port", 9990.5),
        ("PodDisruptionBudget-classroom", "spec/maxUnavailable", []),
        ("Deployment-dask-worker", "spec/template/spec/hostUsers", "no"),
    ],
)
def test_wrong_manifests_are_refused(wanted, path, value):
    (resource,) = (one for one in RESOURCES if name(one) == wanted)
    with pytest.raises(kubernetes_validate.ValidationError):
        validate(changed(resource, path, value), VERSIONS[-1])


def test_what_a_site_adds_for_dask_finds_its_place():
    text = (HERE / "README.md").read_text("utf-8")
    text = text[text.index("\n## Dask\n") :]
    overlay = text[text.index("    # kustomization.yaml\n") : text.index("    kubectl kustomize")]
    plan = yaml.safe_load(textwrap.dedent(overlay))
    assert plan["resources"] == ["../backprop/deploy/kubernetes/dask"]
    for part in ("scheduler", "worker"):
        repository = document(HERE / "dask" / "values.yaml")[part]["image"]["repository"]
        assert repository == plan["images"][0]["name"]
    assert ("ServiceAccount", "dask") in {(r["kind"], r["metadata"]["name"]) for r in RESOURCES}
    marker = text[
        text.index("    - target: {kind: Deployment") : text.index("and apply that again")
    ]
    (patch,) = yaml.safe_load(textwrap.dedent(marker))
    test, replace = yaml.safe_load(patch["patch"])
    (found,) = (r for r in RESOURCES if name(r) == "Deployment-classroom")
    for step in replace["path"].strip("/").split("/"):
        found = found[int(step) if step.isdigit() else step]
    assert test == {"op": "test", "path": replace["path"], "value": found}
    assert found.startswith("--jobs=")


def test_dask_is_set_as_on_machines_of_its_own():
    for part in ("scheduler", "worker"):
        (made,) = (r for r in RESOURCES if name(r) == f"Deployment-dask-{part}")
        (container,) = made["spec"]["template"]["spec"]["containers"]
        given = {one["name"]: one["value"] for one in container["env"]}
        assert unit_environment(part).items() <= given.items()


def test_every_file_is_looked_at():
    # A manifest that no kustomization names would be one that nothing here has seen.
    folders = ("grading", "dask", "batch")
    named = {HERE / folder / "kustomization.yaml" for folder in folders}
    for folder in folders:
        plan = document(HERE / folder / "kustomization.yaml")
        files = [*plan["resources"], *(p["path"] for p in plan.get("patches", []))]
        files += [f for made in plan.get("configMapGenerator", []) for f in made["files"]]
        named |= {HERE / folder / file for file in files}
    named |= {HERE / "dask" / "values.yaml", HERE / "namespaces.yaml"}
    named |= {HERE / "values.yaml", HERE / "site.example.yaml", *HERE.glob("login/*.yaml")}
    named |= {HERE / "postgresql-operator" / "cluster.yaml", HERE / "sandbox" / "seccomp.json"}
    named |= {HERE / "sandbox" / f"{patch}.yaml" for patch in PATCHES}
    named |= set(HERE.glob("schemas/*")) | set(HERE.rglob("README.md"))
    found = {path for path in HERE.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert found == named


@pytest.mark.parametrize("patch", PATCHES)
def test_patches_of_the_sandbox_fit(patch):
    given = manifests.kustomized(HERE / "grading")
    found = manifests.kustomized(HERE / "grading", (HERE / "sandbox" / f"{patch}.yaml",))
    ((before, after),) = [(a, b) for a, b in zip(given, found, strict=True) if a != b]
    assert name(after) == "Deployment-classroom"
    names = [[c["name"] for c in containers(pod_spec(one))] for one in (before, after)]
    gone = ["marker"] if patch == "no-sandbox" else []
    # a patch for a container that there is not would add one
    assert names[1] == [one for one in names[0] if one not in gone]
    validate(after, VERSIONS[-1])
    rights = [one["securityContext"] for one in pod_spec(after)["containers"]]
    if patch == "unconfined":
        assert rights[1]["seccompProfile"] == rights[2]["seccompProfile"] == {"type": "Unconfined"}
    if patch == "no-sandbox":
        assert rights[0] == rights[1]
        assert "hostUsers" not in pod_spec(after)


# ---- what every pod must be --------------------------------------------------------------


def faults(spec: dict) -> list[str]:
    """Return what is wrong with a pod: root, no limits, a tag that moves, a token."""
    found = []
    if spec.get("automountServiceAccountToken") is not False:
        found.append("token of the cluster")
    for container in containers(spec):
        rights = {**spec.get("securityContext", {}), **container.get("securityContext", {})}
        where = container["name"]
        if rights.get("runAsNonRoot") is not True or not rights.get("runAsUser"):
            found.append(f"{where}: may be root")
        if rights.get("privileged") or rights.get("allowPrivilegeEscalation") is not False:
            found.append(f"{where}: may gain rights")
        if rights.get("capabilities", {}) != {"drop": ["ALL"]}:
            found.append(f"{where}: capabilities")
        if "seccompProfile" not in rights:
            found.append(f"{where}: no seccomp profile")
        resources = container.get("resources", {})
        for part in ("requests", "limits"):
            if set(resources.get(part, {})) != {"cpu", "memory"}:
                found.append(f"{where}: {part}")
        tag = container["image"].rpartition("/")[2].partition(":")[2]
        if tag in ("", "latest"):
            found.append(f"{where}: image without a version")
    return found


@pytest.mark.parametrize("resource", PODS, ids=name)
def test_pods_have_no_more_than_they_need(resource):
    assert faults(pod_spec(resource)) == []


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("automountServiceAccountToken", True, "token"),
        ("securityContext/runAsNonRoot", False, "root"),
        ("securityContext/runAsUser", 0, "root"),
        ("containers/0/securityContext/runAsUser", 0, "root"),
        ("containers/0/securityContext/privileged", True, "rights"),
        ("containers/1/securityContext/allowPrivilegeEscalation", True, "rights"),
        ("containers/1/securityContext/capabilities", {"add": ["SYS_ADMIN"]}, "capabilities"),
        ("containers/0/resources/limits", {"cpu": "1"}, "limits"),
        ("initContainers/0/resources", {}, "requests"),
        ("containers/0/image", "registry.example.edu:5000/backprop-grader", "version"),
        ("containers/0/image", "backprop-grader:latest", "version"),
    ],
)
def test_each_fault_of_a_pod_is_found(path, value, fault):
    (resource,) = (one for one in PODS if name(one) == "Deployment-classroom")
    found = faults(changed(pod_spec(resource), path, value))
    assert found
    assert all(fault in one for one in found if "requests" not in fault or "limits" not in one)


def test_only_what_runs_students_code_has_open_walls():
    opened = {
        (name(resource), container["name"])
        for resource in PODS
        for container in containers(pod_spec(resource))
        if {"procMount", "appArmorProfile"} & set(container["securityContext"])
    }
    assert opened == {
        ("Deployment-classroom", "marker"),
        ("Deployment-classroom", "formgrader"),
        ("Deployment-dask-worker", "dask-worker"),
    }
    for resource in PODS:
        if name(resource) in {pod for pod, _container in opened}:
            # Unmasked is refused by the API otherwise
            assert pod_spec(resource)["hostUsers"] is False


def test_a_dead_container_is_noticed():
    for resource in PODS:
        if resource["kind"] in ("Deployment", "StatefulSet"):
            for container in pod_spec(resource)["containers"]:
                if container["name"] != "marker":  # it serves nothing, and ends when it cannot work
                    assert "livenessProbe" in container, (name(resource), container["name"])


def test_volumes_secrets_and_settings_exist():
    there = {(one["kind"], one["metadata"]["name"]) for one in RESOURCES}
    text = (HERE / "README.md").read_text("utf-8")
    for resource in PODS:
        spec = pod_spec(resource)
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        for claim in resource["spec"].get("volumeClaimTemplates", []):
            volumes[claim["metadata"]["name"]] = {}
        for volume in volumes.values():
            if "configMap" in volume:
                assert ("ConfigMap", volume["configMap"]["name"]) in there
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                assert ("PersistentVolumeClaim", claim) in there
        for container in containers(spec):
            assert {m["name"] for m in container.get("volumeMounts", [])} <= set(volumes)
            for variable in container.get("env", []):
                source = variable.get("valueFrom", {})
                if "secretKeyRef" in source:
                    assert source["secretKeyRef"]["name"] == "backprop-grading"
                    assert f"--from-literal={source['secretKeyRef']['key']}=" in text
                if "configMapKeyRef" in source:
                    assert ("ConfigMap", source["configMapKeyRef"]["name"]) in there


def test_claims_are_for_one_node_so_pods_are_not_doubled():
    for resource in RESOURCES:
        if resource["kind"] == "PersistentVolumeClaim":
            assert resource["spec"]["accessModes"] == ["ReadWriteOnce"]
    (classroom,) = (one for one in PODS if name(one) == "Deployment-classroom")
    assert classroom["spec"]["replicas"] == 1
    assert classroom["spec"]["strategy"] == {"type": "Recreate"}


def test_the_backups_time_can_be_read():
    (cron,) = (one for one in RESOURCES if one["kind"] == "CronJob")
    CronSim(cron["spec"]["schedule"], datetime(2026, 1, 1))
    with pytest.raises(CronSimError):
        CronSim("15 25 * * *", datetime(2026, 1, 1))


SECRET_LOOKING = re.compile(
    r"""(?i)^\s*[\w.-]*(password|secret|token|api_?key)(?!_url)[\w.-]*\s*(:\s+|=\s*(?=["']))["']?([^\s"'{$]+)"""
)
NOT_SECRET = {"true", "false", "null", "backprop-hub"}  # the last is the name of one


def secrets_in(text: str) -> list[str]:
    """Return the lines that look like a secret with its value."""
    found = []
    for line in text.splitlines():
        hit = SECRET_LOOKING.match(line.split("#")[0])
        if hit and hit[3] not in NOT_SECRET and len(hit[3]) > 5:
            found.append(line)
    return found


def test_no_secret_stands_in_a_file():
    for path in sorted(HERE.rglob("*")):
        if (
            path.is_file()
            and "schemas" not in path.parts
            and path.suffix in (".yaml", ".py", ".sh")
        ):
            assert secrets_in(path.read_text("utf-8")) == [], path
        if path.suffix == ".yaml" and "schemas" not in path.parts:
            assert all(one.get("kind") != "Secret" for one in manifests.documents(path)), path
    assert secrets_in("  client_secret: 8a7b6c5d4e3f") != []
    assert secrets_in('password: "correct horse"') != []
    assert secrets_in("API_TOKEN = 'f00ba7f00ba7'") != []


# ---- network policies --------------------------------------------------------------------

POLICIES = [one for one in RESOURCES if one["kind"] == "NetworkPolicy"]
JUPYTERHUB = {"app": "jupyterhub", "release": "backprop"}
STUDENT = Pod(
    HUB,
    {**JUPYTERHUB, "component": "singleuser-server", "hub.jupyter.org/network-access-hub": "true"},
    "10.1.0.10",
)
OTHER_STUDENT = Pod(HUB, STUDENT.labels, "10.1.0.11")
HUB_POD = Pod(
    HUB,
    {
        **JUPYTERHUB, "component": "hub",
        "hub.jupyter.org/network-access-proxy-api": "true",
        "hub.jupyter.org/network-access-singleuser": "true",
    },
    "10.1.0.2",
)  # fmt: skip
PROXY = Pod(
    HUB,
    {
        **JUPYTERHUB, "component": "proxy",
        "hub.jupyter.org/network-access-hub": "true",
        "hub.jupyter.org/network-access-singleuser": "true",
    },
    "10.1.0.3",
)  # fmt: skip
CLASSROOM = network.grading_pod("classroom", "10.2.0.4")
POSTGRESQL = network.grading_pod("postgresql", "10.2.0.5")
BACKUP = network.grading_pod("backup", "10.2.0.6")
BATCH = network.grading_pod("grade-batch", "10.2.0.9")
SCHEDULER = Pod(GRADING, {"app": "dask", "release": "dask", "component": "scheduler"}, "10.2.0.7")
WORKER = Pod(GRADING, {"app": "dask", "release": "dask", "component": "worker"}, "10.2.0.8")
OTHER_WORKER = Pod(GRADING, WORKER.labels, "10.2.0.18")
DNS = Pod("kube-system", {"k8s-app": "kube-dns"}, "10.96.0.10")
SOMEBODYS = Pod("default", {"app": "wiki"}, "10.3.0.1")
# Labels are easily copied; the namespace is not.
PRETENDER = Pod("default", {**CLASSROOM.labels, **STUDENT.labels}, "10.3.0.2")
METADATA, INTERNET, API = "169.254.169.254", "93.184.215.14", "10.96.0.1"


def policies(values: dict | None = None) -> list[dict]:
    return [*network.chart_policies(values or manifests.values()), *POLICIES]


OPEN_WAYS = [
    (STUDENT, HUB_POD, 8081),
    (STUDENT, PROXY, 8000),
    (STUDENT, CLASSROOM, 9991),
    (PROXY, STUDENT, 8888),
    (HUB_POD, STUDENT, 8888),
    (PROXY, HUB_POD, 8081),
    (HUB_POD, PROXY, 8001),
    (PROXY, CLASSROOM, 9991),
    (PROXY, CLASSROOM, 9990),
    (HUB_POD, CLASSROOM, 9991),
    (CLASSROOM, HUB_POD, 8081),
    (CLASSROOM, POSTGRESQL, 5432),
    (HUB_POD, POSTGRESQL, 5432),
    (BACKUP, POSTGRESQL, 5432),
    (HUB_POD, API, 443),
    (HUB_POD, INTERNET, 443),  # login
    (INTERNET, PROXY, 8000),
    (CLASSROOM, SCHEDULER, 8786),
    (WORKER, SCHEDULER, 8786),
    (SCHEDULER, WORKER, 8789),
    (SCHEDULER, WORKER, 8788),
    (WORKER, OTHER_WORKER, 8789),
]
SHUT_WAYS = [
    (STUDENT, METADATA, 80),
    (STUDENT, METADATA, 53),
    (STUDENT, OTHER_STUDENT, 8888),
    (STUDENT, OTHER_STUDENT, 22),
    (STUDENT, CLASSROOM, 9990),  # Formgrader: only by the proxy, which asks who they are
    (STUDENT, POSTGRESQL, 5432),
    (STUDENT, SCHEDULER, 8786),
    (STUDENT, WORKER, 8789),
    (STUDENT, PROXY, 8001),  # whoever reaches it may send everybody's requests elsewhere
    (STUDENT, HUB_POD, 22),
    (STUDENT, SOMEBODYS, 80),
    (STUDENT, SOMEBODYS, 53),
    (STUDENT, API, 443),
    (STUDENT, INTERNET, 443),
    (STUDENT, "10.0.0.1", 10250),  # a node
    (SOMEBODYS, STUDENT, 8888),
    (PRETENDER, CLASSROOM, 9991),
    (PRETENDER, POSTGRESQL, 5432),
    (SOMEBODYS, SCHEDULER, 8786),
    (PROXY, METADATA, 80),
    (PROXY, INTERNET, 443),
    (PROXY, POSTGRESQL, 5432),
    (HUB_POD, METADATA, 80),
    (CLASSROOM, INTERNET, 443),
    (CLASSROOM, METADATA, 80),
    (CLASSROOM, STUDENT, 8888),
    (CLASSROOM, API, 443),
    (WORKER, POSTGRESQL, 5432),
    (WORKER, HUB_POD, 8081),
    (WORKER, INTERNET, 443),
    (WORKER, METADATA, 80),
    (BACKUP, CLASSROOM, 9991),
    (BATCH, POSTGRESQL, 5432),
    (BATCH, INTERNET, 443),
    (POSTGRESQL, INTERNET, 443),
]
SIGNS = {id(one): word for word, one in list(globals().items()) if isinstance(one, Pod)}


def way(value) -> str | None:
    return SIGNS.get(id(value))


@pytest.mark.parametrize(("source", "target", "port"), OPEN_WAYS, ids=way)
def test_what_must_talk_may(source, target, port):
    assert allowed(policies(), source, target, port)


@pytest.mark.parametrize(("source", "target", "port"), SHUT_WAYS, ids=way)
def test_nothing_else_may(source, target, port):
    assert not allowed(policies(), source, target, port)


@pytest.mark.parametrize("source", [STUDENT, CLASSROOM, WORKER, BACKUP, PROXY, HUB_POD], ids=way)
def test_names_can_be_looked_up(source):
    assert allowed(policies(), source, DNS, 53, "UDP")
    assert allowed(policies(), source, DNS, 53)
    assert not allowed(policies(), source, DNS, 9153) or source is HUB_POD


def test_the_internet_is_one_setting():
    path = "singleuser/networkPolicy/egressAllowRules/nonPrivateIPs"
    opened = policies(changed(manifests.values(), path, True))
    assert allowed(opened, STUDENT, INTERNET, 443)
    for target in (METADATA, API, SOMEBODYS, OTHER_STUDENT, POSTGRESQL):
        assert not allowed(opened, STUDENT, target, 443)


@pytest.mark.parametrize(
    ("path", "value", "target", "port"),
    [
        ("singleuser/networkPolicy/egressAllowRules/cloudMetadataServer", True, METADATA, 80),
        (
            "singleuser/networkPolicy/egressAllowRules/dnsPortsCloudMetadataServer",
            True,
            METADATA,
            53,
        ),
        ("singleuser/networkPolicy/egressAllowRules/privateIPs", True, API, 443),
        ("singleuser/networkPolicy/egressAllowRules/nonPrivateIPs", True, INTERNET, 443),
        ("singleuser/networkPolicy/egress", [{}], METADATA, 80),
        ("singleuser/networkPolicy/enabled", False, SOMEBODYS, 80),
    ],
)
def test_each_hole_is_seen(path, value, target, port):
    assert allowed(policies(changed(manifests.values(), path, value)), STUDENT, target, port)


def test_policies_without_the_first_leave_a_pod_open():
    first = [one for one in POLICIES if one["metadata"]["name"] != "nothing"]
    names = [one for one in first if one["metadata"]["name"] == "names"]
    assert allowed([], BATCH, INTERNET, 443)
    assert not allowed(names, BATCH, INTERNET, 443)
    assert allowed(names, SOMEBODYS, BATCH, 80)
    assert not allowed(POLICIES, SOMEBODYS, BATCH, 80)


# ---- the Hub's configuration -------------------------------------------------------------


def configuration(tmp_path: Path, values: dict) -> Config:
    """Return what a Hub's configuration is with these values."""
    c = Config()
    here, before = list(sys.path), set(sys.modules)
    (tmp_path / "files").mkdir()
    values = changed(values, "hub/db/type", "sqlite-pvc")
    tempfile.tempdir = str(tmp_path)
    try:
        chart.load(c, values, SECRETS, tmp_path / "files")
    finally:
        tempfile.tempdir = None
        sys.path[:] = here
        for module in {"z2jh", "classroom_hub"} & (set(sys.modules) - before):
            del sys.modules[module]
    return c


class User:
    """A user as Hub and KubeSpawner see one."""

    def __init__(self, name: str, *groups: str) -> None:
        self.name = self.escaped_name = name
        self.url = f"/user/{name}/"
        self.id = 1
        self.groups = [type("Group", (), {"name": group}) for group in groups]


PEOPLE = {
    "student": User("ada", hub.students_group()),
    "instructor": User("grace", hub.instructors_group(), hub.students_group()),
    "guest": User("mallory"),
}


def spawner_for(c: Config, who: str):
    """Return KubeSpawner itself, for somebody; it reaches no cluster."""
    from jupyterhub.objects import Hub
    from kubespawner import KubeSpawner

    return KubeSpawner(
        _mock=True,
        config=c,
        hub=Hub(ip="hub", port=8081, base_url="/hub/", public_host=""),
        user=PEOPLE[who],
        api_token="token",
        oauth_client_id="client",
    )


def pod_for(c: Config, who: str) -> dict:
    """Return the manifest of somebody's pod as KubeSpawner makes it."""
    from kubernetes_asyncio.client import ApiClient

    async def make():
        spawner = spawner_for(c, who)
        await spawner.load_user_options()
        pod = await spawner.get_pod_manifest()
        async with ApiClient() as client:
            return client.sanitize_for_serialization(pod)

    return asyncio.run(make())


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch):
    """KubeSpawner looks for a cluster when it is made, and uses it only to start a pod."""
    monkeypatch.setattr("kubespawner.spawner.load_config", lambda **_: None)
    monkeypatch.setattr("kubespawner.spawner.shared_client", lambda _: None)


@pytest.fixture(scope="module")
def hub_config(tmp_path_factory):
    """The configuration of a Hub with login/dummy.yaml."""
    return configuration(tmp_path_factory.mktemp("hub"), manifests.values())


def test_roles_and_groups_are_those_of_every_classroom(hub_config, tmp_path):
    one = Config()
    hub.configure(
        one,
        course_root=tmp_path / "course",
        data=tmp_path / "data",
        settings=tmp_path / "settings",
        students=["student1", "student2", "student3"],
        instructors=["instructor"],
        managed=False,
        tokens={hub.COURSE: "a", hub.CLASSROOM: "b"},
    )
    c = hub_config.JupyterHub
    assert c.load_roles == one.JupyterHub.load_roles
    assert c.load_groups == one.JupyterHub.load_groups
    # the chart registers the services by these names, each of them once
    assert sorted(s["name"] for s in c.services) == sorted((hub.COURSE, hub.CLASSROOM))
    for service in c.services:
        assert service["api_token"] == SECRETS[f"hub.services.{service['name']}.apiToken"]
        assert service["url"].startswith("http://")
        assert "command" not in service
    spawner = type("Spawner", (), {"user": PEOPLE["student"]})
    assert hub_config.Spawner.server_token_scopes(spawner) == hub.server_scopes("student")


def test_services_are_where_their_pods_listen(hub_config):
    services = {
        (one["metadata"]["name"], one["spec"]["ports"][0]["port"])
        for one in RESOURCES
        if one["kind"] == "Service" and "ports" in one["spec"]
    }
    for service in hub_config.JupyterHub.services:
        host, port = service["url"].removeprefix("http://").split(":")
        assert host.split(".") == [host.split(".")[0], GRADING, "svc"]
        assert (host.split(".")[0], int(port)) in services


def test_the_file_for_the_hubs_pod_needs_nothing_of_ours(tmp_path):
    tree = ast.parse(Path(hub.__file__).read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import: the Hub's pod has this file alone"
    shutil.copy(hub.__file__, tmp_path / "classroom_hub.py")
    code = "import sys; sys.modules['grader'] = sys.modules['course'] = None; import classroom_hub"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("who", list(PEOPLE))
def test_pods_of_users(hub_config, who):
    pod = pod_for(hub_config, who)
    spec, (container,) = pod["spec"], pod["spec"]["containers"]
    validate(pod, VERSIONS[-1])
    assert [f for f in faults(spec) if "seccomp" not in f] == []
    assert container["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"]["runAsUser"] == 1000
    assert not spec.get("initContainers")
    assert spec["enableServiceLinks"] is False
    role = "instructor" if who == "instructor" else "student"
    image = "backprop-grader" if role == "instructor" else "backprop-student"
    assert container["image"] == f"registry.example.edu/{image}:0.1.0"
    variables = {one["name"]: one.get("value") for one in container["env"]}
    # The chart's own section of the configuration must not hide these.
    assert variables["JUPYTER_CONFIG_PATH"] == f"/etc/classroom/{role}"
    assert variables["COURSE_EXCHANGE_URL"] == (
        "http://classroom.backprop-grading.svc:9991/services/classroom/"
    )
    assert variables["HOME"] == "/home/student"
    assert "PATH" not in variables  # the image's own
    for word in ("KUBERNETES", "PGPASSWORD", *SECRETS.values()):
        assert word not in json.dumps(pod)
    memory = container["resources"]
    assert memory["requests"]["memory"] == (512 if role == "instructor" else 448) << 20
    labels = pod["metadata"]["labels"]
    assert network._selected({"matchLabels": {"component": "singleuser-server"}}, labels)
    me = Pod(HUB, {**labels, "app": "jupyterhub"}, "10.1.0.50")
    assert allowed(policies(), me, CLASSROOM, 9991)
    assert not allowed(policies(), me, METADATA, 80)


def test_what_is_guaranteed_holds_the_largest_unit():
    values = manifests.values()["singleuser"]["memory"]
    server, kernel, unit = 126, 65, 300e6 / (1 << 20)  # MiB, measured
    assert (values["guarantee"][-1], values["limit"]) == ("M", "1G")  # MiB, GiB to KubeSpawner
    assert server + unit <= int(values["guarantee"][:-1])
    assert server + unit + 3 * kernel <= 1024


def test_nobody_takes_the_instructors_profile(hub_config):
    for who in ("student", "guest"):
        spawner = spawner_for(hub_config, who)
        spawner.user_options = {"profile": "instructor"}
        with pytest.raises(ValueError, match="No such profile: instructor"):
            asyncio.run(spawner.load_user_options())
    assert spawner_for(hub_config, "student").options_form == ""  # nobody is asked


def test_without_the_filter_a_student_would_get_it(tmp_path):
    values = manifests.values()
    code = values["hub"]["extraConfig"]["10-classroom"]
    broken = code.replace("c.KubeSpawner.profile_list = profile_of", "")
    assert broken != code
    c = configuration(tmp_path, changed(values, "hub/extraConfig/10-classroom", broken))
    spawner = spawner_for(c, "student")
    spawner.user_options = {"profile": "instructor"}
    asyncio.run(spawner.load_user_options())
    assert "backprop-grader" in spawner.image


def test_the_charts_section_would_hide_the_environment(tmp_path):
    # What the test above would not see if KubeSpawner read both sections.
    values = manifests.values()
    code = values["hub"]["extraConfig"]["10-classroom"]
    start, end = code.index("c.KubeSpawner.environment = {"), code.index("# An instructor gets")
    broken = changed(values, "hub/extraConfig/10-classroom", code[:start] + code[end:])
    pod = pod_for(configuration(tmp_path, broken), "student")
    names = [one["name"] for one in pod["spec"]["containers"][0]["env"]]
    assert "COURSE_EXCHANGE_URL" not in names


@pytest.mark.parametrize("login", LOGINS)
def test_settings_of_the_login_exist(tmp_path, login):
    # A setting that a class does not have is ignored with a line in a log.
    from jupyterhub.app import JupyterHub
    from kubespawner import KubeSpawner

    c = configuration(tmp_path, manifests.values(login))
    app = JupyterHub(config=c)
    classes = {
        cls.__name__: cls for cls in (JupyterHub, KubeSpawner, *app.authenticator_class.mro())
    }
    classes["Spawner"] = KubeSpawner
    for section, settings in c.items():
        known = classes[section].class_traits(config=True)
        assert set(settings) <= set(known), section
    authenticator = app.authenticator_class(config=c)
    assert authenticator.manage_groups == (login != "dummy")
    if login != "dummy":
        assert "load_groups" not in c.JupyterHub


ROLES = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


@pytest.mark.parametrize(
    ("context", "roles", "groups"),
    [
        ("1234", [f"{ROLES}Learner"], ["nbgrader-backprop"]),
        ("1234", [f"{ROLES}Instructor"], ["formgrade-backprop"]),
        ("1234", [f"{ROLES}Instructor", f"{ROLES}Learner"], ["formgrade-backprop", "nbgrader-backprop"]),
        # an instructor of another course of the same platform is nobody here
        ("999", [f"{ROLES}Instructor"], []),
        (None, [f"{ROLES}Instructor"], []),
        ("1234", [f"{ROLES}Mentor", "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"], []),
        ("1234", [], []),
    ],
)  # fmt: skip
def test_roles_of_lti(tmp_path, context, roles, groups):
    from ltiauthenticator.lti13.auth import LTI13Authenticator

    c = configuration(tmp_path, manifests.values("lti13"))
    claims = {"sub": "Abc-123", "https://purl.imsglobal.org/spec/lti/claim/roles": roles}
    if context is not None:
        claims["https://purl.imsglobal.org/spec/lti/claim/context"] = {"id": context}

    class Launched(LTI13Authenticator):
        async def authenticate(self, handler, data=None):
            return await super().authenticate(handler, claims)

    answer = asyncio.run(Launched(config=c).get_authenticated_user(None, {}))
    assert answer["groups"] == groups
    assert answer["name"] == "abc-123"


# ---- scripts and settings of the pods ----------------------------------------------------


@pytest.mark.parametrize("script", sorted(HERE.rglob("*.sh")), ids=lambda path: path.name)
def test_scripts_can_be_read(script):
    subprocess.run(["bash", "-n", script], check=True)


def test_the_seccomp_profile_opens_what_the_sandbox_needs_and_no_more():
    profile = json.loads((HERE / "sandbox" / "seccomp.json").read_text("utf-8"))
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    free = [n for rule in profile["syscalls"] if "args" not in rule for n in rule["names"]]
    assert len(free) == len(set(free))
    assert all(rule["action"] == "SCMP_ACT_ALLOW" for rule in profile["syscalls"])
    needed = {"clone", "clone3", "unshare", "mount", "umount2", "pivot_root", "sethostname"}
    assert needed <= set(free)
    dangerous = {
        "bpf", "keyctl", "add_key", "request_key", "ptrace", "process_vm_readv", "kexec_load",
        "init_module", "finit_module", "delete_module", "open_by_handle_at", "perf_event_open",
        "userfaultfd", "io_uring_setup", "setns", "reboot", "swapon", "mount_setattr", "fsopen",
        "move_mount", "open_tree", "syslog", "quotactl", "personality", "acct", "settimeofday",
    }  # fmt: skip
    assert not dangerous & set(free)


@pytest.mark.slow
@pytest.mark.skipif(bool(pods.can_run()) and "CI" not in os.environ, reason=pods.can_run())
class TestSandboxInAPod:
    """The sandbox with the rights of the container `marker`, by a real container runtime."""

    TRY = "from grader.sandbox import available; print(available() or 'isolated')"

    def spec(self) -> dict:
        (resource,) = (one for one in PODS if name(one) == "Deployment-classroom")
        return pod_spec(resource)

    def run(self, spec: dict, tmp_path: Path, *command: str) -> str:
        command = command or (sys.executable, "-c", self.TRY)
        folder = tmp_path / "bundle"
        folder.mkdir()
        done = pods.run(spec, "marker", list(command), folder, HERE / "sandbox")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def test_it_works(self, tmp_path):
        assert self.run(self.spec(), tmp_path).strip() == "isolated"

    def test_a_notebook_is_graded(self, tmp_path):
        unit = "02-chain-rule"
        notebook = manifests.ROOT / "release" / unit / f"{unit}.ipynb"
        grader = str(Path(sys.executable).with_name("grader"))
        said = self.run(self.spec(), tmp_path, grader, "check", str(notebook))
        assert re.search(r"total\s*│\s*0 / \d+", said), said

    @pytest.mark.parametrize(
        ("path", "value", "words"),
        [
            ("seccompProfile", {"type": "RuntimeDefault"}, "refuses to isolate"),
            ("procMount", "Default", "Can't mount proc"),
        ],
    )
    def test_each_right_is_needed(self, tmp_path, path, value, words):
        spec = changed(self.spec(), f"containers/1/securityContext/{path}", value)
        assert words in self.run(spec, tmp_path)

    def test_without_a_filter_it_works_as_well(self, tmp_path):
        patch = (HERE / "sandbox" / "unconfined.yaml",)
        found = manifests.kustomized(HERE / "grading", patch)
        (resource,) = (one for one in found if name(one) == "Deployment-classroom")
        assert self.run(pod_spec(resource), tmp_path).strip() == "isolated"


def command_line(*arguments: object, **more) -> subprocess.CompletedProcess:
    """Run a command to its end; the caller judges how that was."""
    return subprocess.run(
        list(map(str, arguments)), capture_output=True, text=True, timeout=120, **more
    )


@pytest.mark.slow
def test_a_batch_without_a_sandbox(tmp_path):
    # All three steps of the Job, but for gVisor around them.
    unit = "03-add-mul-nodes"
    course = tmp_path / "srv" / "backprop"
    make_course(course)
    assert len(hand_in(course, 2, [unit])) == 2
    (course / "secret.txt").write_text("of another")
    (resource,) = (one for one in PODS if name(one) == "Job-grade-batch")
    spec = pod_spec(resource)
    steps = [*spec["initContainers"], *spec["containers"]]
    assert [one["name"] for one in steps] == ["copy", "grade", "bring-back"]
    assert {mount["name"] for mount in steps[1]["volumeMounts"]} == {"batch", "scratch"}
    prepare = tmp_path / "bin" / "prepare-course"
    prepare.parent.mkdir()
    lines = [f"#!{sys.executable}", "import os, sys", "from grader.release import build_release"]
    lines += ["os.chdir(sys.argv[1])", f"list(build_release([{unit!r}]))"]
    prepare.write_text("\n".join(lines) + "\n")
    prepare.chmod(0o755)
    path = os.pathsep.join([str(prepare.parent), str(Path(sys.executable).parent), "/usr/bin:/bin"])

    ours = {
        "/scripts": HERE / "batch",
        "/srv/course": tmp_path / "srv",
        "/batch": tmp_path / "batch",
    }

    def here(text: str) -> str:
        return re.sub("(/scripts|/srv/course|/batch)(?=/|$)", lambda hit: str(ours[hit[0]]), text)

    for step in steps:
        env = {v["name"]: here(v["value"]) for v in step.get("env", [])}
        env |= {"PATH": path, "HOME": str(tmp_path), "LANG": "C.UTF-8"}
        cwd = here(step["workingDir"]) if "workingDir" in step else tmp_path
        done = command_line(*map(here, step["args"]), env=env, cwd=cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        if step["name"] == "copy":
            batch = tmp_path / "batch" / "course"
            assert not (batch / "secret.txt").exists()
        if step["name"] == "grade":  # what a student's code might leave
            (batch / "feedback" / "link").symlink_to("/etc/passwd")
    (result,) = (tmp_path / "srv" / "batches").iterdir()
    assert len(list(result.glob(f"autograded/*/{unit}/{unit}.ipynb"))) == 2
    assert len(list(result.glob(f"feedback/*/{unit}/{unit}.html"))) == 2
    assert len(scores(f"sqlite:///{result}/gradebook.db")) == 2
    assert not (result / "feedback" / "link").is_symlink()


# ---- all of it at once, on this machine --------------------------------------------------

NEEDS_POSTGRESQL = pytest.mark.skipif(
    postgres.programs() is None and "CI" not in os.environ,
    reason="no PostgreSQL: apt-get install postgresql",
)


def postgres_environment(address: str, user: str) -> dict[str, str]:
    """Return the variables by which PostgreSQL's programs find a test's server."""
    folder = address.rpartition("host=")[2]
    path = os.pathsep.join([str(postgres.programs()), os.environ["PATH"]])
    return {"PATH": path, "PGHOST": folder, "PGUSER": user}


def make_databases(address: str) -> None:
    """Run databases.sh as the image of PostgreSQL does, on an empty server."""
    owner = address.partition("://")[2].partition("@")[0]
    command_line("dropdb", "gradebook", env=postgres_environment(address, owner)).check_returncode()
    passwords = {f"{who}_PASSWORD": f"it's {who}; --" for who in ("GRADER", "HUB", "BACKUP")}
    done = command_line(
        "bash", GRADING_FILES / "databases.sh",
        env=postgres_environment(address, owner) | passwords | {"POSTGRES_USER": owner},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of PostgreSQL with the databases of the cluster."""
    with postgres.server(tmp_path_factory.mktemp("backup") / "postgres") as address:
        make_databases(address)
        yield address


@pytest.mark.slow
@NEEDS_POSTGRESQL
class TestBackup:
    """backup.sh and restore.sh, as the CronJob and the Job run them."""

    @pytest.fixture
    def place(self, tmp_path):
        for folder in ("course", "data", "backup"):
            (tmp_path / folder).mkdir()
        (tmp_path / "course" / "gradebook.txt").write_text("as it was")
        (tmp_path / "data" / "files").mkdir()
        (tmp_path / "data" / "files" / "0a1b").write_bytes(b"a notebook")
        return tmp_path

    def sql(self, server: str, user: str, database: str, query: str) -> str:
        done = command_line(
            "psql", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
            "--dbname", database, "--command", query,
            env=postgres_environment(server, user),
        )  # fmt: skip
        return done.stdout.strip() if done.returncode == 0 else done.stderr

    def run(self, script: str, server: str, place: Path, user: str, *arguments, **variables):
        job = {"backup": "CronJob-backup", "restore": "Job-restore"}[script]
        (resource,) = (one for one in PODS if name(one) == job)
        (container,) = pod_spec(resource)["containers"]
        assert container["command"] == ["bash", f"/scripts/{script}.sh"]
        given = {v["name"]: v["value"] for v in container["env"] if "value" in v}
        given |= {"BACKUP": str(place / "backup"), "FOLDERS": f"{place}/course {place}/data"}
        given |= postgres_environment(server, user) | variables
        return command_line("bash", GRADING_FILES / f"{script}.sh", *arguments, env=given)

    def test_what_is_backed_up_can_be_put_back(self, server, place):
        owner = server.partition("://")[2].partition("@")[0]
        self.sql(
            server,
            "grader",
            "classroom",
            "CREATE TABLE works (id int); INSERT INTO works VALUES (7)",
        )
        self.sql(
            server,
            "hub",
            "hub",
            "CREATE TABLE people (name text); INSERT INTO people VALUES ('ada')",
        )
        done = self.run("backup", server, place, "backup")
        assert done.returncode == 0, done.stderr
        (made,) = (place / "backup").iterdir()
        assert {p.name for p in made.iterdir()} == {
            "SHA256SUMS", "gradebook.dump", "classroom.dump", "hub.dump", "course.tar.gz", "data.tar.gz",
        }  # fmt: skip

        self.sql(server, "grader", "classroom", "DELETE FROM works; CREATE TABLE later (id int)")
        self.sql(server, "hub", "hub", "DROP TABLE people")
        (place / "course" / "gradebook.txt").write_text("spoilt")
        (place / "data" / "files" / "0a1b").unlink()
        (place / "data" / "files" / "later").write_bytes(b"")
        done = self.run("restore", server, place, owner)
        assert done.returncode == 0, done.stderr
        assert self.sql(server, "grader", "classroom", "SELECT id FROM works") == "7"
        assert (
            self.sql(server, "hub", "hub", "INSERT INTO people VALUES ('bob') RETURNING name")
            == "bob\nINSERT 0 1"
        )
        assert (place / "course" / "gradebook.txt").read_text() == "as it was"
        assert [p.name for p in (place / "data" / "files").iterdir()] == ["0a1b"]

    def test_who_may_what(self, server):
        assert "denied" in self.sql(server, "hub", "gradebook", "SELECT 1")
        assert "denied" in self.sql(server, "grader", "hub", "SELECT 1")
        assert self.sql(server, "backup", "hub", "SELECT 1") == "1"
        assert "denied" in self.sql(server, "backup", "hub", "CREATE TABLE mine (id int)")

    def test_a_damaged_backup_touches_nothing(self, server, place):
        owner = server.partition("://")[2].partition("@")[0]
        assert self.run("backup", server, place, "backup").returncode == 0
        (made,) = (place / "backup").iterdir()
        with open(made / "data.tar.gz", "r+b") as file:
            file.write(b"\0\0\0\0")
        (place / "course" / "gradebook.txt").write_text("newer")
        done = self.run("restore", server, place, owner, made.name)
        assert done.returncode != 0
        assert "data.tar.gz" in done.stdout + done.stderr
        assert (place / "course" / "gradebook.txt").read_text() == "newer"
        assert (place / "data" / "files" / "0a1b").exists()
        assert self.run("restore", server, place, owner, "2001-01-01T000000Z").returncode == 2

    def test_half_a_backup_has_no_name(self, server, place):
        done = self.run("backup", server, place, "backup", DATABASES="classroom nothing")
        assert done.returncode != 0
        assert [p.name for p in (place / "backup").iterdir()] == [".draft"]
        assert self.run("backup", server, place, "backup").returncode == 0
        (made,) = (place / "backup").iterdir()
        assert made.name.endswith("Z")

    def test_the_newest_are_kept(self, server, place):
        for day in range(1, 5):
            (place / "backup" / f"2020-01-0{day}T031500Z").mkdir()
        (place / "backup" / "keep-me").mkdir()
        assert self.run("backup", server, place, "backup", KEEP="3").returncode == 0
        kept = sorted(p.name for p in (place / "backup").iterdir())
        assert kept[:2] == ["2020-01-03T031500Z", "2020-01-04T031500Z"]
        assert kept[2].startswith("20")
        assert kept[3:] == ["keep-me"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("login", "path", "status", "words"),
    [
        ("oidc", "hub/oauth_login", 302, "https://login.example.edu/authorize?"),
        ("lti13", "hub/lti13/config", 200, "/hub/lti13/oauth_login"),
    ],
)
def test_a_hub_with_each_login_starts(tmp_path, login, path, status, words):
    with Cluster(tmp_path, "").hub_alone(login) as running:
        answer = requests.get(running.url + path, allow_redirects=False)
        assert answer.status_code == status
        assert words in answer.headers.get("Location", "") + answer.text
        service = SECRETS["hub.services.classroom.apiToken"]
        # The roles are there before anybody has logged in; and who nobody is, is in no group.
        group = running.ask(service, "GET", "hub/api/groups/nbgrader-backprop")
        assert group.json()["users"] == []


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """All of it, running."""
    with postgres.server(tmp_path_factory.mktemp("cluster") / "postgres") as address:
        make_databases(address)
        with Cluster(tmp_path_factory.mktemp("pods"), address) as running:
            yield running


@pytest.fixture(scope="module")
def tokens(cluster):
    """A token for each of some people, as their servers have one."""
    roles = {"student1": "student", "student2": "student", "instructor": "instructor"}
    found = {who: cluster.token(who, hub.server_scopes(role)) for who, role in roles.items()}
    return found | {"mallory": cluster.token("mallory", hub.server_scopes("guest"))}


@pytest.mark.slow
@NEEDS_POSTGRESQL
class TestCluster:
    """The Hub of the values and the containers of the Deployment, together, by REST."""

    def test_the_hub_is_5_5(self, cluster):
        assert requests.get(f"{cluster.url}hub/api").json()["version"].startswith("5.5.")

    def test_who_they_are_to_the_service(self, cluster, tokens):
        for who, role in (("student1", "student"), ("instructor", "instructor")):
            answer = cluster.ask(tokens[who], "GET", "services/classroom/api/me")
            told = answer.json()
            assert (told["name"], told["role"], told["course"]) == (who, role, "backprop")
        direct = f"http://127.0.0.1:{cluster.ports['classroom']}/services/classroom/api/me"
        headers = {"Authorization": f"token {tokens['student1']}"}
        assert requests.get(direct, headers=headers).status_code == 200  # as their servers do

    def test_who_is_no_member_is_refused(self, cluster, tokens):
        answer = cluster.ask(tokens["mallory"], "GET", "services/classroom/api/me")
        assert answer.status_code == 403
        assert "member" in answer.json()["error"]
        assert cluster.ask("no-token", "GET", "services/classroom/api/me").status_code in (401, 403)

    def test_formgrader_is_for_instructors(self, cluster):
        path, scope = (
            "services/backprop/formgrader/api/assignments",
            "access:services!service=backprop",
        )
        token = cluster.token("instructor", [scope])
        answer = cluster.ask(token, "GET", path)
        assert answer.status_code == 200, answer.text
        (unit,) = (one for one in answer.json() if one["name"] == Cluster.UNIT)
        assert unit["status"] in ("draft", "released")
        with pytest.raises(Refused) as refused:
            cluster.token("student1", [scope])  # nobody gets a scope that they have not
        assert refused.value.status in (400, 403)

    def test_roles_in_the_hub(self, cluster):
        service = SECRETS["hub.services.classroom.apiToken"]
        groups = {}
        for group in (hub.students_group(), hub.instructors_group()):
            answer = cluster.ask(service, "GET", f"hub/api/groups/{group}")
            assert answer.status_code == 200, answer.text
            groups[group] = answer.json()["users"]
        assert sorted(groups["nbgrader-backprop"]) == ["student1", "student2", "student3"]
        assert sorted(groups["formgrade-backprop"]) == ["grader-backprop", "instructor"]
        for method, path in (("GET", "users/student1"), ("POST", "groups/other"), ("GET", "proxy")):
            assert cluster.ask(service, method, f"hub/api/{path}").status_code in (403, 404)

    def test_hand_out_hand_in_grade_hand_back(self, cluster, tokens):
        unit = Cluster.UNIT
        released = cluster.folder / "course" / "backprop" / "release" / unit / f"{unit}.ipynb"
        where = f"services/classroom/api/units/{unit}"
        formgrader = cluster.token("instructor", ["access:services!service=backprop"])
        path = f"services/backprop/formgrader/api/assignment/{unit}/release"
        answer = cluster.ask(formgrader, "POST", path)
        assert answer.json()["success"], answer.text
        refused = cluster.ask(tokens["student1"], "PUT", f"{where}/notebook", data=b"{}")
        assert refused.status_code == 403
        fetched = cluster.ask(tokens["student1"], "GET", f"{where}/notebook")
        assert fetched.content == released.read_bytes()
        (mine,) = (
            s for s in make_class(manifests.ROOT / "release", 12, 0) if s.unit == unit
            and s.student == "amara"
        )  # fmt: skip
        sent = cluster.ask(
            tokens["student1"], "POST", f"{where}/submissions?name={unit}.ipynb",
            data=nbformat.writes(mine.notebook).encode(),
        )  # fmt: skip
        assert sent.status_code == 201, sent.text
        end = time.monotonic() + 120
        while (record := self.record(cluster, tokens["student1"]))["state"] != "graded":
            assert record["state"] in ("queued", "grading"), (
                record,
                cluster.log.read_text()[-5000:],
            )
            assert time.monotonic() < end, cluster.log.read_text()[-5000:]
            time.sleep(0.5)
        assert record["score"] == record["max"] == 16
        page = cluster.ask(
            tokens["student1"], "GET", f"services/classroom/api/submissions/{record['id']}/feedback"
        )
        assert page.status_code == 200
        assert "16" in page.text
        assert self.record(cluster, tokens["student2"]) is None

    @staticmethod
    def record(cluster, token: str) -> dict | None:
        """Return the only submission of somebody."""
        found = cluster.ask(token, "GET", "services/classroom/api/submissions").json()
        return found[0] if found else None
