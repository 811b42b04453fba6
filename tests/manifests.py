"""What deploy/kubernetes comes to in a cluster: values merged as helm does, kustomizations built.

Only as much of helm and kustomize as these files use; an unknown word is an error.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "deploy" / "kubernetes"
CHART_DEFAULTS = HERE / "schemas" / "zero-to-jupyterhub-4.4.0-values.yaml"
CHART_SCHEMA = HERE / "schemas" / "zero-to-jupyterhub-4.4.0-values.schema.yaml"
GRADING_FILES = HERE / "grading"
HUB, GRADING = "backprop", "backprop-grading"  # the namespaces
LOGINS = ("dummy", "oidc", "lti13")
WITHOUT_NAMESPACE = {"Namespace", "RuntimeClass"}
KNOWN = {
    "apiVersion", "kind", "namespace", "resources", "configMapGenerator", "images", "patches",
    "helmCharts",
}  # fmt: skip


def documents(path: Path) -> list[dict]:
    """Return the documents of a YAML file."""
    return [found for found in yaml.safe_load_all(path.read_text("utf-8")) if found]


def document(path: Path) -> dict:
    """Return the only document of a YAML file."""
    (found,) = documents(path)
    return found


def name(resource: dict) -> str:
    """Return kind and name of a resource in one word."""
    return f"{resource['kind']}-{resource['metadata']['name']}"


def changed(data: dict, path: str, value) -> dict:
    """Return a copy with another value at a path with slashes; numbers count in lists."""
    whole = copy.deepcopy(data)
    *there, last = [int(p) if p.isdigit() else p for p in path.split("/")]
    found = whole
    for part in there:
        found = found[part] if isinstance(part, int) else found.setdefault(part, {})
    found[last] = value
    return whole


# ---- helm --------------------------------------------------------------------------------


def merged(below: Any, above: Any) -> Any:
    """Return values as helm merges them: maps key by key, a list as a whole, null takes away."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return copy.deepcopy(above)
    both = {**below, **{key: merged(below.get(key), value) for key, value in above.items()}}
    return {k: v for k, v in both.items() if not (v is None and above.get(k, 0) is None)}


def chart_defaults() -> dict:
    """Return the values of the chart zero-to-jupyterhub 4.4.0 itself."""
    return document(CHART_DEFAULTS)


def own_values(login: str = "dummy", site: bool = True) -> dict:
    """Return the values that a site gives helm, in the order of README.md."""
    found = document(HERE / "values.yaml")
    files = [HERE / "login" / f"{login}.yaml", *([HERE / "site.example.yaml"] if site else [])]
    for path in files:
        found = merged(found, document(path))
    # --set-file
    text = (ROOT / "grader" / "exchange" / "hub.py").read_text("utf-8")
    found["hub"]["extraFiles"]["classroom_hub"]["stringData"] = text
    return found


def values(login: str = "dummy", site: bool = True) -> dict:
    """Return all values, the chart's own beneath."""
    return merged(chart_defaults(), own_values(login, site))


# ---- kustomize ---------------------------------------------------------------------------


def patched(below: Any, above: Any) -> Any:
    """Return a strategic merge: as `merged`, but a list whose entries have names by these."""
    if isinstance(below, list) and isinstance(above, list) and all("name" in one for one in above):
        new = {one["name"]: one for one in above}
        old = [patched(one, new.pop(one["name"], {})) for one in below]
        return [one for one in old if one.pop("$patch", None) != "delete"] + list(new.values())
    if isinstance(below, dict) and isinstance(above, dict):
        both = {**below, **{key: patched(below.get(key), value) for key, value in above.items()}}
        return {key: value for key, value in both.items() if value is not None}
    return copy.deepcopy(above)


def pod_spec(resource: dict) -> dict | None:
    """Return the spec of the pods that a resource makes, None for one that makes none."""
    spec = resource.get("spec", {})
    if resource["kind"] == "Pod":
        return spec
    if resource["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec.get("template", {}).get("spec")


def pod_labels(resource: dict) -> dict:
    """Return the labels of the pods that a resource makes."""
    spec = resource["spec"]
    if resource["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec["template"]["metadata"]["labels"]


def containers(spec: dict) -> Iterator[dict]:
    """Return all containers of a pod."""
    yield from spec.get("initContainers", [])
    yield from spec["containers"]


def kustomized(folder: Path, patches: tuple[Path, ...] = ()) -> list[dict]:
    """Return the resources of a kustomization, without those of a chart in it.

    Parameters
    ----------
    folder : Path
        With a kustomization.yaml.
    patches : tuple of Path
        More patches, as a site's own kustomization would add.
    """
    plan = document(folder / "kustomization.yaml")
    assert not set(plan) - KNOWN, f"{folder}: {sorted(set(plan) - KNOWN)}"
    found = [one for name in plan["resources"] for one in documents(folder / name)]
    for made in plan.get("configMapGenerator", []):
        data = {name: (folder / name).read_text("utf-8") for name in made["files"]}
        metadata = {"name": made["name"]}
        found.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    for one in found:
        if one["kind"] not in WITHOUT_NAMESPACE:
            one["metadata"].setdefault("namespace", plan["namespace"])
    if "helmCharts" not in plan:
        patches = (*(folder / one["path"] for one in plan.get("patches", [])), *patches)
        found = [_with(one, patches) for one in found]
    for image in plan.get("images", []):
        _tag(found, image["name"], image["newTag"])
    return found


def _with(resource: dict, patches: tuple[Path, ...]) -> dict:
    for patch in map(document, patches):
        if _id(patch) == _id(resource):
            resource = patched(resource, patch)
    return resource


def _id(resource: dict) -> tuple[str, str]:
    return resource["kind"], resource["metadata"]["name"]


def _tag(resources: list[dict], name: str, tag: str) -> None:
    for spec in filter(None, map(pod_spec, resources)):
        for container in containers(spec):
            if container["image"].rpartition(":")[0] == name:
                container["image"] = f"{name}:{tag}"


# ---- the chart of Dask -------------------------------------------------------------------


def dask_deployments() -> list[dict]:
    """Return scheduler and workers of Dask: what its chart makes of our values, and our patches.

    The chart's Deployments in short: what values.yaml sets arrives in them under these names.
    """
    folder = HERE / "dask"
    given = document(folder / "values.yaml")
    made = []
    for part, ports in (
        ("scheduler", (8786, 8787)),
        ("worker", (given["worker"]["portDashboard"],)),
    ):
        one = given[part]
        container = {
            "name": f"dask-{part}",
            "image": f"{one['image']['repository']}:{one['image']['tag']}",
            "imagePullPolicy": one["image"]["pullPolicy"],
            "ports": [{"containerPort": port} for port in ports],
            "volumeMounts": one.get("mounts", {}).get("volumeMounts"),
            **{k: one.get(k) for k in ("resources", "env", "livenessProbe", "readinessProbe")},
        }
        labels = {"app": given["nameOverride"], "release": "dask", "component": part}
        pod = {
            "containers": [{k: v for k, v in container.items() if v is not None}],
            "securityContext": one["securityContext"],
            "serviceAccountName": one["serviceAccountName"],
            "volumes": one.get("mounts", {}).get("volumes", []),
        }
        made.append(
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": f"dask-{part}", "namespace": GRADING},
                "spec": {
                    "replicas": one["replicas"],
                    "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": pod},
                },
            }
        )
    plan = document(folder / "kustomization.yaml")
    return [_with(one, tuple(folder / p["path"] for p in plan["patches"])) for one in made]


def all_resources() -> list[dict]:
    """Return every resource that the files of deploy/kubernetes make, those of operators too."""
    return [
        *documents(HERE / "namespaces.yaml"),
        *kustomized(HERE / "grading"),
        *kustomized(HERE / "dask"),
        *dask_deployments(),
        *kustomized(HERE / "batch"),
        *documents(HERE / "postgresql-operator" / "cluster.yaml"),
    ]
