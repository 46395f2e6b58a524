"""Organization policies that are attached to the same targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.organization.policy_limits import COMPACT, PolicyType, max_characters, size


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailArgs:
    """Arguments of :class:`Guardrail`."""

    policy_name: str
    """Name of the policy in the organization, up to 128 characters (an Organizations limit). Further policies append
    ``-2``, ``-3`` …"""

    description: str
    """Description of the actions that the policy prevents, written for people who see it in an error message."""

    documents: Sequence[Mapping[str, object]]
    """Content of each policy. For policies made of statements, :func:`components.organization.policy_limits.pack`
    returns it."""

    targets: Mapping[str, pulumi.Input[str]]
    """Ids of the roots, units or accounts to which the policies are attached, by a stable name suffix."""

    type: PolicyType = "SERVICE_CONTROL_POLICY"
    """Type of the policies. A service control policy limits principals of the organization; a resource control policy
    limits its resources."""

    def __post_init__(self) -> None:
        limit = max_characters(self.type)
        for content in self.documents:
            if (characters := size(content)) > limit:
                raise ValueError(f"{self.policy_name}: a policy has {characters:,} characters, AWS takes {limit:,}")


class Guardrail(pulumi.ComponentResource):
    """Policies of one type and one purpose, each attached to every target.

    Creates: one policy per document; one attachment per policy and target.

    Outputs: ``policy_ids``.

    Raises: ValueError when a policy is longer than AWS accepts.

    Cost: none.

    Example::

        Guardrail("guardrail-no-way-out", GuardrailArgs(
            policy_name="plinth-no-way-out", description="No way out of the network",
            documents=[document(deny_gateways())], targets={"production": enterprise.unit_ids["Workloads/Production"]},
        ))
    """

    policy_ids: Sequence[pulumi.Output[str]]
    """Policy ids (``p-…``), in the order of the documents, for attachments created by other stacks."""

    def __init__(self, name: str, args: GuardrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:organization:Guardrail", name, None, opts)
        self.policy_ids = [
            self._policy(_numbered(name, place), _numbered(args.policy_name, place), content, args)
            for place, content in enumerate(args.documents, start=1)
        ]
        self.register_outputs({"policy_ids": self.policy_ids})

    def _policy(
        self, name: str, policy_name: str, content: Mapping[str, object], args: GuardrailArgs
    ) -> pulumi.Output[str]:
        policy = aws.organizations.Policy(
            name,
            name=policy_name,
            description=args.description,
            type=args.type,
            content=pulumi.Output.json_dumps(content, separators=COMPACT),
            opts=pulumi.ResourceOptions(parent=self),
        )
        for suffix, target_id in args.targets.items():
            aws.organizations.PolicyAttachment(
                f"{name}-{suffix}",
                policy_id=policy.id,
                target_id=target_id,
                opts=pulumi.ResourceOptions(parent=self),
            )
        return policy.id


def _numbered(name: str, place: int) -> str:
    """Returns the name with a number appended, except for the first policy: adding a second one does not rename it."""
    return name if place == 1 else f"{name}-{place}"
