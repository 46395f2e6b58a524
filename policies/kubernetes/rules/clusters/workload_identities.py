"""The rule about AWS identities of pods: each role is for one service account of one namespace."""

from __future__ import annotations

import re

from policies.evaluation.policy_attachments import ROLE, trust
from policies.evaluation.policy_documents import Statement
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import DEFAULT_SERVICE_ACCOUNT, SHARED_NAMESPACES

ASSOCIATION = ("aws:eks/podIdentityAssociation:PodIdentityAssociation",)

_ISSUER = re.compile(r"arn:aws[\w-]*:iam::\d{12}:oidc-provider/oidc[.-]eks\..+")
"""Identity provider of a cluster (EKS User Guide, "Create an IAM OIDC provider for your cluster")."""
_AUDIENCE = "sts.amazonaws.com"
_SUBJECT = re.compile(r"system:serviceaccount:(?P<namespace>[a-z0-9-]+):(?P<account>[a-z0-9.-]+)")
_POD_IDENTITY = "pods.eks.amazonaws.com"
_POD_IDENTITY_ACTIONS = ("sts:assumerole", "sts:tagsession")
_TAGS = ("aws:requesttag/kubernetes-namespace", "aws:requesttag/kubernetes-service-account")
"""Session tags of EKS Pod Identity that name the pod (EKS User Guide, "Create IAM role with trust policy required by
EKS Pod Identity")."""


def trusts_one_service_account(resource: Resource) -> Violation | None:
    return first(_check(statement) for statement in trust(resource) if statement.allows)


def _check(statement: Statement) -> Violation | None:
    if any(map(_ISSUER.fullmatch, statement.principals_of("Federated"))):
        return _check_web_identity(statement)
    if _POD_IDENTITY in statement.principals_of("Service"):
        return _check_pod_identity(statement)
    return None


def _check_web_identity(statement: Statement) -> Violation | None:
    if _only_value(statement, ":aud") != _AUDIENCE:
        return violation(
            "accepts tokens that were not issued for AWS (condition on aud)",
            fix=f"compare aud with {_AUDIENCE} by StringEquals",
        )
    subject = _SUBJECT.fullmatch(_only_value(statement, ":sub") or "")
    if subject is None or _is_shared(subject["namespace"], subject["account"]):
        return violation(
            "can be assumed by pods of other service accounts (condition on sub)",
            fix="compare sub by StringEquals with system:serviceaccount:<namespace>:<name>, and no default namespace "
            "or account",
        )
    return None


def _check_pod_identity(statement: Statement) -> Violation | None:
    if not all(map(statement.covers, _POD_IDENTITY_ACTIONS)):
        return violation(
            "cannot be used by EKS Pod Identity (Action)", fix="allow sts:AssumeRole and sts:TagSession together"
        )
    named = [_only_value(statement, tag) for tag in _TAGS]
    if None in named or any("*" in str(name) or "?" in str(name) for name in named):
        return violation(
            "can be assumed by pods of other service accounts (condition on session tags)",
            fix="compare aws:RequestTag/kubernetes-namespace and aws:RequestTag/kubernetes-service-account by "
            "StringEquals with one name each",
        )
    return None


def _only_value(statement: Statement, key: str) -> str | None:
    """Returns the one value with which ``StringEquals`` compares a key, or a key with this end."""
    values = [c.values for c in statement.conditions if c.operator == "stringequals" and c.key.endswith(key)]
    return values[0][0] if len(values) == 1 and len(values[0]) == 1 else None


def _is_shared(namespace: str, account: str) -> bool:
    return namespace in SHARED_NAMESPACES or account == DEFAULT_SERVICE_ACCOUNT


def belongs_to_one_service_account(resource: Resource) -> Violation | None:
    properties = resource.properties
    if _is_shared(str(properties.text("namespace")), str(properties.text("serviceAccount"))):
        return violation(
            "gives a role to pods that name no service account (namespace, serviceAccount)",
            fix="name a service account and a namespace of the workload",
        )
    if properties.flag("disableSessionTags") is True:
        return violation(
            "hides from AWS which pod uses its role (disableSessionTags)",
            fix="remove it, because trust policies compare the session tags",
        )
    return None


RULES = (
    Rule(
        id="EK-05",
        title="Roles of pods are for one service account",
        severity="critical",
        sources=("CIS EKS 1.7 5.2.1", "EKS User Guide, IAM roles for service accounts", "EKS User Guide, Pod Identity"),
        remedy="Use Pod Identity, with conditions on the session tags of namespace and service account, or compare "
        "aud and one sub of the cluster's issuer by StringEquals.",
        checks=for_each(ROLE, trusts_one_service_account) | for_each(ASSOCIATION, belongs_to_one_service_account),
    ),
)
