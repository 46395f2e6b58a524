"""Rules about conditions that every request meets, so that a statement protects nothing.

A Deny with `NotIpAddress: 0.0.0.0/0` looks like a protection and never applies. The settings limit their values,
and the pack judges the documents, wherever their values come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from policies.evaluation.policy_attachments import inline_policies, known_statements
from policies.evaluation.policy_documents import Condition, Statement
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, in_statement, violation
from policies.security.rules.identity.stack_identities import DOCUMENTS
from settings.types.addresses import MOST_PUBLIC_ADDRESSES, WIDEST_PUBLIC_PREFIX
from settings.types.regions import MOST_REGIONS

GUARDRAIL = "aws:organizations/policy:Policy"
_WIDEST_IPV6_PREFIX = 32
"""Prefix length of the smallest block that a registry allocates to a provider (RIPE-738, "IPv6 Address Allocation and
Assignment Policy", "Minimum allocation")."""
_EVERYTHING = re.compile(
    r"(?=.*\*)(?:arn:(?:aws|\*)?(?::(?:iam|sts|\*)?)?)?[*?:]*(?:(?:role|user|assumed-role)/[*?]+)?"
)
"""Pattern that matches each principal, account or resource."""


def statement_can_apply(resource: Resource) -> Violation | None:
    return first(in_statement(statement, _can_apply(statement)) for statement in _statements(resource))


def _statements(resource: Resource) -> Iterator[Statement]:
    key = "content" if resource.type == GUARDRAIL else DOCUMENTS[resource.type]
    documents = [(resource.properties, key), *inline_policies(resource.properties)]
    return (statement for properties, key in documents for statement in known_statements(properties, key))


def _can_apply(statement: Statement) -> Violation | None:
    if any(_is_wide(condition) for condition in statement.conditions):
        return violation(
            "compares with networks to which most addresses belong",
            fix=f"name ranges of /{WIDEST_PUBLIC_PREFIX} or smaller, together at most {MOST_PUBLIC_ADDRESSES:,} "
            "addresses (corporate_networks)",
        )
    if statement.allows:
        return None
    if _excepts_everything(statement) or any(map(_excepts_each_value, statement.conditions)):
        return violation("denies nothing, because it excepts everything", fix="name the exceptions without wildcards")
    named = "NotAction" not in statement.body and "*" not in statement.actions
    if not named and any(map(_excepts_most_regions, statement.conditions)):
        return violation(
            "excepts most regions", fix=f"except at most {MOST_REGIONS} regions (allowed_regions of the organization)"
        )
    return None


def _is_wide(condition: Condition) -> bool:
    if not _base(condition.operator).endswith("ipaddress"):
        return False
    named = [network for value in condition.values if (network := _network(value)) is not None]
    four = list(collapse_addresses(name for name in named if isinstance(name, IPv4Network) and not name.is_private))
    six = [name for name in named if isinstance(name, IPv6Network)]
    return (
        any(network.prefixlen < WIDEST_PUBLIC_PREFIX for network in four)
        or sum(network.num_addresses for network in four) > MOST_PUBLIC_ADDRESSES
        or any(name.prefixlen < _WIDEST_IPV6_PREFIX for name in six)
    )


def _network(value: str) -> IPv4Network | IPv6Network | None:
    """Returns a range or address; None for a policy variable."""
    try:
        return ip_network(value, strict=False)
    except ValueError:
        return None


def _excepts_everything(statement: Statement) -> bool:
    """Returns whether a statement denies everything but everything. ``Principal: *`` is not an exception."""
    excepted = {name: element for name, element in statement.body.items() if name.startswith("Not")}
    principals = excepted.get("NotPrincipal")
    elements = [*excepted.values(), *(principals.values() if isinstance(principals, Mapping) else [])]
    named = [value for element in elements for value in (element if isinstance(element, list) else [element])]
    return any(isinstance(value, str) and _EVERYTHING.fullmatch(value) for value in named)


def _excepts_each_value(condition: Condition) -> bool:
    negated = _base(condition.operator) in ("stringnotlike", "arnnotlike", "arnnotequals")
    return negated and any(map(_EVERYTHING.fullmatch, condition.values))


def _excepts_most_regions(condition: Condition) -> bool:
    compared = condition.key == "aws:requestedregion" and _base(condition.operator).startswith("stringnot")
    return compared and len(condition.values) > MOST_REGIONS


def _base(operator: str) -> str:
    return operator.rpartition(":")[2].removesuffix("ifexists")


RULES = (
    Rule(
        id="IA-18",
        title="Statements that deny leave something to deny",
        severity="critical",
        sources=("Data perimeter on AWS, expected networks", "IAM User Guide, condition operators"),
        remedy="Name the company's own networks, and the exceptions of a Deny without wildcards that match everything. "
        "A range has a prefix of /16 or longer, and the ranges of a condition have together at most 262,144 addresses. "
        "Except at most 8 regions.",
        checks=for_each((*DOCUMENTS, GUARDRAIL), statement_can_apply),
    ),
)
