"""Decides a request as AWS does.

After the IAM User Guide, "Policy evaluation logic", "Cross-account policy evaluation logic" and "Permissions boundaries
for IAM entities"; the Organizations User Guide on service and resource control policies; the KMS Developer Guide, "Key
policies". All statements that had a part in a decision are kept, not only the first that would have settled it: what
one statement alone keeps from happening is known by that.
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
"""Layers that give rights; the others only limit them."""

UNDER_RESOURCE_CONTROL = frozenset(
    {
        "aoss", "codeartifact", "codebuild", "codecommit", "codepipeline", "cognito-identity", "cognito-idp",
        "dynamodb", "ecr", "events", "kms", "logs", "s3", "secretsmanager", "sqs", "sts",
    }
)  # fmt: skip
"""Services whose resources such a policy protects (Organizations User Guide, "Resource control policies (RCPs)")."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One statement's part in a decision."""

    layer: Layer
    policy: str
    sid: str

    def __str__(self) -> str:
        return f"{self.layer} {self.policy}, {self.sid}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What AWS answers, and why."""

    denials: tuple[Reason, ...]
    """Statements that deny; one is enough."""
    lacking: tuple[str, ...]
    """Where an Allow is needed and none is found."""
    grants: tuple[Reason, ...]
    """Statements that allow; they count when nothing denies and nothing is lacking."""

    @property
    def allowed(self) -> bool:
        return not self.denials and not self.lacking

    def __str__(self) -> str:
        if self.denials:
            return f"denied by {self.denials[0]}"
        if self.lacking:
            return f"no Allow in {self.lacking[0]}"
        granting = [reason for reason in self.grants if reason.layer in GRANTING]
        return f"allowed by {granting[0]}"


@dataclass(frozen=True, slots=True)
class _Ring:
    """The policies of one layer that have a word in a request; each level must let it pass by itself."""

    layer: Layer
    levels: tuple[Level, ...]
    needs_allow: bool


def decide(request: Request) -> Decision:
    """What becomes of a request."""
    context = request.context()
    denials: list[Reason] = []
    grants: list[Reason] = []
    lacking: list[str] = []
    for ring in _rings(request, context):
        for level in ring.levels:
            allows = _reasons(ring.layer, level, "Allow", request, context)
            denials += _reasons(ring.layer, level, "Deny", request, context)
            grants += allows
            if ring.needs_allow and not allows:
                lacking.append(f"{ring.layer} {', '.join(policy.name for policy in level) or 'of which there is none'}")
    return Decision(tuple(denials), tuple(lacking), tuple(grants))


def _rings(request: Request, context: Context) -> Iterator[_Ring]:
    principal, resource = request.principal, request.resource
    caller, owner = principal.account, resource.account
    if caller is not None and not caller.is_management and not principal.is_service_linked:
        yield _Ring("service control policy", caller.service_control, needs_allow=True)
    if owner is not None and not owner.is_management and not principal.is_service_linked and _under_control(request):
        yield _Ring("resource control policy", owner.resource_control, needs_allow=True)
    if request.endpoint is not None and request.endpoint.policy is not None:
        yield _Ring("endpoint policy", ((request.endpoint.policy,),), needs_allow=True)

    match = granted_by(request, context)
    yield _Ring("resource policy", _one_level(resource.policy), needs_allow=_resource_must_allow(request, match))
    if principal.service is not None:
        return
    is_direct = match is Match.SESSION and _in_one_account(request)
    is_of_role = match is Match.ROLE and _in_one_account(request)
    yield _Ring("identity policy", (principal.identity,), needs_allow=not is_direct and not is_of_role)
    if principal.boundary is not None:
        yield _Ring("permissions boundary", (principal.boundary,), needs_allow=not is_direct)
    if principal.session_policies is not None:
        yield _Ring("session policy", (principal.session_policies,), needs_allow=not is_direct)


def _resource_must_allow(request: Request, match: Match | None) -> bool:
    """A resource's own policy has to agree to strangers and services; a key's and a role's, to everybody.

    Where it agrees, the ring finds the Allow; a resource without a policy agrees to nobody.
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
