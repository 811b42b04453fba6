"""Who may talk to whom in a cluster: Kubernetes' network policies, evaluated.

As documented: a pod that no policy selects for a direction is open in it; one that some do may
do what any of them allows; a connection needs both ends. Addresses outside have no policies.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from manifests import GRADING, HUB


@dataclass(frozen=True)
class Pod:
    """A pod as policies see it."""

    namespace: str
    labels: dict[str, str] = field(hash=False)
    ip: str
    ports: dict[str, int] = field(default_factory=dict, hash=False)  # by name


def _selected(selector: dict | None, labels: dict[str, str]) -> bool:
    """Return whether a label selector holds; an empty one holds for everything."""
    unknown = set(selector or {}) - {"matchLabels", "matchExpressions"}
    assert not unknown, unknown
    for key, value in (selector or {}).get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for rule in (selector or {}).get("matchExpressions", []):
        there, value = rule["key"] in labels, labels.get(rule["key"])
        held = {
            "In": value in rule.get("values", ()),
            "NotIn": value not in rule.get("values", ()),
            "Exists": there,
            "DoesNotExist": not there,
        }[rule["operator"]]
        if not held:
            return False
    return True


def _is_peer(peer: dict, other: Pod | str, namespace: str) -> bool:
    """Return whether one entry of `from` or `to` names the other end."""
    assert set(peer) <= {"ipBlock", "podSelector", "namespaceSelector"}, peer
    if "ipBlock" in peer:
        # A plug-in may or may not hold a block against a pod's address: what allows by address
        # is taken to allow pods too, which is the worse case here.
        address = ipaddress.ip_address(other if isinstance(other, str) else other.ip)
        block = peer["ipBlock"]
        inside = address in ipaddress.ip_network(block["cidr"])
        outside = any(address in ipaddress.ip_network(one) for one in block.get("except", []))
        return inside and not outside
    if isinstance(other, str):
        return False
    if "namespaceSelector" in peer:
        names = {"kubernetes.io/metadata.name": other.namespace}
        if not _selected(peer["namespaceSelector"], names):
            return False
    elif other.namespace != namespace:
        return False
    return _selected(peer.get("podSelector"), other.labels)


def _is_port(rule: dict, port: int, protocol: str, at: Pod | str) -> bool:
    if rule.get("protocol", "TCP") != protocol:
        return False
    wanted = rule.get("port")
    if isinstance(wanted, str):
        wanted = at.ports.get(wanted) if isinstance(at, Pod) else None
        return wanted == port
    return wanted is None or wanted <= port <= rule.get("endPort", wanted)


def _one_end(
    policies: Iterable[dict], pod: Pod, other: Pod | str, port: int, protocol: str, way: str
) -> bool:
    """Return whether ``pod`` may send to (`egress`) or be sent to by (`ingress`) ``other``."""
    end = {"egress": "to", "ingress": "from"}[way]
    at = other if way == "egress" else pod
    selecting = False
    for policy in policies:
        spec, namespace = policy["spec"], policy["metadata"]["namespace"]
        if namespace != pod.namespace or not _selected(spec["podSelector"], pod.labels):
            continue
        if way.capitalize() not in spec["policyTypes"]:
            continue
        selecting = True
        for rule in spec.get(way, []):
            peers, ports = rule.get(end, []), rule.get("ports", [])
            if (not peers or any(_is_peer(p, other, namespace) for p in peers)) and (
                not ports or any(_is_port(p, port, protocol, at) for p in ports)
            ):
                return True
    return not selecting


def allowed(
    policies: Iterable[dict], source: Pod | str, target: Pod | str, port: int, protocol="TCP"
) -> bool:
    """Return whether a connection is let through.

    Parameters
    ----------
    policies : iterable of dict
        Of the whole cluster.
    source, target : Pod or str
        A pod, or the address of something outside.
    port : int
        Where the target listens.
    protocol : str
        ``'TCP'`` or ``'UDP'``.
    """
    policies = list(policies)
    out = not isinstance(source, Pod) or _one_end(
        policies, source, target, port, protocol, "egress"
    )
    into = not isinstance(target, Pod) or _one_end(
        policies, target, source, port, protocol, "ingress"
    )
    return out and into


# ---- the policies of the chart -----------------------------------------------------------

PRIVATE = [{"ipBlock": {"cidr": c}} for c in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
DNS = [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]


def _pods(component: str) -> list[dict]:
    return [{"podSelector": {"matchLabels": {"app": "jupyterhub", "component": component}}}]


def _by_label(who: str) -> list[dict]:
    return [{"podSelector": {"matchLabels": {f"hub.jupyter.org/network-access-{who}": "true"}}}]


def _flagged(settings: dict, metadata_ip: str) -> list[dict]:
    """Return the rules that the chart makes of ``egressAllowRules``, and ``egress``."""
    flags, rules = settings["egressAllowRules"], []
    kube_system = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    block = {"ipBlock": {"cidr": f"{metadata_ip}/32"}}
    if flags["dnsPortsCloudMetadataServer"]:
        rules.append({"ports": DNS, "to": [block]})
    if flags["dnsPortsKubeSystemNamespace"]:
        rules.append({"ports": DNS, "to": [{"namespaceSelector": kube_system}]})
    if flags["dnsPortsPrivateIPs"]:
        rules.append({"ports": DNS, "to": PRIVATE})
    if flags["nonPrivateIPs"]:
        shut = [one["ipBlock"]["cidr"] for one in PRIVATE] + [f"{metadata_ip}/32"]
        rules.append({"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": shut}}]})
    if flags["privateIPs"]:
        rules.append({"to": PRIVATE})
    if flags["cloudMetadataServer"]:
        rules.append({"to": [block]})
    return rules + settings["egress"]


def chart_policies(values: dict) -> list[dict]:
    """Return the policies of the chart zero-to-jupyterhub for Hub, proxy and users' servers.

    What each part needs to work is the chart's own and always there; the rest is what
    ``networkPolicy`` of the part says in the values.
    """
    ip = values["singleuser"]["cloudMetadata"]["ip"]
    tcp = lambda *ports: [{"protocol": "TCP", "port": port} for port in ports]  # noqa: E731
    parts = {
        "singleuser-server": (
            values["singleuser"]["networkPolicy"],
            [{"from": _by_label("singleuser"), "ports": tcp(8888)}],
            [
                {"to": _pods("hub"), "ports": tcp(8081)},
                {"to": _pods("proxy"), "ports": tcp(8000)},
                {"to": _pods("autohttps"), "ports": tcp(8080, 8443)},
            ],
        ),
        "hub": (
            values["hub"]["networkPolicy"],
            [{"from": _by_label("hub"), "ports": tcp(8081)}],
            [
                {"to": _pods("proxy"), "ports": tcp(8001)},
                {"to": _pods("singleuser-server"), "ports": tcp(8888)},
            ],
        ),
        "proxy": (
            values["proxy"]["chp"]["networkPolicy"],
            [
                {"ports": tcp(8000, 8443)},  # allowedIngressPorts: from everywhere
                {"from": _by_label("proxy-api"), "ports": tcp(8001)},
            ],
            [
                {"to": _pods("hub"), "ports": tcp(8081)},
                {"to": _pods("singleuser-server"), "ports": tcp(8888)},
            ],
        ),
    }
    made = []
    for component, (settings, ingress, egress) in parts.items():
        if not settings["enabled"]:
            continue
        spec = {
            "podSelector": {"matchLabels": {"app": "jupyterhub", "component": component}},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": ingress + settings["ingress"],
            "egress": egress + _flagged(settings, ip),
        }
        metadata = {"name": component, "namespace": HUB}
        made.append(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": metadata,
                "spec": spec,
            }
        )
    return made


def grading_pod(name: str, ip: str) -> Pod:
    """Return a pod of the namespace that grades, by its name there."""
    return Pod(GRADING, {"app.kubernetes.io/name": name}, ip)
