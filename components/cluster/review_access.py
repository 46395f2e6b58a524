"""Permissions of reviews of pull requests in a cluster: to read, and to try changes without making them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.admissionregistration.v1 import MatchResourcesArgs, NamedRuleWithOperationsArgs, ValidationArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import RoleRefArgs, SubjectArgs

from components.cluster.admission import RBAC, enforce, of_group, rule

_READ = ("get", "list", "watch")
_TRY = ("create", "patch")
"""Verbs that a preview sends as dry runs."""
_REVIEWED: Mapping[str, tuple[str, ...]] = {
    "": ("configmaps", "limitranges", "namespaces", "resourcequotas", "serviceaccounts", "services"),
    "apps": ("deployments",),
    "batch": ("cronjobs", "jobs"),
    "networking.k8s.io": ("networkpolicies",),
    "storage.k8s.io": ("storageclasses",),
    RBAC: ("clusterrolebindings", "clusterroles", "rolebindings", "roles"),
}
"""Resources of the stacks in the cluster, by API group."""
_READ_ONLY: Mapping[str, tuple[str, ...]] = {
    "": ("pods", "nodes", "events"),
    # The Kubernetes API evaluates no admission policy about these, so no policy could limit changes to dry runs.
    "admissionregistration.k8s.io": ("validatingadmissionpolicies", "validatingadmissionpolicybindings"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewAccessArgs:
    """Arguments of :class:`ReviewAccess`."""

    group: str
    """Kubernetes group whose member is the role for reviews. The objects have its name."""


class ReviewAccess(pulumi.ComponentResource):
    """The permissions of the group whose member is the reviewer role.

    A preview sends new and changed objects to the Kubernetes API as dry runs, for which the API requires the same
    permissions as for changes. An admission policy refuses everything of the group that is not a dry run, and the group
    gets its permissions after the policy is enforced. Secrets are not readable.

    Creates: the validating admission policy and its binding; the cluster role; its binding to the group.

    Outputs: ``group``.

    Cost: none.

    Example::

        ReviewAccess("reviews", ReviewAccessArgs(
            group="plinth-reviewers",
        ), pulumi.ResourceOptions(provider=cluster_provider))
    """

    group: pulumi.Output[str]
    """Name of the Kubernetes group; known once it has its permissions."""

    def __init__(self, name: str, args: ReviewAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:ReviewAccess", name, None, opts)
        limit = self._limit(name, args.group)
        role = kubernetes.rbac.v1.ClusterRole(
            f"{name}-role",
            metadata=ObjectMetaArgs(name=args.group),
            rules=[
                *(rule(group, resources, (*_READ, *_TRY)) for group, resources in _REVIEWED.items()),
                *(rule(group, resources, _READ) for group, resources in _READ_ONLY.items()),
                # Kubernetes refuses also a dry run of a role that grants more than the group has ("Privilege escalation
                # prevention and bootstrapping"), and the role of workers grants these.
                rule("coordination.k8s.io", ("leases",), ("create", "get", "update")),
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        binding = kubernetes.rbac.v1.ClusterRoleBinding(
            f"{name}-role-binding",
            metadata=ObjectMetaArgs(name=args.group),
            role_ref=RoleRefArgs(api_group=RBAC, kind="ClusterRole", name=args.group),
            subjects=[SubjectArgs(kind="Group", name=args.group, api_group=RBAC)],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[limit, role]),
        )
        self.group = binding.metadata.name.apply(lambda _: args.group)
        self.register_outputs({"group": self.group})

    def _limit(self, name: str, group: str) -> pulumi.CustomResource:
        everything = NamedRuleWithOperationsArgs(
            api_groups=["*"],
            api_versions=["*"],
            operations=["CREATE", "UPDATE", "DELETE", "CONNECT"],
            resources=["*/*"],
            scope="*",
        )
        dry_run = ValidationArgs(expression="request.?dryRun.orValue(false)", message="reviews may send dry runs only")
        return enforce(
            f"{name}-limit",
            group,
            conditions=[of_group(group, "reviewers")],
            constraints=MatchResourcesArgs(resource_rules=[everything]),
            validations=[dry_run],
            parent=self,
        )
