"""Admission policy for pods: they use images of the foundation's registry, and name a service account of their own."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.admissionregistration.v1 import (
    MatchResourcesArgs,
    NamedRuleWithOperationsArgs,
    ValidationArgs,
    VariableArgs,
)

from components.cluster.admission import enforce, outside_kubernetes

POLICY = "plinth-pods"
"""Name of the admission policy and of its binding."""
_CONTAINERS = (
    "object.spec.containers + object.spec.?initContainers.orValue([]) + object.spec.?ephemeralContainers.orValue([])"
)
"""Every container of a pod, in the Common Expression Language."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PodAdmissionArgs:
    """Arguments of :class:`PodAdmission`."""

    registry_account_id: pulumi.Input[str]
    """Id of the account whose ECR registry has the images of pods."""

    region: str
    """Region of the registry."""


class PodAdmission(pulumi.ComponentResource):
    """A policy of the Kubernetes API about every pod outside the namespaces of Kubernetes, whoever creates it.

    The policy packs judge what Plinth deploys. This policy also judges pods that people, charts and controllers create.

    Creates: the validating admission policy, which refuses pods if it cannot be evaluated; its binding, which denies.

    Outputs: ``policy_name``.

    Cost: none.

    Example::

        PodAdmission("pods", PodAdmissionArgs(
            registry_account_id="111111111111", region="eu-west-1",
        ), pulumi.ResourceOptions(provider=cluster_provider))
    """

    policy_name: pulumi.Output[str]
    """Name of the policy; known once it is enforced."""

    def __init__(self, name: str, args: PodAdmissionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:PodAdmission", name, None, opts)
        pods = NamedRuleWithOperationsArgs(
            api_groups=[""],
            api_versions=["v1"],
            operations=["CREATE", "UPDATE"],
            resources=["pods", "pods/ephemeralcontainers"],
        )
        binding = enforce(
            name,
            POLICY,
            constraints=MatchResourcesArgs(resource_rules=[pods], namespace_selector=outside_kubernetes()),
            validations=[_images(args), _service_account()],
            variables=[VariableArgs(name="containers", expression=_CONTAINERS)],
            parent=self,
        )
        self.policy_name = binding.spec.policy_name
        self.register_outputs({"policy_name": self.policy_name})


def _images(args: PodAdmissionArgs) -> ValidationArgs:
    registry = pulumi.Output.concat(args.registry_account_id, ".dkr.ecr.", args.region, ".amazonaws.com/")
    expression = registry.apply(
        lambda prefix: (
            f"variables.containers.all(one, one.image.startsWith('{prefix}') && "
            "one.image.matches('@sha256:[0-9a-f]{64}$'))"
        )
    )
    message = pulumi.Output.concat("images must come from ", registry, " and be named by their digest (@sha256:…)")
    return ValidationArgs(expression=expression, message=message)


def _service_account() -> ValidationArgs:
    return ValidationArgs(
        expression="object.spec.?serviceAccountName.orValue('default') != 'default'",
        message="pods must name a service account of their own (spec.serviceAccountName)",
    )
