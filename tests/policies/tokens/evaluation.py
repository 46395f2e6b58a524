"""Token cases of the readers that many rules use: condition keys, operators and kinds of stack."""

from __future__ import annotations

from collections.abc import Iterator

from tests.policies.case import Situation, document, stack_context
from tests.policies.cases.network import endpoints as at_endpoints
from tests.policies.tokens.token_case import TokenCase, accepted, named, trusting

_QUEUE_POLICY, _ENDPOINT = "aws:sqs/queuePolicy:QueuePolicy", "aws:ec2/vpcEndpoint:VpcEndpoint"
CALLERS = (
    "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceAccount",
    "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceVpc", "aws:SourceVpce", "aws:VpceAccount", "aws:VpceOrgID",
    "aws:VpceOrgPaths", "kms:CallerAccount",
)  # fmt: skip
"""Condition keys that say who calls or through which network (IAM User Guide, "AWS global condition context keys")."""
OPERATORS = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")
"""Operators that match only requests with the key (IAM User Guide, "IAM JSON policy elements: Condition operators")."""
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
    for kind in WITH_THE_ONLY_COPY:
        situation = Situation(inputs={}, context=stack_context(kind=kind))
        yield TokenCase("OR-07", kind, True, ("aws:dynamodb/table:Table", situation))
