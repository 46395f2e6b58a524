"""Whether a statement speaks of a request: its principal, action, resource and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from iam_evaluator.policy_document import Effect, Policy, Statement
from iam_evaluator.request import Principal, Request
from iam_evaluator.wildcards import Context, arn_matches


class Match(IntEnum):
    """How closely a resource's policy names who asks, which decides what else has to agree in the same account."""

    ACCOUNT = 1
    """The account: it may hand the right on, so its identity policies have to."""
    ROLE = 2
    """The role: its boundary and session policies still limit the session."""
    SESSION = 3
    """The session itself, or everybody: nothing that merely lacks an Allow limits it. AWS does not say which of the two
    ``*`` is; of two readings the wider is taken, so that no denial is claimed on a doubtful point."""


def matching_statements(policy: Policy, effect: Effect, request: Request, context: Context) -> list[Statement]:
    """The statements of an effect whose action, resource and conditions are those of the request."""
    return [
        statement
        for statement in policy.about(request.action, effect)
        if _covers_resource(statement, request.resource.arn, context)
        and all(condition.holds(context) for condition in statement.conditions)
    ]


def applies(statement: Statement, request: Request) -> bool:
    """Whether the principal is among those that a statement names; an identity's own policy names none."""
    if statement.not_principals is not None:
        return not _is_spared(statement.not_principals, request.principal)
    return statement.principals is None or _closeness(statement.principals, request.principal) is not None


def granted_by(request: Request, context: Context) -> Match | None:
    """How closely the resource's policy names the principal in what it allows it; None where it allows it nothing."""
    if request.resource.policy is None:
        return None
    found = [
        _closeness(statement.principals or {}, request.principal)
        for statement in matching_statements(request.resource.policy, "Allow", request, context)
        if statement.not_principals is None
    ]
    return max((match for match in found if match is not None), default=None)


def _covers_resource(statement: Statement, arn: str, context: Context) -> bool:
    """A trust policy names no resource: it is about the role that carries it."""
    if statement.not_resources is not None:
        return not any(_is_resource(pattern, arn, context) for pattern in statement.not_resources)
    return statement.resources is None or any(_is_resource(pattern, arn, context) for pattern in statement.resources)


def _is_resource(pattern: str, arn: str, context: Context) -> bool:
    """An action without a resource of its own is covered by the asterisk alone."""
    return pattern == "*" or (arn != "*" and arn_matches(pattern, arn, context))


def _is_spared(named: Mapping[str, tuple[str, ...]], principal: Principal) -> bool:
    """Of a session, the account, the role and the session have all to be named, and whoever has a boundary is never
    spared (IAM User Guide, "NotPrincipal").
    """
    if principal.service is not None or principal.account is None:
        return principal.service in named.get("Service", ())
    needed = {f"arn:aws:iam::{principal.account.id}:root", principal.role_arn, principal.session_arn}
    return principal.boundary is None and needed <= set(named.get("AWS", ()))


def _closeness(named: Mapping[str, tuple[str, ...]], principal: Principal) -> Match | None:
    if "*" in named:
        return Match.SESSION
    if principal.service is not None:
        return Match.SESSION if principal.service in named.get("Service", ()) else None
    found = [_closeness_to(name, principal) for name in named.get("AWS", ())]
    return max((match for match in found if match is not None), default=None)


def _closeness_to(name: str, principal: Principal) -> Match | None:
    """Of a name among ``AWS`` principals, which takes no wildcard but the asterisk alone."""
    account = principal.account
    if name in ("*", principal.session_arn):
        return Match.SESSION
    if name == principal.role_arn:
        return Match.ROLE
    if account is not None and name in (account.id, f"arn:aws:iam::{account.id}:root"):
        return Match.ACCOUNT
    return None
