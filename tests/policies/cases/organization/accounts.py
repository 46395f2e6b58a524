"""Cases of policies/security/rules/organization/accounts.py."""

from __future__ import annotations

import json
from typing import Any

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import PROVIDER_TYPE
from settings.types.kinds import DURABLE_KINDS
from tests.policies.case import (
    ABSENT,
    OTHER_ACCOUNT,
    OWN_ACCOUNT,
    PROVIDER,
    Case,
    Change,
    Member,
    Situation,
    StackCase,
    but,
    stack_context,
)

DURABLE_TYPES = (
    "aws:organizations/account:Account",
    "aws:cloudtrail/trail:Trail",
    "aws:dynamodb/table:Table",
    "aws:ecr/repository:Repository",
    "aws:kms/key:Key",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
)
NAMED_BY_USE_CASE = {
    "aws:codebuild/project:Project": "name",
    "aws:codepipeline/pipeline:Pipeline": "name",
    "aws:ecr/repository:Repository": "name",
    "aws:iam/role:Role": "name",
    "aws:lambda/function:Function": "name",
    "aws:sagemaker/endpoint:Endpoint": "name",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "name",
    "aws:sagemaker/featureGroup:FeatureGroup": "featureGroupName",
    "aws:sagemaker/model:Model": "name",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": "modelPackageGroupName",
    "aws:sagemaker/pipeline:Pipeline": "pipelineName",
    "aws:sfn/stateMachine:StateMachine": "name",
}
POLICY_TYPES = (
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "TAG_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
)
ROOT_FEATURES = ("RootCredentialsManagement", "RootSessions")


ACCOUNTS = [
    Case(
        rule="OR-04",
        type=type_,
        compliant=Situation(inputs={"closeOnDeletion": False, "parentId": "ou-1234-12345678"}),
        optional=frozenset({"closeOnDeletion"}),
        refused={
            "is closed by a deletion": but({"closeOnDeletion": True}),
            "is in the root": but({"parentId": "r-1234"}),
        },
    )
    for type_ in ("aws:organizations/account:Account",)
]


def tags(**changes: object) -> Change:
    """Returns the provider with changed tags. Underscores stand for hyphens."""
    own = {f"plinth:{key.replace('_', '-')}": value for key, value in changes.items()}
    merged = {**json.loads(PROVIDER["defaultTags"])["tags"], **own}
    kept = {key: value for key, value in merged.items() if value is not None}
    return but({"defaultTags": json.dumps({"tags": kept})})


def _of_use_case(name: str) -> dict[str, str]:
    """Returns the inputs of a provider that tags everything with a use case."""
    given = {**json.loads(PROVIDER["defaultTags"])["tags"], "plinth:use-case": name}
    return {"defaultTags": json.dumps({"tags": given})}


PROVIDERS = [
    case
    for type_ in ("pulumi:providers:aws",)
    for case in (
        Case(
            rule="OR-05",
            type=type_,
            compliant=Situation(inputs=PROVIDER),
            optional=frozenset({"region", "allowedAccountIds"}),
            refused={
                f"does not tag with the {key.replace('_', ' ')}": tags(**{key: None})
                for key in ("stack", "team", "environment", "lifecycle", "owner", "cost_centre")
            }
            | {
                "tags with an empty owner": tags(owner=""),
                "does not tag one dataset with its class": but(kind="dataset"),
                "has no tags": but({"defaultTags": "{}"}),
                "has tags that are no JSON": but({"defaultTags": "tag everything"}),
            },
            accepted={
                "tags one dataset with its class": Change(
                    tags(data_class="confidential").values, {}, {"kind": "dataset"}
                ),
                "adds tags": tags(purpose="trial"),
                "has unknown tags": but({"defaultTags": {"tags": UNKNOWN}}),
            },
        ),
    )
]
RESOURCES = [
    *(
        Case(
            rule="OR-05",
            type=type_,
            compliant=Situation(inputs={"tags": {"plinth:environment": "development"}}),
            optional=frozenset({"tags", "tags.plinth:environment"}),
            refused={},
        )
        for type_ in ("aws:organizations/account:Account",)
    ),
    Case(
        rule="OR-05",
        type="aws:sqs/queue:Queue",
        compliant=Situation(inputs={"tags": {"Name": "results", "plinth:team": "fraud"}}),
        optional=frozenset({"tags", "tags.Name", "tags.plinth:team"}),
        refused={
            "calls itself another team's": but({"tags.plinth:team": "churn"}),
            "adds a tag under the reserved prefix": but({"tags.plinth:purpose": "trial"}),
        },
        accepted={
            "has a provider with unknown tags": but({"tags.plinth:team": "churn"}, provider={"defaultTags": UNKNOWN}),
            "goes through no provider, which is for another rule": but(provider_name=None),
            "has a branch tag": but({"tags.plinth:branch": "feature/faster", "tags.plinth:expires": "2026-01-31"}),
        },
    ),
    *(
        Case(
            rule="OR-05",
            type=type_,
            compliant=Situation(inputs={name: "fraud--scoring-dev-a", "tags": {"plinth:use-case": "scoring"}}),
            optional=frozenset({name}),
            refused={
                "names another use case": but({"tags.plinth:use-case": "churn"}),
                "names a part of its use case": but({"tags.plinth:use-case": "sco"}),
                "names no use case": but({"tags.plinth:use-case": ""}),
                "has a provider of another use case": but({"tags": ABSENT}, provider=_of_use_case("churn")),
            },
            accepted={
                "is of no use case": but({name: "fraud-development-execution", "tags": ABSENT}),
                "has the tag of its provider": but({"tags": ABSENT}, provider=_of_use_case("scoring")),
                "has a provider with unknown tags": but({"tags": ABSENT}, provider={"defaultTags": UNKNOWN}),
                "has an unknown name": but({name: UNKNOWN, "tags": ABSENT}),
            },
        )
        for type_, name in NAMED_BY_USE_CASE.items()
    ),
]


def account(environment: object, unit: object, made_from: str | None = None) -> Member:
    inputs = {"tags": {"plinth:environment": environment}, "parentId": unit}
    return Member(inputs=inputs, sources={"parentId": made_from} if made_from else {})


def accounts(what: str, members: dict[str, Member], *refused: str) -> StackCase:
    (type_,) = ("aws:organizations/account:Account",)
    return StackCase(rule="OR-04", type=type_, what=what, members=members, refused=frozenset(refused))


LOOSE, STRICT = "ou-1234-experiment", "ou-1234-production"
STACK_CASES = [
    accounts(
        "a team's accounts in their units",
        {
            "experimentation": account("experimentation", LOOSE),
            **{name: account(name, STRICT) for name in ("development", "preproduction", "production")},
        },
    ),
    *(
        accounts(
            f"the {name} account in the unit of experimentation",
            {"experimentation": account("experimentation", LOOSE), name: account(name, LOOSE)},
            *((name, "experimentation") if name == "production" else (name,)),
        )
        for name in ("development", "preproduction", "production")
    ),
    accounts(
        "the development account outside the unit of production",
        {
            "experimentation": account("experimentation", LOOSE),
            "development": account("development", "ou-1234-somewhere"),
            "production": account("production", STRICT),
        },
        "development",
    ),
    accounts(
        "a development account beside none for production",
        {"experimentation": account("experimentation", LOOSE), "development": account("development", STRICT)},
    ),
    accounts(
        "experiments in the unit of production",
        {"experimentation": account("experimentation", STRICT), "production": account("production", STRICT)},
        "experimentation",
        "production",
    ),
    accounts(
        "accounts with a mailbox for two",
        {
            "first": Member(inputs={"email": "aws+fraud@acme.example"}),
            "second": Member(inputs={"email": "AWS+Fraud@acme.example"}),
            "third": Member(inputs={"email": "aws+churn@acme.example"}),
            "fourth": Member(inputs={"email": UNKNOWN}),
            "fifth": Member(inputs={"email": UNKNOWN}),
        },
        "second",
    ),
    accounts(
        "unknown units",
        {
            "experimentation": account("experimentation", UNKNOWN, "unit-loose"),
            "development": account("development", UNKNOWN, "unit-strict"),
        },
    ),
    accounts(
        "an unknown unit",
        {
            "experimentation": account("experimentation", UNKNOWN, "unit-loose"),
            "development": account("development", UNKNOWN, "unit-loose"),
            "production": account("production", UNKNOWN, "unit-strict"),
        },
        "development",
    ),
    accounts(
        "a unit from an unknown resource",
        {
            "experimentation": account("experimentation", LOOSE),
            "development": account("development", UNKNOWN),
            "production": account("production", STRICT),
        },
    ),
    accounts(
        "two accounts for experiments in one unit",
        {"first": account("experimentation", LOOSE), "second": account("experimentation", LOOSE)},
    ),
    accounts(
        "a durable account next to one for experimentation",
        {"experimentation": account("experimentation", LOOSE), "audit": account("shared", LOOSE)},
    ),
    accounts(
        "accounts in the root, which is for another judge",
        {"experimentation": account("experimentation", None), "development": account("development", None)},
    ),
]
SECURITY = {"alternateContactType": "SECURITY"}


def contacts(what: str, kind: str, members: dict[str, Member], *refused: str) -> StackCase:
    return StackCase(
        rule="OR-04",
        type="aws:organizations/account:Account",
        what=what,
        members={"provider": Member(type=PROVIDER_TYPE), "account": Member(inputs={"id": OTHER_ACCOUNT}), **members},
        refused=frozenset(refused),
        context=stack_context(kind=kind),
    )


def contact(**inputs: Any) -> Member:
    return Member(type="aws:account/alternativeContact:AlternativeContact", inputs=inputs)


NAMED = {"named": contact(**SECURITY, accountId=OTHER_ACCOUNT)}
OWN_CONTACT = {"own": contact(**SECURITY)}
CONTACTS = [
    contacts("an account of a team with its contact", "team", NAMED),
    contacts("an account of a team without a contact", "team", {}, "account"),
    contacts("an account with a contact for bills", "team", {"b": contact(accountId=OTHER_ACCOUNT)}, "account"),
    contacts(
        "an account with an unknown contact",
        "team",
        {
            "named": Member(
                type="aws:account/alternativeContact:AlternativeContact",
                inputs={"alternateContactType": UNKNOWN, "accountId": UNKNOWN},
                sources={"accountId": "account"},
            )
        },
    ),
    contacts("an account with another's contact", "team", {"n": contact(**SECURITY, accountId=OWN_ACCOUNT)}, "account"),
    contacts("an organization with both contacts", "organization", NAMED | OWN_CONTACT),
    contacts("a management account without a contact", "organization", NAMED, "provider"),
    contacts("a durable account without a contact", "organization", OWN_CONTACT, "account"),
    contacts("another stack, which creates no accounts", "tooling", {}),
]
STACK_CASES += CONTACTS

PROTECTED = [
    Case(
        rule="OR-07",
        type=type_,
        compliant=Situation(inputs={}, protected=True, context=stack_context(kind="data-lake")),
        refused={
            f"goes with the stack {kind}": but(kind=kind, protected=False) for kind in (*DURABLE_KINDS, "data-catalog")
        },
        accepted={"goes with its team": but(kind="team", protected=False)},
    )
    for type_ in DURABLE_TYPES
]

FEATURES = [
    Case(
        rule="OR-01",
        type=type_,
        compliant=Situation(inputs={"featureSet": "ALL", "enabledPolicyTypes": [*POLICY_TYPES]}),
        optional=frozenset({"featureSet"}),
        refused={"bills and nothing else": but({"featureSet": "CONSOLIDATED_BILLING"})},
        accepted={"enables more": but({"enabledPolicyTypes": [*POLICY_TYPES, "BACKUP_POLICY"]})},
    )
    for type_ in ("aws:organizations/organization:Organization",)
] + [
    Case(
        rule="OR-01",
        type=type_,
        compliant=Situation(inputs={"enabledFeatures": [*ROOT_FEATURES]}),
        refused={"manages nothing": but({"enabledFeatures": []})},
    )
    for type_ in ("aws:iam/organizationsFeatures:OrganizationsFeatures",)
]

CASES = [*FEATURES, *PROTECTED, *ACCOUNTS, *PROVIDERS, *RESOURCES]
