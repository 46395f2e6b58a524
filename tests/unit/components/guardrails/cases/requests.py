"""Requests and callers as guardrails evaluate them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

ORGANIZATION, OWN, LAKE, OTHER = "o-acme000001", "111111111111", "222222222222", "999999999999"
LANDING = "arn:aws:s3:::acme-landing-222222222222-eu-west-1-an/x"
RESULTS = "arn:aws:s3:::acme-landing-222222222222-eu-west-1-an/results/scores/fraud/production/x"
DROPPED = "arn:aws:s3:eu-west-1:222222222222:accesspoint/fraud--scores--drop/object/results/scores/fraud/production/x"
OFFICE = "20.10.0.0/16"
WORKFLOW = "repo:acme@1/foundation@2:environment:review"
UNIT = f"{ORGANIZATION}/r-root/ou-root-workloads1/*"

WORKER = "role/plinth/fraud-development-execution"
PERSON = "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_DataScientist_0123"
LEAD = "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_LeadScientist-tooling_0123"
PERSON_BY_ROLE = "role/plinth/people-tooling-data-scientist"
LEAD_BY_ROLE = "role/plinth/people-tooling-lead-data-scientist"
BREAK_GLASS_BY_ROLE = "role/plinth/people-tooling-break-glass"
"""Roles for people where IAM Identity Center is not used."""
BREAK_GLASS = "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_BreakGlass_0123"
IMPOSTOR = "role/AWSReservedSSO_BreakGlass_0123"
DEPLOYMENT = "role/OrganizationAccountAccessRole"
DEPLOYER = "role/plinth/platform-deployer"
AWS = "s3.amazonaws.com"

Keys = Mapping[str, Sequence[str] | str]


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardrailRequest:
    """The properties of a request that guardrails evaluate."""

    action: str
    who: str = WORKER
    """Name and path of a role, or host name of a service."""
    keys: Keys = field(default_factory=dict)
    on: str = "*"
    owner: str = OWN
    """Account of the resource. All accounts except ``OTHER`` are in the organization."""
    caller: str = OWN
    region: str = "eu-west-1"
    tags: Mapping[str, str] = field(default_factory=dict)
    path: str | None = None
    """Organization path of the caller's account."""
    source_ip: str | None = "20.10.1.1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """Test cases of one statement: requests that it denies, and similar requests that pass."""

    sid: str
    denied: Sequence[GuardrailRequest]
    passes: Sequence[GuardrailRequest]


def case(
    sid: str, action: str, *, passes: Sequence[Mapping[str, Any]], also: Sequence[Mapping[str, Any]] = (), **denied: Any
) -> Case:
    """Returns the test cases of a statement: a denied request, denied variations of it, and variations that pass."""
    first = GuardrailRequest(action=action, **denied)
    return Case(
        sid=sid,
        denied=[first, *(replace(first, **change) for change in also)],
        passes=[replace(first, **change) for change in passes],
    )


FOUNDATION = ({"who": DEPLOYMENT}, {"who": DEPLOYER})
EXCEPTIONS = (*FOUNDATION, {"who": BREAK_GLASS}, {"who": BREAK_GLASS_BY_ROLE})
STILL = ({"who": BREAK_GLASS},)
ANYBODY = tuple({"who": who} for who in (DEPLOYMENT, DEPLOYER, BREAK_GLASS))


def keys(**given: str | Sequence[str]) -> dict[str, Keys]:
    """Returns further condition keys of a request. A double underscore stands for the colon of a key."""
    return {"keys": {name.replace("__", ":", 1): value for name, value in given.items()}}


SUBNET = keys(sagemaker__VpcSubnets=["subnet-1"])
BOUNDARY = "arn:aws:iam::111111111111:policy/plinth/fraud-development-boundary"
PLINTH_ROLE = "arn:aws:iam::111111111111:role/plinth/fraud-development-execution"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/1"
PUBLIC = "arn:aws:ec2:eu-west-1:111111111111:network-interface/*"
RESERVED = keys(aws__TagKeys=["plinth:team"])
RESERVED_FOR_DATA = keys(aws__TagKeys=["dp:classification"])
