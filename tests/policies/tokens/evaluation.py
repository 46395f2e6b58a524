"""Token cases of the readers that many rules use: condition keys, operators and kinds of stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Situation, document, stack_context
from tests.policies.cases.identity.document_validity import comparing
from tests.policies.cases.network import endpoints as at_endpoints
from tests.policies.tokens.token_case import IDENTITY, TokenCase, accepted, named, refused, trusting

_QUEUE_POLICY, _ENDPOINT = "aws:sqs/queuePolicy:QueuePolicy", "aws:ec2/vpcEndpoint:VpcEndpoint"
CALLERS = (
    "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceAccount",
    "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceVpc", "aws:SourceVpce", "aws:VpceAccount", "aws:VpceOrgID",
    "aws:VpceOrgPaths", "kms:CallerAccount",
)  # fmt: skip
"""Condition keys that say who calls or through which network (IAM User Guide, "AWS global condition context keys")."""
OPERATORS = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")
"""Operators that match only requests with the key (IAM User Guide, "IAM JSON policy elements: Condition operators")."""
COMPARISONS = (
    *OPERATORS, "ArnNotEquals", "ArnNotLike", "BinaryEquals", "Bool", "DateEquals", "DateGreaterThan",
    "DateGreaterThanEquals", "DateLessThan", "DateLessThanEquals", "DateNotEquals", "IpAddress", "NotIpAddress",
    "NumericEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "NumericLessThan", "NumericLessThanEquals",
    "NumericNotEquals", "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike",
)  # fmt: skip
"""All operators but Null (same page)."""
SOURCES = ("aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths", "kms:CallerAccount")
"""Keys by which a service names the account for which it calls (IAM User Guide, "The confused deputy problem")."""
ACCOUNTS_OF_SOURCES = ("aws:SourceAccount", "aws:SourceArn", "kms:CallerAccount")
ACCOUNTS_OF_CALLERS = ("aws:PrincipalAccount", "aws:PrincipalArn", "aws:SourceAccount", "kms:CallerAccount")
ORGANIZATIONS = tuple(
    f"aws:{prefix}Org{form}" for prefix in ("Principal", "Resource", "Source", "Vpce") for form in ("ID", "Paths")
)
WITH_THE_ONLY_COPY = ("audit", "audit-replica", "data-catalog", "data-lake", "dataset", "lake-replica", "organization")
"""Kinds of stack that may contain the only copy of data."""


def cases() -> Iterator[TokenCase]:
    yield from accepted(
        "ST-06", _QUEUE_POLICY, CALLERS, lambda key: trusting("*", "sqs:SendMessage", StringEquals=named(key))
    )
    yield from accepted(
        "ST-06",
        _QUEUE_POLICY,
        OPERATORS,
        lambda operator: trusting("*", "sqs:SendMessage", **{operator: named("aws:PrincipalOrgID")}),
    )
    yield from accepted(
        "NW-06",
        _ENDPOINT,
        ("Bool", "StringEquals"),
        lambda operator: document(at_endpoints.allow(**{operator: {"aws:PrincipalIsAWSService": "true"}})),
    )
    yield from accepted("IA-17", IDENTITY, COMPARISONS, lambda operator: document(comparing(operator)))
    yield from accepted("ST-06", _QUEUE_POLICY, SOURCES, lambda key: _by_service(named(key)))
    yield from refused("ST-06", _QUEUE_POLICY, ACCOUNTS_OF_SOURCES, lambda key: _by_service(_foreign(key)))
    yield from refused(
        "ST-06",
        _QUEUE_POLICY,
        ACCOUNTS_OF_CALLERS,
        lambda key: trusting("*", "sqs:SendMessage", StringLike=_foreign(key)),
    )
    yield from refused(
        "ST-06",
        _QUEUE_POLICY,
        ORGANIZATIONS,
        lambda key: trusting({"AWS": OWN_ACCOUNT}, "sqs:SendMessage", StringEquals=named(key)),
        organization_id="o-ours567890",
    )
    for kind in WITH_THE_ONLY_COPY:
        situation = Situation(inputs={}, context=stack_context(kind=kind))
        yield TokenCase("OR-07", kind, True, ("aws:dynamodb/table:Table", situation))


def _by_service(condition: Mapping[str, str]) -> str:
    return trusting({"Service": "events.amazonaws.com"}, "sqs:SendMessage", StringLike=condition)


def _foreign(key: str) -> dict[str, str]:
    """Returns a condition that names another account by a key."""
    return {key: named(key)[key].replace(OWN_ACCOUNT, OTHER_ACCOUNT)}
