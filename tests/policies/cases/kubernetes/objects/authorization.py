"""Cases of policies/kubernetes/rules/objects/authorization.py."""

from __future__ import annotations

from tests.policies.case import Case, Situation, but

RULE = {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get"]}
ROLES = [
    Case(
        rule="KU-07",
        type=type_,
        compliant=Situation(inputs={"rules": [RULE]}),
        optional=frozenset(
            {
                "rules", "rules.0", "rules.0.apiGroups", "rules.0.apiGroups.0", "rules.0.resources",
                "rules.0.resources.0", "rules.0.verbs", "rules.0.verbs.0", "rules.0.verbs.1",
            }
        ),
        refused={
            **{
                f"has a wildcard in {name}": but({"rules": [RULE, {name: ["a", "*"]}]})
                for name in ("apiGroups", "nonResourceURLs", "resources", "verbs")
            },
            "allows a part of every resource": but({"rules.0.resources": ["*/status"]}),
            "takes over rules": but({"aggregationRule": {"clusterRoleSelectors": []}}),
        },
        accepted={"has no rules": but({"rules": []})},
    )
    for type_ in ("kubernetes:rbac.authorization.k8s.io/v1:Role", "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole")
]  # fmt: skip
BINDINGS = [
    Case(
        rule="KU-07",
        type=type_,
        compliant=Situation(
            inputs={
                "roleRef": {"kind": "ClusterRole", "name": "jobs"},
                "subjects": [{"kind": "ServiceAccount", "name": "runner"}, {"kind": "Group", "name": "default"}],
            }
        ),
        optional=frozenset(
            {
                "roleRef", "roleRef.kind", "roleRef.name", "subjects",
                *(f"subjects.{index}{path}" for index in (0, 1) for path in ("", ".kind", ".name")),
            }
        ),
        refused={
            **{
                f"grants to {name}": but({"subjects.1.name": name})
                for name in ("system:masters", "system:authenticated", "system:unauthenticated")
            },
            "grants to the anonymous user": but({"subjects.0": {"kind": "User", "name": "system:anonymous"}}),
            "grants to the default account": but({"subjects.0.name": "default"}),
        },
    )
    for type_ in (
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    )
]  # fmt: skip
CASES = [*ROLES, *BINDINGS]
