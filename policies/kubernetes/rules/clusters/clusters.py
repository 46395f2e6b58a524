"""Rules about EKS clusters: private, encrypted, logged, entered by access entries, and in support."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.evaluation.readers import UNKNOWN, Unknown, is_not_customer_managed
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack
from settings.organization.cluster.tooling_cluster import SUPPORTED_VERSIONS

CLUSTER = ("aws:eks/cluster:Cluster",)
ACCESS_ENTRY = ("aws:eks/accessEntry:AccessEntry",)
LOG_GROUP = ("aws:cloudwatch/logGroup:LogGroup",)

REQUIRED_LOGS = frozenset({"audit", "authenticator"})
_MODE, _STANDARD = "API", "STANDARD"
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+")
_SYSTEM_GROUP = "system:"


def has_a_private_api(resource: Resource) -> Violation | None:
    if resource.properties.flag("vpcConfig", "endpointPrivateAccess") not in (True, UNKNOWN):
        return violation("has no private endpoint of its API (vpcConfig.endpointPrivateAccess)", fix="set it to true")
    if resource.properties.flag("vpcConfig", "endpointPublicAccess") not in (False, UNKNOWN):
        return violation(
            "has its API on the internet (vpcConfig.endpointPublicAccess)", fix="set it to false; the default is true"
        )
    return None


def encrypts_secrets(resource: Resource) -> Violation | None:
    resources = resource.properties.items("encryptionConfig", "resources")
    if not isinstance(resources, Unknown) and not {"secrets", UNKNOWN} & set(resources or ()):
        return violation(
            "does not encrypt secrets with a key of its own (encryptionConfig.resources)", fix="add secrets"
        )
    if is_not_customer_managed(resource.properties.value("encryptionConfig", "provider", "keyArn")):
        return violation(
            "does not encrypt secrets with a key of its own (encryptionConfig.provider.keyArn)",
            fix="name a customer managed key",
        )
    return None


def writes_its_logs(resource: Resource) -> Violation | None:
    enabled = resource.properties.items("enabledClusterLogTypes")
    if isinstance(enabled, Unknown) or UNKNOWN in (enabled or ()) or set(enabled or ()) >= REQUIRED_LOGS:
        return None
    return violation(
        "does not log who calls its API (enabledClusterLogTypes)", fix=f"add {' and '.join(sorted(REQUIRED_LOGS))}"
    )


def log_groups_belong_to_the_stack(stack: Stack) -> Iterator[CheckResult]:
    """Checks that the log group of each cluster is created in the stack. EKS would create it without a key and without
    retention."""
    groups = {group.properties.value("name") for group in stack.of(LOG_GROUP)}
    for cluster in stack.of(CLUSTER):
        name = cluster.properties.text("name")
        if isinstance(name, str) and not {f"/aws/eks/{name}/cluster", UNKNOWN} & groups:
            yield (
                cluster,
                violation(
                    "writes to a log group that the stack does not create",
                    fix="create the group /aws/eks/<name of the cluster>/cluster in this stack",
                ),
            )


def is_entered_by_access_entries(resource: Resource) -> Violation | None:
    if resource.properties.text("accessConfig", "authenticationMode") not in (_MODE, UNKNOWN):
        return violation(
            "admits principals of a ConfigMap (accessConfig.authenticationMode)",
            fix=f"set it to {_MODE}, so that only access entries admit them",
        )
    if resource.properties.flag("accessConfig", "bootstrapClusterCreatorAdminPermissions") not in (False, UNKNOWN):
        return violation(
            "makes its creator an administrator (accessConfig.bootstrapClusterCreatorAdminPermissions)",
            fix="set it to false, and create access entries; the default is true",
        )
    return None


def admits_a_role(resource: Resource) -> Violation | None:
    principal = resource.properties.text("principalArn")
    if not isinstance(principal, Unknown) and not _ROLE.fullmatch(principal or ""):
        return violation(
            "admits a principal with long-lived credentials (principalArn)", fix="name an IAM role of an account"
        )
    groups = resource.properties.items("kubernetesGroups")
    if isinstance(groups, list) and any(str(group).startswith(_SYSTEM_GROUP) for group in groups):
        return violation(
            "puts a principal into a group of Kubernetes itself (kubernetesGroups)",
            fix="name a group of your own, or associate an access policy",
        )
    return None


def is_in_standard_support(resource: Resource) -> Violation | None:
    if resource.properties.text("version") not in (*SUPPORTED_VERSIONS, UNKNOWN):
        return violation(
            "names no version in standard support (version)", fix=f"use one of {', '.join(SUPPORTED_VERSIONS)}"
        )
    if resource.properties.text("upgradePolicy", "supportType") in (_STANDARD, UNKNOWN):
        return None
    return violation(
        "stays on its version into extended support (upgradePolicy.supportType)",
        fix=f"set it to {_STANDARD}, which is not the default",
    )


RULES = (
    Rule(
        id="EK-01",
        title="Clusters have a private API only",
        severity="critical",
        sources=("FSBP EKS.1", "CIS EKS 1.7 5.4.1", "CIS EKS 1.7 5.4.2", "CKV_AWS_39"),
        remedy="Enable the private endpoint and disable the public one. People and deployers reach it from the "
        "network.",
        checks=for_each(CLUSTER, has_a_private_api),
    ),
    Rule(
        id="EK-02",
        title="Clusters encrypt secrets with a customer managed key",
        severity="high",
        sources=("FSBP EKS.3", "CIS EKS 1.7 5.3.1", "CKV_AWS_58"),
        remedy="Set encryptionConfig with the resource secrets and a key of the account. It cannot be removed later.",
        checks=for_each(CLUSTER, encrypts_secrets),
    ),
    Rule(
        id="EK-03",
        title="Clusters log calls of their API to a log group of the stack",
        severity="high",
        sources=("FSBP EKS.8", "CIS EKS 1.7 2.1.1", "CKV_AWS_37"),
        remedy="Enable the logs audit and authenticator, and create the log group with a key and a retention before "
        "the cluster.",
        checks=for_each(CLUSTER, writes_its_logs),
        stack_checks=(StackCheck((*CLUSTER, *LOG_GROUP), log_groups_belong_to_the_stack),),
    ),
    Rule(
        id="EK-04",
        title="Clusters are entered by access entries of roles",
        severity="critical",
        sources=("CIS EKS 1.7 4.1.7", "EKS User Guide, access entries"),
        remedy="Set the authentication mode API, no permissions for the creator, and one access entry per role. No "
        "entry is in a group that begins with system:, such as system:masters, which no rule of the cluster can limit.",
        checks=for_each(CLUSTER, is_entered_by_access_entries) | for_each(ACCESS_ENTRY, admits_a_role),
    ),
    Rule(
        id="EK-06",
        title="Clusters run a version in standard support and are upgraded at its end",
        severity="high",
        sources=("FSBP EKS.2", "EKS User Guide, Kubernetes version lifecycle"),
        remedy="Name a supported version, and set the support type STANDARD, so that EKS upgrades a cluster at the "
        "end of standard support instead of charging for extended support.",
        checks=for_each(CLUSTER, is_in_standard_support),
    ),
)
