"""Admission policy for load balancers: they are internal, have TLS, and are not created by workloads."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.admissionregistration.v1 import (
    MatchConditionArgs,
    MatchResourcesArgs,
    NamedRuleWithOperationsArgs,
    ValidationArgs,
)

from components.cluster.admission import enforce, outside_kubernetes
from components.cluster.balancing.internal_load_balancer import ANNOTATIONS

POLICY = "plinth-load-balancers"
"""Name of the admission policy and of its binding."""
_SCHEME, _CERTIFICATE = f"{ANNOTATIONS}scheme", f"{ANNOTATIONS}ssl-cert"
_BALANCED = "object.spec.type == 'LoadBalancer'"
_WORKLOADS = "system:serviceaccount:"
"""Beginning of the names of service accounts, as which pods act."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadBalancerAdmissionArgs:
    """Arguments of :class:`LoadBalancerAdmission`."""

    policy: str = POLICY
    """Name of the admission policy and of its binding."""


class LoadBalancerAdmission(pulumi.ComponentResource):
    """A policy of the Kubernetes API about Services with a load balancer, outside the namespaces of Kubernetes.

    The quota of a namespace limits their number only, and namespaces that people create have none. Neither depends on
    which load balancers the settings have: the API evaluates both in the dry run of a preview, before an update has
    changed them.

    Creates: the validating admission policy, which refuses Services if it cannot be evaluated; its binding, which
    denies.

    Outputs: ``policy_name``.

    Cost: none.

    Example::

        LoadBalancerAdmission("balancers", LoadBalancerAdmissionArgs(),
                              pulumi.ResourceOptions(provider=cluster_provider))
    """

    policy_name: pulumi.Output[str]
    """Name of the policy; known once it is enforced."""

    def __init__(self, name: str, args: LoadBalancerAdmissionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:LoadBalancerAdmission", name, None, opts)
        services = NamedRuleWithOperationsArgs(
            api_groups=[""], api_versions=["v1"], operations=["CREATE", "UPDATE"], resources=["services"]
        )
        binding = enforce(
            name,
            args.policy,
            constraints=MatchResourcesArgs(resource_rules=[services], namespace_selector=outside_kubernetes()),
            validations=[_inside(), _encrypted(), _of_people()],
            conditions=[MatchConditionArgs(name="balanced", expression=_BALANCED)],
            parent=self,
        )
        self.policy_name = binding.spec.policy_name
        self.register_outputs({"policy_name": self.policy_name})


def _inside() -> ValidationArgs:
    return ValidationArgs(
        expression=f"object.metadata.?annotations[?'{_SCHEME}'].orValue('') == 'internal'",
        message=f"load balancers must be internal ({_SCHEME})",
    )


def _encrypted() -> ValidationArgs:
    return ValidationArgs(
        expression=f"object.metadata.?annotations[?'{_CERTIFICATE}'].orValue('') != ''",
        message=f"load balancers must have a certificate ({_CERTIFICATE})",
    )


def _of_people() -> ValidationArgs:
    """Workloads may change a Service that has a load balancer already, as controllers do."""
    created = "request.operation == 'CREATE' || oldObject.spec.type != 'LoadBalancer'"
    return ValidationArgs(
        expression=f"!({created}) || !request.userInfo.username.startsWith('{_WORKLOADS}')",
        message="workloads create no load balancers; the settings of the organization do (load_balancer)",
    )
