"""Cases of policies/kubernetes/rules/clusters/workload_identities.py."""

from __future__ import annotations

from typing import Any

from tests.policies.case import OWN_ACCOUNT, Case, Situation, but, document

ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF"
GITHUB = "token.actions.githubusercontent.com"
RUNNER = "system:serviceaccount:runner:worker"
TAGS = {
    "aws:RequestTag/kubernetes-namespace": "runner",
    "aws:RequestTag/kubernetes-service-account": "worker",
    "aws:SourceAccount": OWN_ACCOUNT,
}
BOTH = ["sts:AssumeRole", "sts:TagSession"]


def web_identity(audience: Any = "sts.amazonaws.com", subject: Any = RUNNER, issuer: str = ISSUER, **other: Any) -> str:
    conditions = {"StringEquals": {f"{issuer}:aud": audience, f"{issuer}:sub": subject}}
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{OWN_ACCOUNT}:oidc-provider/{issuer}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": conditions | other,
        }
    )


def like(key: str, value: str) -> dict[str, Any]:
    """Returns conditions that compare one key with ``StringLike``."""
    pinned = {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": RUNNER}
    name = f"{ISSUER}:{key}"
    return {"StringEquals": {n: v for n, v in pinned.items() if n != name}, "StringLike": {name: value}}


def pod_identity(action: Any = BOTH, service: str = "pods.eks.amazonaws.com", **conditions: Any) -> str:
    condition = conditions or {"StringEquals": TAGS}
    return document({"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Condition": condition})


ROLES = [
    Case(
        rule="EK-05",
        type=type_,
        compliant=Situation(inputs={"assumeRolePolicy": web_identity()}),
        optional=frozenset({"assumeRolePolicy"}),
        refused={
            what: but({"assumeRolePolicy": policy})
            for what, policy in {
                "accepts tokens for another audience": web_identity(audience="kubernetes"),
                "accepts tokens for two audiences": web_identity(audience=["sts.amazonaws.com", "kubernetes"]),
                "accepts tokens like an audience": web_identity(**like("aud", "sts.amazonaws.com")),
                "trusts two service accounts": web_identity(subject=[RUNNER, f"{RUNNER}-2"]),
                "trusts every account of a namespace": web_identity(subject="system:serviceaccount:runner:*"),
                "trusts accounts like one": web_identity(**like("sub", RUNNER)),
                "trusts an account of every namespace": web_identity(subject="system:serviceaccount:*:worker"),
                "trusts the default account": web_identity(subject="system:serviceaccount:runner:default"),
                "trusts the default namespace": web_identity(subject="system:serviceaccount:default:worker"),
                "names no subject": web_identity(subject=[]),
                "trusts another issuer of EKS": web_identity(
                    subject="system:serviceaccount:runner:*", issuer="oidc-eks.eu-west-1.api.aws/id/0123456789ABCDEF"
                ),
                "gives pods no session tags": pod_identity("sts:AssumeRole"),
                "gives pods nothing but session tags": pod_identity("sts:TagSession"),
                "trusts every association": pod_identity(StringEquals={"aws:SourceAccount": OWN_ACCOUNT}),
                **{
                    f"does not compare {missing}": pod_identity(
                        StringEquals={key: value for key, value in TAGS.items() if key != missing}
                    )
                    for missing in list(TAGS)[:2]
                },
                **{
                    f"compares {key} with {value}": pod_identity(StringEquals=TAGS | {key: value})
                    for key in list(TAGS)[:2]
                    for value in ("*", "work?r", ["worker", "other"])
                },
                "compares session tags with wildcards": pod_identity(StringLike=TAGS),
            }.items()
        },
        accepted={
            what: but({"assumeRolePolicy": policy})
            for what, policy in {
                "is for Pod Identity": pod_identity(),
                "is for another service": pod_identity("sts:AssumeRole", "ec2.amazonaws.com"),
                "is for workflows": web_identity(subject="repo:acme/foundation:ref:refs/heads/main", issuer=GITHUB),
            }.items()
        },
    )
    for type_ in ("aws:iam/role:Role",)
]
ASSOCIATIONS = [
    Case(
        rule="EK-05",
        type=type_,
        compliant=Situation(inputs={"namespace": "runner", "serviceAccount": "worker", "disableSessionTags": False}),
        optional=frozenset({"namespace", "serviceAccount", "disableSessionTags"}),
        refused={
            "is for the default account": but({"serviceAccount": "default"}),
            "is for the default namespace": but({"namespace": "default"}),
            "is for a namespace of Kubernetes": but({"namespace": "kube-system"}),
            "sends no session tags": but({"disableSessionTags": True}),
        },
    )
    for type_ in ("aws:eks/podIdentityAssociation:PodIdentityAssociation",)
]
CASES = [*ROLES, *ASSOCIATIONS]
