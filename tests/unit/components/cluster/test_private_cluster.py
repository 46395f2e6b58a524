import json
from ipaddress import IPv4Network

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from components.cluster.cluster_roles import CLUSTER_POLICIES, NODE_POLICIES
from components.cluster.private_cluster import ADMINISTRATION, PrivateCluster, PrivateClusterArgs
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, REGION

CLUSTER = "aws:eks/cluster:Cluster"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/cluster"
ADMINISTRATORS = {"deployer": f"arn:aws:iam::{ACCOUNT}:role/plinth/platform-deployer"}
WITHHELD = {
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:UpdateAutoScalingGroup", "cognito-idp:DescribeUserPoolClient", "ec2:CreateRoute", "ec2:DeleteRoute",
    "ec2:EnableFastSnapshotRestores", "ec2:GetCoipPoolUsage", "ec2:ModifyInstanceAttribute",
    "elasticloadbalancing:ApplySecurityGroupsToLoadBalancer", "elasticloadbalancing:AttachLoadBalancerToSubnets",
    "elasticloadbalancing:ConfigureHealthCheck", "elasticloadbalancing:DetachLoadBalancerFromSubnets",
    "shield:CreateProtection", "shield:DeleteProtection", "shield:TagResource", "wafv2:AssociateWebACL",
    "wafv2:DisassociateWebACL",
}  # fmt: skip
"""Actions of the managed policies that the boundary withholds: changes of routes, classic load balancers, associations
of web ACLs, Shield, and groups of instances, which Auto Mode does not have."""


def cluster(**changes):
    args = {
        "cluster_name": "plinth-tooling",
        "role_name": "tooling-cluster",
        "version": "1.35",
        "account_id": ACCOUNT,
        "region": REGION,
        "vpc_id": "vpc-1",
        "cidr": IPv4Network("10.0.128.0/19"),
        "subnet_ids": ["subnet-1", "subnet-2"],
        "service_cidr": IPv4Network("172.20.0.0/16"),
        "key_arn": KEY,
        "log_retention_days": 365,
        "administrators": ADMINISTRATORS,
    }
    return PrivateCluster("cluster", PrivateClusterArgs(**args | changes))


def inputs():
    return deploy(cluster).one(CLUSTER).inputs


def test_only_the_network_reaches_the_api():
    made = deploy(cluster)
    network = made.one(CLUSTER).inputs["vpcConfig"]
    assert (network["endpointPublicAccess"], network["endpointPrivateAccess"]) == (False, True)
    (rule,) = made.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert (rule.inputs["cidrIpv4"], rule.inputs["fromPort"], rule.inputs["toPort"]) == ("10.0.128.0/19", 443, 443)
    assert network["securityGroupIds"] == [rule.inputs["securityGroupId"]]


def test_only_access_entries_give_access_and_the_creator_gets_none():
    assert inputs()["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }


def test_every_administrator_has_one_entry_with_the_policy_of_administrators():
    made = deploy(cluster)
    entries = made.all("aws:eks/accessEntry:AccessEntry")
    policies = made.all("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert [entry.inputs["principalArn"] for entry in entries] == list(ADMINISTRATORS.values())
    assert [(policy.inputs["policyArn"], policy.inputs["accessScope"]["type"]) for policy in policies] == [
        (ADMINISTRATION, "cluster")
    ]
    assert not any("kubernetesGroups" in entry.inputs for entry in entries)


def test_secrets_are_encrypted_with_the_key():
    assert inputs()["encryptionConfig"] == {"provider": {"keyArn": KEY}, "resources": ["secrets"]}


def test_all_logs_go_to_an_encrypted_group_that_exists_before_the_cluster():
    made = deploy(cluster)
    group, built = made.one("aws:cloudwatch/logGroup:LogGroup"), made.one(CLUSTER)
    assert group.inputs["name"] == "/aws/eks/plinth-tooling/cluster"
    assert (group.inputs["kmsKeyId"], group.inputs["retentionInDays"]) == (KEY, 365)
    assert group.urn in built.dependencies
    assert set(built.inputs["enabledClusterLogTypes"]) == {
        "api", "audit", "authenticator", "controllerManager", "scheduler",
    }  # fmt: skip


def test_the_cluster_is_in_auto_mode():
    made = inputs()
    assert made["computeConfig"]["enabled"] is True
    assert made["storageConfig"]["blockStorage"]["enabled"] is True
    assert made["kubernetesNetworkConfig"]["elasticLoadBalancing"]["enabled"] is True
    assert made["bootstrapSelfManagedAddons"] is False


def test_the_cluster_is_upgraded_at_the_end_of_standard_support_and_protected_from_deletion():
    made = inputs()
    assert (made["upgradePolicy"], made["deletionProtection"]) == ({"supportType": "STANDARD"}, True)


def test_the_roles_have_the_documented_policies_and_one_boundary():
    made = deploy(cluster)
    control, nodes = made.one(ROLE, "cluster-control-plane"), made.one(ROLE, "cluster-nodes")
    attached = {
        attachment.inputs["policyArn"]
        for attachment in made.all(ATTACHMENT)
        if attachment.inputs["role"] == control.inputs["name"]
    }
    assert attached == {f"arn:aws:iam::aws:policy/{policy}" for policy in CLUSTER_POLICIES}
    attached = {
        attachment.inputs["policyArn"]
        for attachment in made.all(ATTACHMENT)
        if attachment.inputs["role"] == nodes.inputs["name"]
    }
    assert attached == {f"arn:aws:iam::aws:policy/{policy}" for policy in NODE_POLICIES}
    (boundary,) = {role.inputs["permissionsBoundary"] for role in (control, nodes)}
    assert boundary.endswith(":policy/plinth/tooling-cluster-boundary")
    assert {role.inputs["path"] for role in (control, nodes)} == {"/plinth/"}


def test_only_this_cluster_assumes_its_role():
    trust = json.loads(deploy(cluster).one(ROLE, "cluster-control-plane").inputs["assumeRolePolicy"])["Statement"]
    (statement,) = trust
    assert statement["Principal"] == {"Service": "eks.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    arn = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/plinth-tooling"
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnEquals": {"aws:SourceArn": arn},
    }


def test_the_boundary_includes_what_the_policies_allow_but_for_what_it_withholds():
    boundary = statements(deploy(cluster).one("aws:iam/policy:Policy"))
    allowed = [action for statement in boundary.values() for action in as_list(statement["Action"])]
    policies = json.loads(aws_managed_policies_data)
    needed = {
        action
        for policy in (*CLUSTER_POLICIES, *NODE_POLICIES)
        for statement in policies[policy]["Document"]["Statement"]
        for action in as_list(statement["Action"])
    }
    assert {action for action in needed if not any(_matches(action, pattern) for pattern in allowed)} == WITHHELD
    assert boundary["GiveNodesTheirRole"]["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/plinth/tooling-cluster-nodes"


def _matches(action, pattern):
    return action == pattern or (pattern.endswith("*") and action.startswith(pattern.removesuffix("*")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subnet_ids": ["subnet-1"]}, "at least 2 zones"),
        ({"service_cidr": IPv4Network("10.0.128.0/20")}, "outside the network 10.0.128.0/19"),
        ({"service_cidr": IPv4Network("172.20.0.0/25")}, "not a /12 to /24"),
        ({"administrators": {}}, "name at least one role"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_created(changes, message):
    with pytest.raises(ValueError, match=message):
        cluster(**changes)
