"""Cases of policies/kubernetes/rules/clusters/clusters.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OWN_ACCOUNT, Case, Member, Situation, StackCase, but

CLUSTER, ENTRY, LOG_GROUP = (
    "aws:eks/cluster:Cluster",
    "aws:eks/accessEntry:AccessEntry",
    "aws:cloudwatch/logGroup:LogGroup",
)
KEY = f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:key/1"
ROLE = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/administrator"
CASES = [
    Case(
        rule="EK-01",
        type=CLUSTER,
        compliant=Situation(inputs={"vpcConfig": {"endpointPrivateAccess": True, "endpointPublicAccess": False}}),
        refused={
            "is on the internet": but({"vpcConfig.endpointPublicAccess": True}),
            "has no private endpoint": but({"vpcConfig.endpointPrivateAccess": False}),
        },
    ),
    Case(
        rule="EK-02",
        type=CLUSTER,
        compliant=Situation(inputs={"encryptionConfig": {"provider": {"keyArn": KEY}, "resources": ["secrets"]}}),
        refused={
            "encrypts nothing": but({"encryptionConfig.resources": []}),
            "has an AWS managed key": but(
                {"encryptionConfig.provider.keyArn": f"arn:aws:kms:eu-west-1:{OWN_ACCOUNT}:alias/aws/eks"}
            ),
        },
    ),
    Case(
        rule="EK-03",
        type=CLUSTER,
        compliant=Situation(inputs={"enabledClusterLogTypes": ["audit", "authenticator"]}),
        refused={
            "logs nothing": but({"enabledClusterLogTypes": []}),
            "logs calls alone": but({"enabledClusterLogTypes": ["api", "audit"]}),
            "logs callers alone": but({"enabledClusterLogTypes": ["api", "authenticator"]}),
        },
        accepted={"logs everything": but({"enabledClusterLogTypes": ["api", "audit", "authenticator", "scheduler"]})},
    ),
    Case(
        rule="EK-04",
        type=CLUSTER,
        compliant=Situation(
            inputs={
                "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
            }
        ),
        refused={
            "admits principals of a ConfigMap": but({"accessConfig.authenticationMode": "API_AND_CONFIG_MAP"}),
            "admits its creator": but({"accessConfig.bootstrapClusterCreatorAdminPermissions": True}),
        },
    ),
    Case(
        rule="EK-04",
        type=ENTRY,
        compliant=Situation(inputs={"principalArn": ROLE, "kubernetesGroups": ["viewers"]}),
        optional=frozenset({"kubernetesGroups", "kubernetesGroups.0"}),
        refused={
            "admits a user": but({"principalArn": f"arn:aws:iam::{OWN_ACCOUNT}:user/ana"}),
            "admits the account": but({"principalArn": f"arn:aws:iam::{OWN_ACCOUNT}:root"}),
            "admits a session": but({"principalArn": f"arn:aws:sts::{OWN_ACCOUNT}:assumed-role/a/b"}),
            "joins the masters": but({"kubernetesGroups": ["viewers", "system:masters"]}),
        },
    ),
    Case(
        rule="EK-06",
        type=CLUSTER,
        compliant=Situation(inputs={"version": "1.35", "upgradePolicy": {"supportType": "STANDARD"}}),
        refused={
            "has a version in extended support": but({"version": "1.34"}),
            "has a version that nobody reviewed": but({"version": "1.99"}),
            "pays for extended support": but({"upgradePolicy.supportType": "EXTENDED"}),
        },
        accepted={"has a newer version": but({"version": "1.36"})},
    ),
]


def logged(what: str, *refused: str, group: object = "/aws/eks/tooling/cluster", name: object = "tooling") -> StackCase:
    members = {
        "cluster": Member(type=CLUSTER, inputs={"name": name}),
        "group": Member(type=LOG_GROUP, inputs={"name": group}),
    }
    return StackCase(rule="EK-03", type=CLUSTER, what=what, members=members, refused=frozenset(refused))


STACK_CASES = [
    logged("a cluster with its log group"),
    logged("a cluster with the log group of another", "cluster", group="/aws/eks/training/cluster"),
    logged("a cluster with a log group of an unknown name", group=UNKNOWN),
    logged("a cluster of an unknown name", name=UNKNOWN, group="/aws/eks/training/cluster"),
]
