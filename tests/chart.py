"""A Hub's configuration as the chart zero-to-jupyterhub makes it of its values.

In the order of the chart's own jupyterhub_config.py: its settings, ``hub.services``,
``hub.loadRoles``, ``hub.config``, and ``hub.extraConfig`` sorted by key.
"""

from __future__ import annotations

import copy
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# trait of KubeSpawner: key below `singleuser`
SPAWNER = {
    "start_timeout": "startTimeout",
    "image_pull_policy": "image.pullPolicy",
    "events_enabled": "events",
    "extra_labels": "extraLabels",
    "extra_annotations": "extraAnnotations",
    "uid": "uid",
    "fs_gid": "fsGid",
    "service_account": "serviceAccountName",
    "storage_extra_labels": "storage.extraLabels",
    "node_selector": "nodeSelector",
    "lifecycle_hooks": "lifecycleHooks",
    "init_containers": "initContainers",
    "extra_containers": "extraContainers",
    "mem_limit": "memory.limit",
    "mem_guarantee": "memory.guarantee",
    "cpu_limit": "cpu.limit",
    "cpu_guarantee": "cpu.guarantee",
    "extra_resource_limits": "extraResource.limits",
    "extra_resource_guarantees": "extraResource.guarantees",
    "environment": "extraEnv",
    "profile_list": "profileList",
    "extra_pod_config": "extraPodConfig",
}
HUB = {
    "concurrent_spawn_limit": "concurrentSpawnLimit",
    "active_server_limit": "activeServerLimit",
    "base_url": "baseUrl",
    "allow_named_servers": "allowNamedServers",
    "redirect_to_server": "redirectToServer",
    "shutdown_on_logout": "shutdownOnLogout",
}


def getter(values: dict) -> Callable[..., Any]:
    """Return the chart's ``get_config``: a value by a path with dots."""

    def get_config(key: str, default: Any = None) -> Any:
        found = values
        for level in key.split("."):
            if not isinstance(found, dict) or level not in found:
                return default
            found = found[level]
        return found

    return get_config


def install_modules(values: dict, secrets: Mapping[str, str], folder: Path) -> None:
    """Make importable what ``hub.extraConfig`` imports in the Hub's pod.

    ``folder`` gets the files of ``hub.extraFiles``, each under the name of its mount.
    """
    z2jh = types.ModuleType("z2jh")
    z2jh.get_config = getter(values)
    z2jh.get_secret_value = lambda key, default=None: secrets.get(key, default)
    sys.modules["z2jh"] = z2jh
    for file in values["hub"]["extraFiles"].values():
        (folder / Path(file["mountPath"]).name).write_text(file["stringData"], "utf-8")
    sys.path.insert(0, str(folder))


def load(c, values: dict, secrets: Mapping[str, str], folder: Path) -> None:
    """Set the configuration ``c`` from all values, the chart's defaults among them.

    Parameters
    ----------
    c : traitlets.config.Config
        Empty.
    values : dict
        See `manifests.values`.
    secrets : mapping
        Of the Secret ``hub.existingSecret``.
    folder : Path
        For the files of ``hub.extraFiles``.
    """
    values = copy.deepcopy(values)
    install_modules(values, secrets, folder)
    get = getter(values)
    c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
    kind = get("hub.db.type")
    c.JupyterHub.db_url = (
        "sqlite:///jupyterhub.sqlite" if kind == "sqlite-pvc" else get("hub.db.url")
    )
    for trait, key in HUB.items():
        _set(c.JupyterHub, trait, get(f"hub.{key}"))
    c.JupyterHub.hub_bind_url = "http://:8081"
    c.JupyterHub.hub_connect_url = "http://hub:8081"
    c.KubeSpawner.common_labels = {
        "app": "jupyterhub",
        "chart": "jupyterhub-4.4.0",
        "release": "backprop",
    }
    c.KubeSpawner.namespace = "backprop"
    for trait, key in SPAWNER.items():
        _set(c.KubeSpawner, trait, get(f"singleuser.{key}"))
    image = get("singleuser.image")
    c.KubeSpawner.image = f"{image['name']}:{image['tag']}"
    c.KubeSpawner.allow_privilege_escalation = get("singleuser.allowPrivilegeEscalation")
    _storage(c, get("singleuser.storage"))

    c.JupyterHub.services, c.JupyterHub.load_roles = [], []
    for name, service in get("hub.services").items():
        service = {"name": name, **service, "api_token": secrets[f"hub.services.{name}.apiToken"]}
        c.JupyterHub.services.append(service)
    for name, role in get("hub.loadRoles").items():
        c.JupyterHub.load_roles.append({"name": name, **role})
    c.Spawner.cmd = get("singleuser.cmd")
    _set(c.Spawner, "default_url", get("singleuser.defaultUrl"))
    for name, settings in get("hub.config").items():
        c[name].update(settings)
    space = {"c": c, "__name__": "jupyterhub_config"}
    for _key, code in sorted(get("hub.extraConfig").items()):
        # In the pod each piece reads what follows the folder of the mount.
        exec(compile(code, f"hub.extraConfig.{_key}", "exec"), space)


def _storage(c, storage: dict) -> None:
    assert storage["type"] == "dynamic"
    dynamic = storage["dynamic"]
    _set(c.KubeSpawner, "pvc_name_template", dynamic["pvcNameTemplate"])
    _set(c.KubeSpawner, "storage_class", dynamic.get("storageClass"))
    c.KubeSpawner.storage_pvc_ensure = True
    c.KubeSpawner.storage_access_modes = dynamic["storageAccessModes"]
    c.KubeSpawner.storage_capacity = storage["capacity"]
    claim = dynamic["pvcNameTemplate"] or "claim-{user_server}"
    name = dynamic["volumeNameTemplate"]
    c.KubeSpawner.volumes = [{"name": name, "persistentVolumeClaim": {"claimName": claim}}]
    c.KubeSpawner.volume_mounts = [{"mountPath": storage["homeMountPath"], "name": name}]


def _set(section, trait: str, value: Any) -> None:
    if value is not None:
        setattr(section, trait, value)
