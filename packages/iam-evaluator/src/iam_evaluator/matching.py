"""Whether a statement matches a request: principal, action, resource and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from iam_evaluator.policy_document import Effect, Policy, Statement
from iam_evaluator.request import Principal, Request
from iam_evaluator.wildcards import Context, arn_matches


class Match(IntEnum):
    """How specifically a resource policy names the principal. In the same account, this decides which other layers must
    allow the request."""

    ACCOUNT = 1
    """The account. Identity policies must allow the request too."""
    ROLE = 2
    """The role. Its permissions boundary and session policies still limit the session."""
    SESSION = 3
    """The session itself, or ``*``. No implicit deny in another layer limits it. AWS does not document whether ``*``
    names the role or the session. This evaluator takes the wider reading, so that it never claims a denial that AWS
    might not make."""


def matching_statements(policy: Policy, effect: Effect, request: Request, context: Context) -> list[Statement]:
    """Returns the statements with an effect whose action, resource and conditions match the request."""
    return [
        statement
        for statement in policy.about(request.action, effect)
        if _covers_resource(statement, request.resource.arn, context)
        and all(condition.holds(context) for condition in statement.conditions)
    ]


def applies(statement: Statement, request: Request) -> bool:
    """Whether a statement applies to the principal. Identity policies name no principal and always apply."""
    if statement.not_principals is not None:
        return not _is_exempt(statement.not_principals, request.principal)
    return statement.principals is None or _specificity(statement.principals, request.principal) is not None


def granted_by(request: Request, context: Context) -> Match | None:
    """Returns how specifically the resource policy allows the principal, or None if it does not."""
    if request.resource.policy is None:
        return None
    found = [
        _specificity(statement.principals or {}, request.principal)
        for statement in matching_statements(request.resource.policy, "Allow", request, context)
        if statement.not_principals is None
    ]
    return max((match for match in found if match is not None), default=None)


def _covers_resource(statement: Statement, arn: str, context: Context) -> bool:
    """Whether a statement covers a resource. A trust policy names no resource and covers its own role."""
    if statement.not_resources is not None:
        return not any(_is_resource(pattern, arn, context) for pattern in statement.not_resources)
    return statement.resources is None or any(_is_resource(pattern, arn, context) for pattern in statement.resources)


def _is_resource(pattern: str, arn: str, context: Context) -> bool:
    """Whether a pattern matches a resource. Only ``*`` matches an action without a resource."""
    return pattern == "*" or (arn != "*" and arn_matches(pattern, arn, context))


def _is_exempt(named: Mapping[str, tuple[str, ...]], principal: Principal) -> bool:
    """Whether NotPrincipal exempts a principal. A session is exempt only if its account, role and session are all
    named, and a principal with a permissions boundary is never exempt (IAM User Guide, "NotPrincipal").
    """
    if principal.federated is not None:
        return principal.federated in named.get("Federated", ())
    if principal.service is not None or principal.account is None:
        return principal.service in named.get("Service", ())
    needed = {f"arn:aws:iam::{principal.account.id}:root", principal.role_arn, principal.session_arn}
    return principal.boundary is None and needed <= set(named.get("AWS", ()))


def _specificity(named: Mapping[str, tuple[str, ...]], principal: Principal) -> Match | None:
    if "*" in named:
        return Match.SESSION
    if principal.federated is not None:
        return Match.SESSION if principal.federated in named.get("Federated", ()) else None
    if principal.service is not None:
        return Match.SESSION if principal.service in named.get("Service", ()) else None
    found = [_specificity_of_name(name, principal) for name in named.get("AWS", ())]
    return max((match for match in found if match is not None), default=None)


def _specificity_of_name(name: str, principal: Principal) -> Match | None:
    """Returns how specifically a name under ``AWS`` names a principal. Only ``*`` is a wildcard there."""
    account = principal.account
    if name in ("*", principal.session_arn):
        return Match.SESSION
    if name == principal.role_arn:
        return Match.ROLE
    if account is not None and name in (account.id, f"arn:aws:iam::{account.id}:root"):
        return Match.ACCOUNT
    return None
