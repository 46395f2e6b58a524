"""Roles exempt from guardrails, identified by ARN only.

Guardrails never apply to service-linked roles and to the management account. The exempt names cannot be claimed by
others: SCP-05 lets only the foundation create roles under its path, IAM reserves ``aws-reserved``, and the deployment
role exists before any other principal. The organization's trail records the actions of exempt roles under their ARNs.
"""

from __future__ import annotations

from components.identity.iam.role_names import PLATFORM_DEPLOYER, SIGNED_IN
from components.identity.iam.statements import Conditions
from components.identity.workloads.bounded_role import ROLE_PATH
from settings.types.aws.account_access import ACCESS_ROLE

DEPLOYMENT_ROLE = f"arn:aws:iam::*:role/{ACCESS_ROLE}"
"""Role with which the engine enters an account from the management account."""

_SIGNED_IN = f"arn:aws:iam::*:role/{SIGNED_IN}"
"""Prefix of the roles that IAM Identity Center creates."""
_WITHOUT_IDENTITY_CENTER = f"arn:aws:iam::*:role{ROLE_PATH}people-"
"""Prefix of the roles for people where IAM Identity Center is not used, named after account and persona."""

PEOPLE = (f"{_SIGNED_IN}*", f"{_WITHOUT_IDENTITY_CENTER}*")
"""All roles that people assume."""

BREAK_GLASS = (f"{_SIGNED_IN}BreakGlass_*", f"{_WITHOUT_IDENTITY_CENTER}*-break-glass")
"""Roles of the break-glass persona, used in emergencies when no other role can repair an account."""

APPROVERS = (f"{_SIGNED_IN}LeadScientist-tooling_*", f"{_WITHOUT_IDENTITY_CENTER}*-lead-data-scientist")
"""Roles of the persona that approves models (PER-04)."""

INTEGRATION = f"arn:aws:iam::*:role{ROLE_PATH}*--*-integration"
"""Roles of continuous integration of use cases, which keep the model package groups of feature branches (BR-05)."""

FOUNDATION = (DEPLOYMENT_ROLE, PLATFORM_DEPLOYER)


def not_by(*patterns: str) -> Conditions:
    """Returns a condition that holds for all principals except roles whose ARN matches one of the patterns."""
    return {"ArnNotLike": {"aws:PrincipalArn": list(patterns)}}


NOT_BY_FOUNDATION = not_by(*FOUNDATION)
NOT_BY_EXCEPTION = not_by(*FOUNDATION, *BREAK_GLASS)
"""Condition for actions that a person may need in an emergency. Actions that disable monitoring are not among them."""
