"""Policies of the organization that go to the same targets: what nobody under them may do, or how they are set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.organization.policy_limits import COMPACT, LIMITS, PolicyType, size


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailArgs:
    """Arguments of :class:`Guardrail`."""

    policy_name: str
    """Name in the organization, up to 128 characters (an Organizations limit); a second policy has ``-2`` behind it."""

    description: str
    """What it keeps from happening, for who meets it in an error message."""

    documents: Sequence[Mapping[str, object]]
    """A policy each, from :func:`components.organization.policy_limits.pack` where they are made of statements."""

    targets: Mapping[str, pulumi.Input[str]]
    """Root, units or accounts that the policies are attached to: a stable suffix -> id."""

    type: PolicyType = "SERVICE_CONTROL_POLICY"
    """A service control policy limits the organization's principals, a resource control policy its resources."""

    def __post_init__(self) -> None:
        limit = LIMITS[self.type].characters
        for content in self.documents:
            if (characters := size(content)) > limit:
                raise ValueError(f"{self.policy_name}: a policy has {characters:,} characters, AWS takes {limit:,}")


class Guardrail(pulumi.ComponentResource):
    """Policies of one type with one purpose, each attached to every target.

    Creates: a policy per document; an attachment per policy and target.

    Args: see :class:`GuardrailArgs`.

    Outputs: ``policy_ids``.

    Raises: ValueError when a text is longer than AWS takes.

    Cost: none.

    Example::

        Guardrail("guardrail-no-way-out", GuardrailArgs(
            policy_name="plinth-no-way-out", description="No way out of the network",
            documents=[document(no_way_out())], targets={"production": enterprise.unit_ids["Workloads/Production"]},
        ))
    """

    policy_ids: Sequence[pulumi.Output[str]]
    """``p-…``, in the order of the documents, for attachments that other stacks make."""

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
    """The first keeps the name, so that a second policy leaves it alone."""
    return name if place == 1 else f"{name}-{place}"
