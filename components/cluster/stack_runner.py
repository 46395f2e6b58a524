"""Prerequisites in a cluster of Jobs that run stack operations: their namespace, permissions and IAM role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import RoleRefArgs, SubjectArgs

from components.cluster.admission import RBAC, rule
from components.cluster.guarded_namespace import GuardedNamespace, GuardedNamespaceArgs
from components.cluster.job_launchers import JobLaunchers, JobLaunchersArgs
from components.cluster.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.identity.iam.role_names import PLATFORM_DEPLOYER, STACK_WORKER
from components.identity.iam.statements import Statement
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.aws.stack_jobs import JOB_COMMAND, JOB_VARIABLES

SERVICE_ACCOUNT = "worker"
_STATES = ".pulumi/*"
"""Folder of the engine in a bucket of states (backend/diy of Pulumi)."""
_INPUTS = ".plinth/jobs/*"
"""Folder of the same bucket with the settings and the operations of Jobs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StackRunnerArgs:
    """Arguments of :class:`StackRunner`."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster."""

    cluster_arn: pulumi.Input[str]
    """ARN of the cluster, whose pods alone may use the role."""

    account_id: pulumi.Input[str]
    """Id of the cluster's account."""

    organization_id: pulumi.Input[str]
    """Id of the organization, whose deployer roles alone the pods may assume."""

    image: pulumi.Input[str]
    """Image of Jobs, with its digest."""

    launcher_group: str
    """Kubernetes group that may start Jobs and do nothing else."""

    namespace: str
    """Name of the namespace, up to 63 characters."""

    jobs: int
    """Number of Jobs that run at the same time."""

    cpus: int
    """vCPUs that each Job requests."""

    memory_gib: int
    """Memory that each Job may use, in GiB."""

    state_bucket: str
    """Name of the bucket with the states of all stacks."""

    state_keys: Sequence[str] = ()
    """ARNs of the KMS keys of the bucket and of secrets in the states. Default: none."""

    launchers: Sequence[str] = ()
    """ARNs of the existing roles that may start Jobs and do nothing else. Default: none, so that only administrators of
    the cluster start Jobs."""


class StackRunner(pulumi.ComponentResource):
    """A namespace in which Jobs run stack operations, with a role that assumes deployer roles for a named person.

    All pods have one role. Which deployers it may assume follows from the name of the pod: the trust policy of a
    deployer requires the session tag that EKS Pod Identity sets, so a pod of one team cannot deploy into an account of
    another. The pods may read and renew leases, with which at most one pod works on a stack, and see each other,
    because a lease is taken over only when its holder no longer exists. They may create and delete no object.

    ``opts`` need a provider of the account and one of the cluster.

    Creates: the namespace with its guards; the service account; its role in the namespace and the binding; the
    permissions boundary and the role of IAM, with their association; with launchers, the role that starts Jobs.

    Outputs: ``namespace``, ``service_account``, ``role_arn`` and ``launcher_role_arn``.

    Raises: ValueError when no Job could run.

    Cost: none of its own. Nodes cost while Jobs run.

    Example::

        StackRunner("runner", StackRunnerArgs(
            cluster_name=cluster.cluster_name, cluster_arn=cluster.arn, account_id="111111111111",
            organization_id="o-acme", image=image, launcher_group="plinth-launchers", namespace="plinth-stacks",
            jobs=8, cpus=1, memory_gib=2, state_bucket="acme-states",
            launchers=["arn:aws:iam::123456789012:role/platform"],
        ), pulumi.ResourceOptions(providers=[account_provider, cluster_provider]))
    """

    namespace: pulumi.Output[str]
    """Name of the namespace; known once it has its guards."""
    service_account: pulumi.Output[str]
    """Name of the service account; known once it has its permissions and its role."""
    role_arn: pulumi.Output[str]
    """ARN of the role of the pods."""
    launcher_role_arn: pulumi.Output[str] | None
    """ARN of the role that starts Jobs; known once it may. None without launchers."""

    def __init__(self, name: str, args: StackRunnerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:StackRunner", name, None, opts)
        self._name, self._args = name, args
        self.namespace = GuardedNamespace(
            f"{name}-namespace",
            GuardedNamespaceArgs(
                namespace=args.namespace,
                cpus=args.jobs * args.cpus,
                memory_gib=args.jobs * args.memory_gib,
                pods=args.jobs,
            ),
            pulumi.ResourceOptions(parent=self),
        ).namespace
        granted = self._permissions()
        self.role_arn = self._identity()
        self.service_account = pulumi.Output.all(granted, self.role_arn).apply(lambda _: SERVICE_ACCOUNT)
        self.launcher_role_arn = self._launchers() if args.launchers else None
        self.register_outputs(
            {
                "namespace": self.namespace,
                "service_account": self.service_account,
                "role_arn": self.role_arn,
                "launcher_role_arn": self.launcher_role_arn,
            }
        )

    def _launchers(self) -> pulumi.Output[str]:
        args = JobLaunchersArgs(
            cluster_name=self._args.cluster_name,
            cluster_arn=self._args.cluster_arn,
            organization_id=self._args.organization_id,
            role_arns=self._args.launchers,
            group=self._args.launcher_group,
            namespace=self.namespace,
            image=self._args.image,
            command=JOB_COMMAND,
            variables=JOB_VARIABLES,
            service_account=SERVICE_ACCOUNT,
        )
        return JobLaunchers(f"{self._name}-launchers", args, pulumi.ResourceOptions(parent=self)).role_arn

    def _metadata(self) -> ObjectMetaArgs:
        return ObjectMetaArgs(name=SERVICE_ACCOUNT, namespace=self.namespace)

    def _permissions(self) -> pulumi.Output[str]:
        """Creates the service account with its permissions. Returns an output that is known once it has them."""
        account = kubernetes.core.v1.ServiceAccount(
            f"{self._name}-account",
            metadata=self._metadata(),
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        role = kubernetes.rbac.v1.Role(
            f"{self._name}-role",
            metadata=self._metadata(),
            rules=[
                # RBAC cannot limit a creation to names.
                rule("coordination.k8s.io", ["leases"], ["create", "get", "update"]),
                rule("", ["pods"], ["get"]),
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        binding = kubernetes.rbac.v1.RoleBinding(
            f"{self._name}-role-binding",
            metadata=self._metadata(),
            role_ref=RoleRefArgs(api_group=RBAC, kind="Role", name=SERVICE_ACCOUNT),
            subjects=[SubjectArgs(kind="ServiceAccount", name=SERVICE_ACCOUNT, namespace=self._args.namespace)],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account, role]),
        )
        return binding.id

    def _identity(self) -> pulumi.Output[str]:
        args = self._args
        permissions = _permissions(args)
        boundary = RoleCeiling(
            f"{self._name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{STACK_WORKER}-boundary",
                description="Ceiling of pods that run stack operations",
                statements=permissions,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        identity = WorkloadIdentity(
            f"{self._name}-identity",
            WorkloadIdentityArgs(
                cluster_name=args.cluster_name,
                cluster_arn=args.cluster_arn,
                account_id=args.account_id,
                namespace=args.namespace,
                service_account=SERVICE_ACCOUNT,
                role_name=STACK_WORKER,
                description="Pods that run stack operations",
                permissions=permissions,
                boundary_arn=boundary.arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return identity.role_arn


def _permissions(args: StackRunnerArgs) -> list[Statement]:
    """Builds all permissions of the role. Its boundary has the same."""
    in_organization = {"aws:ResourceOrgID": args.organization_id}
    bucket = f"arn:aws:s3:::{args.state_bucket}"
    statements = [
        Statement(
            sid="EnterAsDeployerForSomebody",
            actions=["sts:AssumeRole", "sts:SetSourceIdentity"],
            resources=[PLATFORM_DEPLOYER],
            conditions={"StringEquals": in_organization, "Null": {"sts:SourceIdentity": "false"}},
        ),
        # Session tags of pods are transitive. Requests for them do not contain the source identity.
        Statement(
            sid="KeepTheTagsOfThePod",
            actions=["sts:TagSession"],
            resources=[PLATFORM_DEPLOYER],
            conditions={"StringEquals": in_organization},
        ),
        Statement(sid="ListStates", actions=["s3:ListBucket"], resources=[bucket]),
        Statement(sid="ReadInputs", actions=["s3:GetObject"], resources=[f"{bucket}/{_INPUTS}"]),
        Statement(
            sid="KeepStates",
            actions=["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            resources=[f"{bucket}/{_STATES}"],
        ),
    ]
    if args.state_keys:
        statements.append(
            Statement(
                sid="EncryptStates",
                actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                resources=list(args.state_keys),
            )
        )
    return statements
