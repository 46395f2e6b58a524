"""Decides a request as AWS does.

Sources: IAM User Guide, "Policy evaluation logic", "Cross-account policy evaluation logic" and "Permissions boundaries
for IAM entities"; the Organizations User Guide on service and resource control policies; KMS Developer Guide, "Key
policies". A decision lists every statement that contributed to it, not only the first decisive one. This shows which
requests only a single statement denies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from iam_evaluator.matching import Match, applies, granted_by, matching_statements
from iam_evaluator.policy_document import Effect, Policy
from iam_evaluator.request import Level, Request
from iam_evaluator.wildcards import Context

Layer = Literal[
    "service control policy", "resource control policy", "endpoint policy", "identity policy", "permissions boundary",
    "session policy", "resource policy",
]  # fmt: skip

GRANTING: tuple[Layer, ...] = ("identity policy", "resource policy")
"""Layers that grant permissions. All other layers only limit them."""

UNDER_RESOURCE_CONTROL = frozenset(
    {
        "aoss", "codeartifact", "codebuild", "codecommit", "codepipeline", "cognito-identity", "cognito-idp",
        "dynamodb", "ecr", "events", "kms", "logs", "s3", "secretsmanager", "sqs", "sts",
    }
)  # fmt: skip
"""Services that support resource control policies (Organizations User Guide, "Resource control policies (RCPs)")."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement that contributed to a decision."""

    layer: Layer
    policy: str
    sid: str

    def __str__(self) -> str:
        return f"{self.layer} {self.policy}, {self.sid}"


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision on a request, and the reasons."""

    denials: tuple[Reason, ...]
    """Statements that deny the request. One is enough."""
    missing_allows: tuple[str, ...]
    """Policies of which one would have to allow the request, and none does."""
    grants: tuple[Reason, ...]
    """Statements that allow the request. They count if nothing denies it and no Allow is missing."""

    @property
    def allowed(self) -> bool:
        return not self.denials and not self.missing_allows

    def __str__(self) -> str:
        if self.denials:
            return f"denied by {self.denials[0]}"
        if self.missing_allows:
            return f"no Allow in {self.missing_allows[0]}"
        granting = [reason for reason in self.grants if reason.layer in GRANTING]
        return f"allowed by {granting[0]}"


@dataclass(frozen=True, slots=True)
class _LayerPolicies:
    """The policies of one layer that apply to a request. Each level must allow it separately."""

    layer: Layer
    levels: tuple[Level, ...]
    needs_allow: bool


def decide(request: Request) -> Decision:
    """Returns the decision on a request."""
    context = request.context()
    denials: list[Reason] = []
    grants: list[Reason] = []
    missing_allows: list[str] = []
    for found in _layers(request, context):
        for level in found.levels:
            allows = _reasons(found.layer, level, "Allow", request, context)
            denials += _reasons(found.layer, level, "Deny", request, context)
            grants += allows
            if found.needs_allow and not allows:
                missing_allows.append(f"{found.layer} {', '.join(policy.name for policy in level) or '(none exists)'}")
    return Decision(tuple(denials), tuple(missing_allows), tuple(grants))


def _layers(request: Request, context: Context) -> Iterator[_LayerPolicies]:
    principal, resource = request.principal, request.resource
    caller, owner = principal.account, resource.account
    if caller is not None and not caller.is_management and not principal.is_service_linked:
        yield _LayerPolicies("service control policy", caller.service_control, needs_allow=True)
    if owner is not None and not owner.is_management and not principal.is_service_linked and _under_control(request):
        yield _LayerPolicies("resource control policy", owner.resource_control, needs_allow=True)
    if request.endpoint is not None and request.endpoint.policy is not None:
        yield _LayerPolicies("endpoint policy", ((request.endpoint.policy,),), needs_allow=True)

    match = granted_by(request, context)
    yield _LayerPolicies(
        "resource policy", _one_level(resource.policy), needs_allow=_resource_must_allow(request, match)
    )
    if principal.service is not None or principal.federated is not None:
        return
    is_direct = match is Match.SESSION and _in_one_account(request)
    is_of_role = match is Match.ROLE and _in_one_account(request)
    yield _LayerPolicies("identity policy", (principal.identity,), needs_allow=not is_direct and not is_of_role)
    if principal.boundary is not None:
        yield _LayerPolicies("permissions boundary", (principal.boundary,), needs_allow=not is_direct)
    if principal.session_policies is not None:
        yield _LayerPolicies("session policy", (principal.session_policies,), needs_allow=not is_direct)


def _resource_must_allow(request: Request, match: Match | None) -> bool:
    """Whether the resource policy must allow the request: for services, other accounts, keys and roles.

    If the policy grants access to the principal, the requirement is met. A resource without a policy grants none.
    """
    if match is not None:
        return False
    return request.resource.needs_policy or request.principal.service is not None or not _in_one_account(request)


def _in_one_account(request: Request) -> bool:
    caller, owner = request.principal.account, request.resource.account
    return caller is not None and (owner is None or caller.id == owner.id)


def _under_control(request: Request) -> bool:
    return request.action.partition(":")[0] in UNDER_RESOURCE_CONTROL


def _one_level(policy: Policy | None) -> tuple[Level, ...]:
    return ((policy,),) if policy is not None else ((),)


def _reasons(
    layer: Layer, policies: Iterable[Policy], effect: Effect, request: Request, context: Context
) -> list[Reason]:
    return [
        Reason(layer, policy.name, statement.sid)
        for policy in policies
        for statement in matching_statements(policy, effect, request, context)
        if applies(statement, request)
    ]
