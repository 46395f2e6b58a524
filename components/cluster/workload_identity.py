"""The IAM role of one workload in a cluster, by EKS Pod Identity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""Name of a namespace (RFC 1123 label). Names of service accounts may also contain dots, which Plinth does not use."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkloadIdentityArgs:
    """Arguments of :class:`WorkloadIdentity`."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster."""

    cluster_arn: pulumi.Input[str]
    """ARN of the cluster, whose pods alone may use the role."""

    account_id: pulumi.Input[str]
    """Id of the cluster's account, in which the role is (an EKS precondition)."""

    namespace: str
    """Kubernetes namespace of the workload, up to 63 characters."""

    service_account: str
    """Kubernetes service account of the workload, up to 63 characters. EKS does not create it. It is not ``default``,
    which every pod has that names none."""

    role_name: str
    """Name of the role in the account, up to 64 characters (an IAM limit)."""

    description: str
    """Description for the console: which workload does what."""

    permissions: Sequence[Statement]
    """Permissions of the workload within the boundary."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    def __post_init__(self) -> None:
        for field, value in (("namespace", self.namespace), ("service_account", self.service_account)):
            if not _LABEL.fullmatch(value):
                raise ValueError(f"{field}: {value!r} is not a name of up to 63 lower-case letters, digits and hyphens")
        if self.service_account == "default":
            raise ValueError(f"service_account: name one of its own; every pod in {self.namespace} may use default")


class WorkloadIdentity(pulumi.ComponentResource):
    """A role that pods of one service account in one namespace of one cluster have, and no others.

    EKS Pod Identity exchanges the token of the service account at the nodes. IAM roles for service accounts would need
    an OpenID Connect provider for each cluster, and RCP-05 denies tokens of other issuers than GitHub.

    Creates: the role with its permissions; its association with the service account.

    Outputs: ``role_arn``.

    Raises: ValueError when the namespace or the service account is not a valid name, or the service account is the
    default one.

    Cost: none.

    Example::

        WorkloadIdentity("tracking", WorkloadIdentityArgs(
            cluster_name=cluster.cluster_name, cluster_arn=cluster.arn, account_id="111111111111",
            namespace="tracking", service_account="server", role_name="tooling-tracking",
            description="The experiment server reads its artifacts", permissions=[read_artifacts],
            boundary_arn=boundary.arn,
        ))
    """

    role_arn: pulumi.Output[str]
    """ARN of the role; known once the service account has it."""

    def __init__(self, name: str, args: WorkloadIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:WorkloadIdentity", name, None, opts)
        role = BoundedRole(
            f"{name}-role",
            BoundedRoleArgs(
                role_name=args.role_name,
                description=args.description,
                trust=_trust(args),
                permissions=args.permissions,
                boundary_arn=args.boundary_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        association = aws.eks.PodIdentityAssociation(
            name,
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=args.service_account,
            role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_arn = association.role_arn
        self.register_outputs({"role_arn": self.role_arn})


def _trust(args: WorkloadIdentityArgs) -> Statement:
    """Allows EKS to assume the role for one service account. EKS sends namespace and service account as session tags
    (EKS User Guide, "Create IAM role with trust policy required by EKS Pod Identity")."""
    return Statement(
        sid="AssumedByPodsOfOneServiceAccount",
        principals={"Service": ["pods.eks.amazonaws.com"]},
        actions=["sts:AssumeRole", "sts:TagSession"],
        conditions={
            "StringEquals": {
                "aws:SourceAccount": args.account_id,
                "aws:RequestTag/kubernetes-namespace": args.namespace,
                "aws:RequestTag/kubernetes-service-account": args.service_account,
            },
            "ArnEquals": {"aws:SourceArn": args.cluster_arn},
        },
    )
