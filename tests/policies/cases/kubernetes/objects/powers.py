"""Cases of policies/kubernetes/rules/objects/powers.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import Case, Member, Situation, StackCase, but

RBAC, ADMISSION = "kubernetes:rbac.authorization.k8s.io/v1", "kubernetes:admissionregistration.k8s.io/v1"
LEASES = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "update"]}
JOBS = {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get"]}


def rule(group: str, resource: str, verb: str) -> dict[str, list[str]]:
    return {"apiGroups": [group], "resources": [resource], "verbs": [verb]}


UNLIMITED = {
    **{f"may {verb} secrets": rule("", "secrets", verb) for verb in ("get", "list", "watch")},
    **{f"may call past policies by {kind}": rule("", f"{kind}/proxy", "get") for kind in ("nodes", "pods", "services")},
    "may get tokens": rule("", "serviceaccounts/token", "create"),
    **{
        f"may {verb} webhooks": rule("admissionregistration.k8s.io", "mutatingwebhookconfigurations", verb)
        for verb in ("create", "update", "patch", "delete", "deletecollection")
    },
    **{
        f"may change {kind}": rule("admissionregistration.k8s.io", kind, "update")
        for kind in (
            "mutatingadmissionpolicies", "mutatingadmissionpolicybindings", "validatingadmissionpolicies",
            "validatingadmissionpolicybindings", "validatingwebhookconfigurations",
        )
    },
    **{f"may {verb} certificates": rule("certificates.k8s.io", "signers", verb) for verb in ("approve", "sign")},
    **{
        f"may {verb}": rule("rbac.authorization.k8s.io", "clusterroles", verb)
        for verb in ("bind", "escalate")
    },
    "may impersonate": rule("", "serviceaccounts", "impersonate"),
    "may read everything of a group": rule("", "*", "list"),
    "may do everything with secrets": rule("", "secrets", "*"),
    "may read secrets of every group": rule("*", "secrets", "get"),
}  # fmt: skip
"""Permissions that no admission policy limits."""
LIMITABLE = (
    *(rule("", kind, "create") for kind in ("pods", "replicationcontrollers", "persistentvolumes", "namespaces")),
    *(rule("apps", kind, "patch") for kind in ("daemonsets", "deployments", "replicasets", "statefulsets")),
    rule("", "pods/ephemeralcontainers", "patch"),
    *(rule("", f"pods/{way}", "create") for way in ("attach", "exec", "portforward")),
    rule("", "pods/exec", "get"),
    rule("apiregistration.k8s.io", "apiservices", "create"),
    rule("batch", "cronjobs", "update"),
    rule("batch", "jobs", "create"),
    rule("certificates.k8s.io", "certificatesigningrequests/approval", "update"),
)
CASES = [
    *(
        Case(
            rule="KU-18",
            type=f"{RBAC}:{kind}",
            compliant=Situation(inputs={"rules": [LEASES]}),
            optional=frozenset(
                {
                    "rules", "rules.0", "rules.0.apiGroups", "rules.0.apiGroups.0", "rules.0.resources",
                    "rules.0.resources.0", "rules.0.verbs", "rules.0.verbs.0", "rules.0.verbs.1",
                }
            ),
            refused={what: but({"rules": [LEASES, power]}) for what, power in UNLIMITED.items()},
            accepted={
                "reads pods": but({"rules": [rule("", "pods", "list")]}),
                "reads another group's secrets": but({"rules": [rule("acme.example", "secrets", "get")]}),
                "does something unknown": but({"rules": [{**LEASES, "verbs": UNKNOWN}]}),
            },
        )
        for kind in ("Role", "ClusterRole")
    ),
    *(
        Case(
            rule="KU-18",
            type=f"{RBAC}:{kind}",
            compliant=Situation(inputs={"roleRef": {"kind": "ClusterRole", "name": "view"}}),
            optional=frozenset({"roleRef", "roleRef.kind", "roleRef.name"}),
            refused={
                f"grants {name}": but({"roleRef.name": name})
                for name in ("admin", "cluster-admin", "edit", "system:node", "system:controller:job-controller")
            },
            accepted={"grants an unknown role": but({"roleRef.name": UNKNOWN})},
        )
        for kind in ("RoleBinding", "ClusterRoleBinding")
    ),
]  # fmt: skip

LAUNCHERS = {"kind": "Group", "name": "launchers"}
RUNNER = {"kind": "ServiceAccount", "name": "a", "namespace": "ci"}
OF_RUNNER = {"name": "account", "expression": "request.userInfo.username == 'system:serviceaccount:ci:a'"}
ENTERS = rule("", "pods/attach", "create")
OF_CONNECTIONS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CONNECT"], "resources": ["pods/attach"]}
OF_JOBS = {"apiGroups": ["batch"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["jobs"]}
OF_ALL = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"]}
CONDITION = {"name": "launchers", "expression": "'launchers' in request.userInfo.groups"}
HERE = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "runner"}}}


def limited(
    what: str,
    *refused: str,
    rules: Any = (JOBS,),
    kind: str = "Role",
    subjects: Any = (LAUNCHERS,),
    role_ref: Any = None,
    covered: Any = OF_JOBS,
    constraints: Any = HERE,
    conditions: Any = (CONDITION,),
    actions: Any = ("Deny",),
    without: str = "",
) -> StackCase:
    """Returns a role whose powers an admission policy limits, of which something is different."""
    inside = {"name": "launcher", "namespace": "runner"}
    constraints = {"resourceRules": [covered], **constraints} if isinstance(constraints, dict) else constraints
    spec = {"matchConstraints": constraints, "matchConditions": list(conditions)}
    ref = {"kind": kind, "name": "launcher"} if role_ref is None else role_ref
    members = {
        "role": Member(type=f"{RBAC}:{kind}", inputs={"metadata": inside, "rules": list(rules)}),
        "binding": Member(type=f"{RBAC}:{kind}Binding", inputs={"roleRef": ref, "subjects": list(subjects)}),
        "policy": Member(
            type=f"{ADMISSION}:ValidatingAdmissionPolicy", inputs={"metadata": {"name": "limit"}, "spec": spec}
        ),
        "denial": Member(
            type=f"{ADMISSION}:ValidatingAdmissionPolicyBinding",
            inputs={"spec": {"policyName": "limit", "validationActions": list(actions)}},
        ),
    }
    kept = {name: member for name, member in members.items() if name != without}
    return StackCase(rule="KU-18", type=f"{RBAC}:{kind}", what=what, members=kept, refused=frozenset(refused))


PODS_TOO = {**JOBS, "apiGroups": ["", "batch"], "resources": ["jobs", "pods"]}
STACK_CASES = [
    limited("a group that creates jobs of one program"),
    *(limited(f"a role without a {name}", "role", without=name) for name in ("binding", "policy", "denial")),
    *(
        limited(
            f"a role that may {power['verbs'][0]} {power['resources'][0]}",
            "role",
            rules=[LEASES, power],
            without="policy",
        )
        for power in LIMITABLE
    ),
    *(
        limited(f"a limited role that may {power['verbs'][0]} {power['resources'][0]}", rules=[power], covered=OF_ALL)
        for power in LIMITABLE
    ),
    limited(
        "a role that reads and changes jobs", rules=[{**JOBS, "verbs": ["get", "patch", "update"]}], without="policy"
    ),
    limited("a role with a power that the policy is not asked about", "role", rules=[PODS_TOO]),
    limited("a policy about another group of resources", "role", covered={**OF_JOBS, "apiGroups": ["apps"]}),
    limited("a policy about changes only", "role", covered={**OF_JOBS, "operations": ["UPDATE"]}),
    limited("a policy about another group of people", "role", subjects=[{"kind": "Group", "name": "others"}]),
    limited(
        "a role of two groups, of which one is limited", "role", subjects=[LAUNCHERS, {"kind": "Group", "name": "b"}]
    ),
    limited("an account for whom a policy of a group decides", "role", subjects=[RUNNER]),
    limited("an account that creates jobs of one program", subjects=[RUNNER], conditions=[OF_RUNNER]),
    limited("an account and a group of its name", "role", subjects=[RUNNER, LAUNCHERS], conditions=[OF_RUNNER]),
    limited("an account of another namespace", "role", subjects=[{**RUNNER, "namespace": "b"}], conditions=[OF_RUNNER]),
    limited("another account of the namespace", "role", subjects=[{**RUNNER, "name": "b"}], conditions=[OF_RUNNER]),
    limited("an unknown account", "role", subjects=[{**RUNNER, "name": UNKNOWN}], conditions=[OF_RUNNER]),
    limited(
        "an account of an unknown namespace",
        "role",
        subjects=[{**RUNNER, "namespace": UNKNOWN}],
        conditions=[OF_RUNNER],
    ),
    limited("a user", "role", subjects=[{**RUNNER, "kind": "User"}], conditions=[OF_RUNNER]),
    limited("a policy about connections", rules=[ENTERS], covered=OF_CONNECTIONS),
    limited(
        "a policy about the creation of connections",
        "role",
        rules=[ENTERS],
        covered={**OF_CONNECTIONS, "operations": ["CREATE"]},
    ),
    *(
        limited(
            f"a policy about connections of {what}",
            *refused,
            rules=[ENTERS],
            covered={**OF_CONNECTIONS, "resources": [what]},
        )
        for what, refused in {"pods/*": (), "*/attach": (), "*/*": (), "*": ["role"], "pods": ["role"]}.items()
    ),
    limited("a role of nobody known", "role", subjects=[{"kind": "Group", "name": UNKNOWN}]),
    limited("a binding of another role", "role", role_ref={"kind": "Role", "name": "others"}),
    limited("a binding of a role of another kind", "role", role_ref={"kind": "ClusterRole", "name": "launcher"}),
    limited("a binding of an unknown role", role_ref={"kind": "Role", "name": UNKNOWN}),
    limited("a policy that reports only", "role", actions=["Audit", "Warn"]),
    limited("a policy with a second condition", "role", conditions=[CONDITION, {"name": "b", "expression": "false"}]),
    limited("a policy with another condition", "role", conditions=[{"name": "b", "expression": "false"}]),
    limited("a policy without a condition", "role", conditions=[]),
    limited("a policy about some objects", "role", constraints={"objectSelector": {"matchLabels": {"a": "b"}}}),
    limited("a policy that leaves requests out", "role", constraints={"excludeResourceRules": [OF_ALL]}),
    limited("a policy about all namespaces", constraints={}),
    limited("a policy about an unknown namespace", constraints={"namespaceSelector": {"matchLabels": UNKNOWN}}),
    limited(
        "a policy about another namespace",
        "role",
        constraints={"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "others"}}},
    ),
    limited(
        "a policy about namespaces with two labels",
        "role",
        constraints={"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "runner", "a": "b"}}},
    ),
    limited(
        "a policy with two rules", constraints={**HERE, "resourceRules": [{**OF_JOBS, "apiGroups": ["apps"]}, OF_JOBS]}
    ),
    limited("a policy with an empty selector", constraints={"namespaceSelector": {}}),
    limited("a cluster role that is limited in one namespace", "role", kind="ClusterRole"),
    limited("a cluster role that is limited everywhere", kind="ClusterRole", constraints={}),
]
