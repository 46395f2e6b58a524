"""Cases of policies/kubernetes/rules/pods/placement.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.cases.kubernetes.workloads import workloads

TERM = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["eu-west-1a"]}]}
REQUIRED = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution"
PLACED = {
    "nodeSelector": {"eks.amazonaws.com/compute-type": "auto"},
    "tolerations": [{"key": "team", "operator": "Equal", "value": "fraud", "effect": "NoSchedule"}],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [TERM]},
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": TERM}],
        }
    },
}
ONE_NODE = (
    {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["node-1"]}]},
    {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-1"]}]},
)
PLACEMENT = workloads(
    "KU-15",
    PLACED,
    optional=(
        "", "nodeSelector", r"nodeSelector.eks\.amazonaws\.com/compute-type", "tolerations", "tolerations.0",
        "tolerations.0.operator", "tolerations.0.value", "tolerations.0.effect", "affinity", "affinity.nodeAffinity",
        *(
            f"{place}{path}"
            for place, term in ((REQUIRED, ".nodeSelectorTerms.0"), (PREFERRED, ".0.preference"))
            for path in (
                "", ".nodeSelectorTerms", ".0", ".0.weight", term, f"{term}.matchExpressions",
                f"{term}.matchExpressions.0", f"{term}.matchExpressions.0.key", f"{term}.matchExpressions.0.operator",
                f"{term}.matchExpressions.0.values", f"{term}.matchExpressions.0.values.0",
            )
        ),
    ),
    refused={
        "names its node": {"nodeName": "node-1"},
        "selects one node": {"nodeSelector": {"kubernetes.io/hostname": "node-1"}},
        **{
            f"requires one node by {next(iter(term))}": {f"{REQUIRED}.nodeSelectorTerms": [TERM, term]}
            for term in ONE_NODE
        },
        **{
            f"prefers one node by {next(iter(term))}": {PREFERRED: [{"weight": 1, "preference": term}]}
            for term in ONE_NODE
        },
        "tolerates everything": {"tolerations": [{"operator": "Exists"}]},
        "tolerates everything by an empty key": {"tolerations": [{"key": "", "operator": "Exists"}]},
        "tolerates everything that prevents its start": {
            "tolerations.0": {"operator": "Exists", "effect": "NoSchedule"}
        },
        **{
            f"has the priority of {name}": {"priorityClassName": f"system-{name}-critical"}
            for name in ("cluster", "node")
        },
    },
    accepted={
        "tolerates one taint whatever its value": {"tolerations": [{"key": "team", "operator": "Exists"}]},
        "tolerates an unknown taint": {"tolerations.0.key": UNKNOWN},
        "names an unknown node": {"nodeName": UNKNOWN},
        "has a priority of its own": {"priorityClassName": "serving"},
    },
)  # fmt: skip
NAMES = workloads(
    "KU-16",
    {"dnsPolicy": "ClusterFirst", "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]}},
    optional=(
        "",
        "dnsPolicy",
        "dnsConfig",
        "dnsConfig.options",
        "dnsConfig.options.0",
        "dnsConfig.options.0.name",
        "dnsConfig.options.0.value",
    ),
    refused={
        "gives a name an address": {"hostAliases": [{"ip": "198.51.100.7", "hostnames": ["sts.amazonaws.com"]}]},
        "asks nobody but its own": {"dnsPolicy": "None"},
        "asks the resolver of its node": {"dnsPolicy": "Default"},
        "asks another resolver": {"dnsConfig.nameservers": ["198.51.100.7"]},
        "asks for names of another domain": {"dnsConfig.searches": ["example.com"]},
    },
    accepted={
        "uses the network of its node": {"dnsPolicy": "ClusterFirstWithHostNet"},
        "has no aliases": {"hostAliases": []},
        "has an unknown policy": {"dnsPolicy": UNKNOWN},
    },
)
CASES = [*PLACEMENT, *NAMES]
