"""The case of one token of a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.evaluation.rule import Rule
from tests.policies.case import OWN_ACCOUNT, Situation, StackCase, document, stack_context
from tests.policies.checking import findings, members_of, rehearsal_of, stack_findings

IDENTITY, BUCKET_POLICY, KEY_POLICY = "aws:iam/policy:Policy", "aws:s3/bucketPolicy:BucketPolicy", "aws:kms/key:Key"
NAMES = {
    "account": OWN_ACCOUNT,
    "principalarn": f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/*",
    "vpc": "vpc-0a1b2c3d",
    "vpce": "vpce-0a1b2c3d",
    "arn": f"arn:aws:s3:eu-west-1:{OWN_ACCOUNT}:accesspoint/scores",
    "orgid": "o-acme123456",
    "orgpaths": "o-acme123456/r-acme/ou-acme-1/*",
    "aliases": "alias/plinth",
    "alias": "alias/plinth",
    "viaservice": "s3.eu-west-1.amazonaws.com",
    "serviceowner": "amazon",
    "servicename": "com.amazonaws.eu-west-1.kms",
}
"""Values that name something, by the last part of a condition key."""


@dataclass(frozen=True)
class TokenCase:
    """A resource or a stack that a rule refuses, or accepts, because of one token."""

    rule: str
    token: str
    refused: bool
    subject: tuple[str, Situation] | StackCase

    def is_as_expected(self, rule: Rule) -> bool:
        if isinstance(self.subject, StackCase):
            found: list[Any] = stack_findings(members_of(self.subject), [rule], rehearsal_of(self.subject))
        else:
            found = findings(*self.subject, [rule])
        return bool(found) is self.refused


def refused(rule: str, type_: str, tokens: Iterable[str], value: Callable[[str], Any], **context: Any) -> Iterator[Any]:
    """Yields a case for each token: a resource with the value of a property that the rule refuses.

    ``key`` is the property, by default ``policy``; other keywords are the context of the stack.
    """
    return _each(rule, type_, True, tokens, value, **context)


def accepted(
    rule: str, type_: str, tokens: Iterable[str], value: Callable[[str], Any], **context: Any
) -> Iterator[Any]:
    """Yields a case for each token: a resource that the rule accepts because of the token."""
    return _each(rule, type_, False, tokens, value, **context)


def _each(
    rule: str, type_: str, is_refused: bool, tokens: Iterable[str], value: Callable[[str], Any], **context: Any
) -> Iterator[TokenCase]:
    key = context.pop("key", "policy")
    for token in tokens:
        situation = Situation(inputs={key: value(token)}, context=stack_context(**context))
        yield TokenCase(rule, token, is_refused, (type_, situation))


def named(key: str) -> dict[str, str]:
    """Returns a condition that names something by a key."""
    return {key: next(value for ending, value in NAMES.items() if key.lower().endswith(ending))}


def trusting(principal: Any, action: Any, **conditions: Any) -> str:
    """Returns a resource policy that allows an action under conditions."""
    return document(
        {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", "Condition": conditions}
    )


def by_service(service: str, condition: Mapping[str, str]) -> str:
    """Returns a trust policy for a service of AWS."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Resource": "*",
            "Condition": {"StringEquals": condition},
        }
    )
