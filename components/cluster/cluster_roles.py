"""The IAM roles of a cluster in EKS Auto Mode: of its control plane and of its nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.naming import named

CLUSTER_POLICIES = (
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
"""AWS managed policies of the cluster role (EKS User Guide, "Amazon EKS Auto Mode cluster IAM role")."""
NODE_POLICIES = ("AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy")
"""AWS managed policies of the node role (EKS User Guide, "Amazon EKS Auto Mode node IAM role")."""

CAPACITY_ACTIONS = (
    "acm:DescribeCertificate", "acm:ListCertificates",
    "ec2:AssignIpv6Addresses", "ec2:AssignPrivateIpAddresses", "ec2:AssociateTrunkInterface",
    "ec2:AttachNetworkInterface", "ec2:AttachVolume", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateFleet",
    "ec2:CreateLaunchTemplate", "ec2:CreateNetworkInterface", "ec2:CreateSecurityGroup", "ec2:CreateSnapshot",
    "ec2:CreateTags", "ec2:CreateVolume", "ec2:DeleteNetworkInterface", "ec2:DeleteSecurityGroup", "ec2:DeleteVolume",
    "ec2:Describe*", "ec2:DetachNetworkInterface", "ec2:DetachVolume", "ec2:DisassociateTrunkInterface",
    "ec2:GetSecurityGroupsForVpc", "ec2:ModifyNetworkInterfaceAttribute", "ec2:ModifyVolume",
    "ec2:RevokeSecurityGroupIngress", "ec2:RunInstances", "ec2:UnassignIpv6Addresses",
    "ec2:UnassignPrivateIpAddresses", "elasticloadbalancing:Add*", "elasticloadbalancing:Create*",
    "elasticloadbalancing:Delete*", "elasticloadbalancing:Deregister*", "elasticloadbalancing:Describe*",
    "elasticloadbalancing:Modify*", "elasticloadbalancing:Register*", "elasticloadbalancing:Remove*",
    "elasticloadbalancing:Set*", "kms:DescribeKey", "wafv2:Get*", "wafv2:List*",
)  # fmt: skip
"""Actions of the control plane on instances, volumes, network interfaces and load balancers. The managed policies also
allow changing routes, web ACLs and Shield protections, which the boundary therefore withholds."""

NODE_ACTIONS = (
    "ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer",
    "eks-auth:AssumeRoleForPodIdentity",
)  # fmt: skip

LINKED_SERVICES = ("elasticloadbalancing.amazonaws.com", "spot.amazonaws.com")
"""Services whose service-linked role is created with the first load balancer or spot instance of the cluster."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterRolesArgs:
    """Arguments of :class:`ClusterRoles`."""

    cluster_name: str
    """Name of the cluster, which alone may use the cluster role."""

    role_name: str
    """Name of the cluster role, and prefix of the names of the node role and of the boundary."""

    account_id: pulumi.Input[str]
    """Id of the cluster's account."""

    region: str
    """Region in which the roles work."""


class ClusterRoles:
    """The cluster role and the node role, with the policies of EKS Auto Mode under one permissions boundary.

    Not a component resource, because a stack has few resources to spare. ``opts`` apply to each resource.

    Creates: the boundary; both roles; the attachments of their policies.

    Outputs: ``cluster_role_arn`` and ``node_role_arn``, known once the policies are attached.

    Example::

        roles = ClusterRoles("cluster", ClusterRolesArgs(
            cluster_name="plinth-tooling", role_name="tooling-cluster", account_id=account_id, region="eu-west-1",
        ), pulumi.ResourceOptions(parent=self))
    """

    cluster_role_arn: pulumi.Output[str]
    """ARN of the role with which the control plane creates nodes, volumes and load balancers."""
    node_role_arn: pulumi.Output[str]
    """ARN of the role of the nodes."""

    def __init__(self, name: str, args: ClusterRolesArgs, opts: pulumi.ResourceOptions) -> None:
        self._args, self._opts = args, opts
        ceiling = RoleCeilingArgs(
            policy_name=named("policy", args.role_name, "boundary"),
            description="Ceiling of the roles of the cluster",
            statements=_ceiling(args),
        )
        self._boundary = RoleCeiling(f"{name}-boundary", ceiling, opts)
        self.cluster_role_arn = self._role(
            f"{name}-control-plane",
            args.role_name,
            "The control plane creates nodes",
            _cluster_trust(args),
            CLUSTER_POLICIES,
        )
        self.node_role_arn = self._role(
            f"{name}-nodes",
            node_role_name(args.role_name),
            "Nodes pull images and exchange tokens",
            _NODE_TRUST,
            NODE_POLICIES,
        )

    def _role(
        self, name: str, role_name: str, description: str, trust: Statement, policies: Sequence[str]
    ) -> pulumi.Output[str]:
        role = aws.iam.Role(
            name,
            name=role_name,
            path=ROLE_PATH,
            description=description,
            assume_role_policy=policy_document(trust),
            permissions_boundary=self._boundary.arn,
            opts=self._opts,
        )
        attached = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{policy}", role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=self._opts
            ).id
            for policy in policies
        ]
        return pulumi.Output.all(role.arn, *attached).apply(lambda known: str(known[0]))


def node_role_name(role_name: str) -> str:
    """Returns the name of the node role of a cluster role."""
    return named("role", role_name, "nodes")


def _cluster_trust(args: ClusterRolesArgs) -> Statement:
    """Allows EKS to assume the role for this cluster alone, with the session tags that the policies compare (EKS User
    Guide, "Cross-service confused deputy prevention in Amazon EKS")."""
    cluster = arn_of("eks", args.region, args.account_id, f"cluster/{args.cluster_name}")
    return Statement(
        sid="AssumedByTheControlPlane",
        principals={"Service": ["eks.amazonaws.com"]},
        actions=["sts:AssumeRole", "sts:TagSession"],
        conditions={"StringEquals": {"aws:SourceAccount": args.account_id}, "ArnEquals": {"aws:SourceArn": cluster}},
    )


_NODE_TRUST = Statement(
    sid="AssumedByInstances", principals={"Service": ["ec2.amazonaws.com"]}, actions=["sts:AssumeRole"]
)
"""EC2 sends no source account. It uses roles of the instance's account only."""


def _ceiling(args: ClusterRolesArgs) -> list[Statement]:
    in_region = {"StringEquals": {"aws:RequestedRegion": args.region}}
    nodes = arn_of("iam", "", args.account_id, f"role{ROLE_PATH}{node_role_name(args.role_name)}")
    profiles = arn_of("iam", "", args.account_id, "instance-profile/eks*")
    return [
        Statement(sid="ManageCapacity", actions=CAPACITY_ACTIONS, resources=["*"], conditions=in_region),
        Statement(sid="RunAsANode", actions=NODE_ACTIONS, resources=["*"], conditions=in_region),
        Statement(
            sid="GiveNodesTheirRole",
            actions=["iam:PassRole"],
            resources=[nodes],
            conditions={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        ),
        Statement(sid="AddTheRoleToProfiles", actions=["iam:AddRoleToInstanceProfile"], resources=[profiles]),
        Statement(
            sid="LetServicesCreateTheirRoles",
            actions=["iam:CreateServiceLinkedRole"],
            resources=["arn:aws:iam::*:role/aws-service-role/*"],
            conditions={"StringEquals": {"iam:AWSServiceName": LINKED_SERVICES}},
        ),
    ]
