"""Who is excepted from guardrails, by ARN and by nothing else, in one place.

Service-linked roles and the management account are beyond the reach of every guardrail anyway. Nobody can take one of
these names: SCP-05 lets only the foundation make roles under its path, IAM itself reserves ``aws-reserved``, and the
deployment role is there before anybody is. What an exception does is in the organization's trail, under its ARN.
"""

from __future__ import annotations

from components.identity.iam.role_names import ACCESS_ROLE, PLATFORM_DEPLOYER
from components.identity.iam.statements import Conditions
from components.identity.workloads.bounded_role import ROLE_PATH

DEPLOYMENT_ROLE = f"arn:aws:iam::*:role/{ACCESS_ROLE}"
"""By which the engine enters an account from the management account."""

_SIGNED_IN = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_"
"""Roles of IAM Identity Center; its region is part of their path, but for us-east-1."""
_WITHOUT_IDENTITY_CENTER = f"arn:aws:iam::*:role{ROLE_PATH}people-"
"""Roles of people where they sign in otherwise, named after account and persona."""

PEOPLE = (f"{_SIGNED_IN}*", f"{_WITHOUT_IDENTITY_CENTER}*")
"""Every role that people have."""

BREAK_GLASS = (f"{_SIGNED_IN}BreakGlass_*", f"{_WITHOUT_IDENTITY_CENTER}*-break-glass")
"""The persona of emergencies, for the hour in which nothing else mends an account."""

APPROVERS = (f"{_SIGNED_IN}LeadScientist-tooling_*", f"{_WITHOUT_IDENTITY_CENTER}*-lead-data-scientist")
"""Those who approve models (PER-04)."""

FOUNDATION = (DEPLOYMENT_ROLE, PLATFORM_DEPLOYER)


def not_by(*patterns: str) -> Conditions:
    """True of everybody but roles whose ARN is like one of the patterns."""
    return {"ArnNotLike": {"aws:PrincipalArn": list(patterns)}}


NOT_BY_FOUNDATION = not_by(*FOUNDATION)
NOT_BY_EXCEPTION = not_by(*FOUNDATION, *BREAK_GLASS)
"""For what a person may have to mend by hand. What blinds the watch is not among it."""
