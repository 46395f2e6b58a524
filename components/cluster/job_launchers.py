"""The role that starts Jobs for stack operations, and may do nothing else in the cluster."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.admissionregistration.v1 import ValidationArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import RoleRefArgs, SubjectArgs

from components.cluster.admission import RBAC, enforce, of_group, operations, requests_in, rule
from components.identity.iam.principals import existing_roles_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.aws.account_access import LAUNCHER

_NAME = "launcher"


@dataclass(frozen=True, kw_only=True, slots=True)
class JobLaunchersArgs:
    """Arguments of :class:`JobLaunchers`."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster."""

    cluster_arn: pulumi.Input[str]
    """ARN of the cluster, which the role may describe."""

    organization_id: pulumi.Input[str]
    """Id of the organization. Roles of other organizations cannot assume the role."""

    role_arns: Sequence[str]
    """ARNs of the existing roles that assume the role, at least one."""

    group: str
    """Kubernetes group whose member is the role. The admission policy has its name."""

    namespace: pulumi.Input[str]
    """Namespace of the Jobs."""

    image: pulumi.Input[str]
    """Image of the Jobs, with its digest."""

    command: Sequence[str]
    """Command of the Jobs."""

    variables: Sequence[str]
    """Names of the environment variables of the Jobs."""

    service_account: str
    """Service account of the Jobs."""

    def __post_init__(self) -> None:
        if not self.role_arns:
            raise ValueError("role_arns: nobody could start Jobs; name at least one role")


class JobLaunchers(pulumi.ComponentResource):
    """A role that starts, follows, stops and removes Jobs of one image in one namespace.

    Kubernetes authorizes by resource and verb, so an admission policy refuses Jobs of the group that run another
    program than the command of the image. It also refuses the deletion of a pod without a grace period, because the
    Kubernetes API would then forget a pod that may still hold a lease. ``opts`` need a provider of the account and one
    of the cluster.

    Creates: the permissions boundary and the role of IAM; its access entry; the validating admission policy and its
    binding; the role in the namespace; its binding to the group.

    Outputs: ``role_arn``.

    Raises: ValueError without a role that could start Jobs.

    Cost: none.

    Example::

        JobLaunchers("launchers", JobLaunchersArgs(
            cluster_name=cluster.cluster_name, cluster_arn=cluster.arn, organization_id="o-acme",
            role_arns=["arn:aws:iam::123456789012:role/platform"], group="plinth-launchers", namespace="plinth-stacks",
            image=image, command=["python", "-m", "program"], variables=["HOME"], service_account="worker",
        ), pulumi.ResourceOptions(providers=[account_provider, cluster_provider]))
    """

    role_arn: pulumi.Output[str]
    """ARN of the role; known once it may start Jobs."""

    def __init__(self, name: str, args: JobLaunchersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:JobLaunchers", name, None, opts)
        self._name, self._args = name, args
        role = self._role()
        entry = aws.eks.AccessEntry(
            f"{name}-access",
            cluster_name=args.cluster_name,
            principal_arn=role.arn,
            type="STANDARD",
            kubernetes_groups=[args.group],
            opts=pulumi.ResourceOptions(parent=self),
        )
        granted = self._permissions(self._limit())
        self.role_arn = pulumi.Output.all(role.arn, entry.id, granted).apply(lambda known: str(known[0]))
        self.register_outputs({"role_arn": self.role_arn})

    def _role(self) -> BoundedRole:
        permissions = [
            Statement(sid="FindTheCluster", actions=["eks:DescribeCluster"], resources=[self._args.cluster_arn])
        ]
        boundary = RoleCeiling(
            f"{self._name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{LAUNCHER}-boundary",
                description="Ceiling of commands that start stack operations in the cluster",
                statements=permissions,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return BoundedRole(
            f"{self._name}-iam-role",
            BoundedRoleArgs(
                role_name=LAUNCHER,
                description="Commands that start stack operations in the cluster",
                trust=existing_roles_trust(role_arns=self._args.role_arns, organization_id=self._args.organization_id),
                permissions=permissions,
                boundary_arn=boundary.arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _permissions(self, limit: pulumi.Resource) -> pulumi.Output[str]:
        """Lets the group use Jobs, once the policy about them is enforced."""
        metadata = ObjectMetaArgs(name=_NAME, namespace=self._args.namespace)
        role = kubernetes.rbac.v1.Role(
            f"{self._name}-role",
            metadata=metadata,
            rules=[
                rule("batch", ["jobs"], ["create", "delete", "get", "patch"]),
                # A pod is deleted when somebody stops a command twice.
                rule("", ["pods"], ["delete", "list"]),
                rule("", ["pods/log"], ["get"]),
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        binding = kubernetes.rbac.v1.RoleBinding(
            f"{self._name}-role-binding",
            metadata=metadata,
            role_ref=RoleRefArgs(api_group=RBAC, kind="Role", name=_NAME),
            subjects=[SubjectArgs(kind="Group", name=self._args.group, api_group=RBAC)],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[limit, role]),
        )
        return binding.id

    def _limit(self) -> pulumi.Resource:
        args = self._args
        program = ValidationArgs(
            expression=pulumi.Output.from_input(args.image).apply(lambda image: _only_the_program(image, args)),
            message="launchers start Jobs of the runner's image with its command and variables only",
        )
        grace = ValidationArgs(
            expression="request.operation != 'DELETE' || request.?options.?gracePeriodSeconds.orValue(1) > 0",
            message="pods end with a grace period of at least one second",
        )
        return enforce(
            f"{self._name}-limit",
            args.group,
            conditions=[of_group(args.group, "launchers")],
            constraints=requests_in(
                args.namespace, operations("batch", "jobs", "CREATE"), operations("", "pods", "DELETE")
            ),
            validations=[program, grace],
            parent=self,
        )


def _only_the_program(image: str, args: JobLaunchersArgs) -> str:
    """Returns the expression (CEL) that is true for a Job with one container that runs the command of the image."""
    pod = "object.spec.template.spec"
    conditions = (
        f"{pod}.serviceAccountName == {json.dumps(args.service_account)}",
        f"size({pod}.?initContainers.orValue([])) == 0",
        f"size({pod}.containers) == 1",
        f"{pod}.containers.all(one, one.image == {json.dumps(image)} && "
        f"one.?command.orValue([]) == {json.dumps(list(args.command))} && size(one.?args.orValue([])) == 0 && "
        f"size(one.?envFrom.orValue([])) == 0 && "
        f"one.?env.orValue([]).all(each, each.name in {json.dumps(sorted(args.variables))}))",
    )
    return f"request.operation == 'DELETE' || ({' && '.join(conditions)})"
