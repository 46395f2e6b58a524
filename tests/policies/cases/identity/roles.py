"""Cases of policies/security/rules/identity/roles.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Case, Change, Prohibition, Situation, but, document

LONG_LIVED = (
    "aws:iam/user:User",
    "aws:iam/accessKey:AccessKey",
    "aws:iam/userLoginProfile:UserLoginProfile",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
    "aws:iam/signingCertificate:SigningCertificate",
    "aws:iam/sshKey:SshKey",
)


def trusted(principal: Any, action: str = "sts:AssumeRole", **conditions: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": conditions}


def trust(*statements: dict[str, Any], **situation: Any) -> Change:
    return but({"assumeRolePolicy": document(*statements)}, **situation)


OWN_ROLE = {"AWS": f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/runner"}
OTHER_ROLE = {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/plinth/runner"}
OWN_ROOT = {"AWS": f"arn:aws:iam::{OWN_ACCOUNT}:root"}
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-acme123456"}}
BY_NAME = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN_ACCOUNT}:role/aws-reserved/*"}}

BOUNDED = [
    Case(
        rule="IA-04",
        type=type_,
        compliant=Situation(
            inputs={
                "permissionsBoundary": f"arn:aws:iam::{OWN_ACCOUNT}:policy/plinth/boundary",
                "path": "/plinth/workload/",
            }
        ),
        refused={
            "has an empty boundary": but({"permissionsBoundary": ""}),
            "is bounded by a policy of AWS": but(
                {"permissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}
            ),
            "is in the root path": but({"path": "/"}),
            "is in a path similar to the platform's": but({"path": "/plinthish/"}),
        },
    )
    for type_ in ("aws:iam/role:Role",)
]
PRINCIPALS = [
    Case(
        rule="IA-07",
        type=type_,
        compliant=Situation(inputs={"assumeRolePolicy": document(trusted(OWN_ROLE))}),
        optional=frozenset({"assumeRolePolicy"}),
        refused={
            "trusts every principal": trust(trusted("*", **ORGANIZATION)),
            "trusts every AWS principal": trust(trusted({"AWS": "*"})),
            "trusts a principal that is gone": trust(trusted({"AWS": "AROAEXAMPLE"}, **BY_NAME)),
            "trusts a principal that was deleted in addition to an existing one": trust(
                trusted({"AWS": [OWN_ROLE["AWS"], "AROAEXAMPLE"]}, **BY_NAME)
            ),
            "trusts the whole account in addition to a role": trust(
                trusted({"AWS": [OWN_ROLE["AWS"], OWN_ROOT["AWS"]]})
            ),
            "trusts the whole account": trust(trusted(OWN_ROOT, **ORGANIZATION)),
            "trusts the whole account by its number": trust(trusted({"AWS": OWN_ACCOUNT})),
            "trusts any role of the account": trust(trusted(OWN_ROOT, ArnLike={"aws:PrincipalArn": "*"})),
            "trusts another account that may leave": trust(trusted(OTHER_ROLE)),
            "trusts a session of another account": trust(
                trusted({"AWS": f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/runner/job"})
            ),
            "trusts another account in addition to its own": trust(
                trusted({"AWS": [OWN_ROLE["AWS"], OTHER_ROLE["AWS"]]})
            ),
            "trusts another account in a second statement": trust(trusted(OWN_ROLE), trusted(OTHER_ROLE)),
        },
        accepted={
            "trusts some roles of its account": trust(trusted(OWN_ROOT, **BY_NAME)),
            "trusts a session of its account": trust(
                trusted({"AWS": f"arn:aws:sts::{OWN_ACCOUNT}:assumed-role/runner/job"})
            ),
            "trusts another account of the organization": trust(trusted(OTHER_ROLE, **ORGANIZATION)),
            "trusts a partner": trust(trusted(OTHER_ROLE), partner_accounts=(OTHER_ACCOUNT,)),
            "trusts a service": trust(trusted({"Service": "sagemaker.amazonaws.com"})),
            "trusts an account that only the deployment can tell from its own": trust(
                trusted(OTHER_ROLE), provider={"allowedAccountIds": UNKNOWN}
            ),
        },
    )
    for type_ in ("aws:iam/role:Role",)
]
SAGEMAKER = {"Service": "sagemaker.amazonaws.com"}
TRAILS = {"Service": "cloudtrail.amazonaws.com"}
TRAIL = f"arn:aws:cloudtrail:*:{OWN_ACCOUNT}:trail/acme"
FOR_US = {"StringEquals": {"aws:SourceAccount": OWN_ACCOUNT}}
SERVICES = [
    Case(
        rule="IA-08",
        type=type_,
        compliant=Situation(inputs={"assumeRolePolicy": document(trusted(SAGEMAKER, **FOR_US))}),
        optional=frozenset({"assumeRolePolicy"}),
        refused={
            "serves any account": trust(trusted(SAGEMAKER)),
            "serves any account without a condition on the source": trust(
                trusted(SAGEMAKER, StringEqualsIfExists={"aws:SourceAccount": OWN_ACCOUNT})
            ),
            "serves any account in a second statement": trust(trusted(SAGEMAKER, **FOR_US), trusted(SAGEMAKER)),
            "serves every trail": trust(trusted(TRAILS, **FOR_US)),
            "serves every trail by a pattern": trust(trusted(TRAILS, **FOR_US, ArnLike={"aws:SourceArn": "*"})),
            "serves every trail beside models": trust(
                trusted({"Service": [*SAGEMAKER.values(), *TRAILS.values()]}, **FOR_US)
            ),
            "serves any account through one of two services": trust(
                trusted({"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com"]})
            ),
        },
        accepted={
            "serves an own trail": trust(trusted(TRAILS, **FOR_US, ArnLike={"aws:SourceArn": TRAIL})),
            "serves the organization": trust(trusted(SAGEMAKER, StringEquals={"aws:SourceOrgID": "o-acme123456"})),
            "serves an instance, which is its own account's": trust(trusted({"Service": "ec2.amazonaws.com"})),
            "serves a function, which is its own account's": trust(trusted({"Service": "lambda.amazonaws.com"})),
            "serves no service": trust(trusted(OWN_ROLE)),
        },
    )
    for type_ in ("aws:iam/role:Role",)
]
HOST = "token.actions.githubusercontent.com"
PROVIDER = {"Federated": f"arn:aws:iam::{OWN_ACCOUNT}:oidc-provider/{HOST}"}


def web(resource: Any, operator: str = "StringEquals", audience: Any = "sts.amazonaws.com") -> dict[str, Any]:
    tests: dict[str, dict[str, Any]] = {"StringEquals": {f"{HOST}:aud": audience}}
    tests.setdefault(operator, {})[f"{HOST}:sub"] = resource
    return trusted(PROVIDER, "sts:AssumeRoleWithWebIdentity", **tests)


PRODUCTION = "repo:acme/fraud:environment:production"
PULL_REQUEST = "repo:acme@1/foundation@2:pull_request"


def for_reviews(statement: dict[str, Any]) -> Change:
    return but({"assumeRolePolicy": document(statement), "name": "platform-review-runner"})


WORKLOADS = [
    Case(
        rule="IA-09",
        type=type_,
        compliant=Situation(inputs={"assumeRolePolicy": document(web(PRODUCTION))}),
        optional=frozenset({"assumeRolePolicy"}),
        refused={
            "trusts any branch": trust(web("repo:acme/fraud:*", "StringLike")),
            "trusts any repository": trust(web("repo:acme/*:ref:refs/heads/main", "StringLike")),
            "trusts any owner": trust(web("repo:*", "StringLike")),
            "trusts one of two": trust(web([PRODUCTION, "repo:acme/*"], "StringLike")),
            "trusts a token without a subject": trust(web(PRODUCTION, "StringEqualsIfExists")),
            "trusts no subject": trust(web([])),
            "trusts any audience": trust(web(PRODUCTION, audience="*")),
            "trusts any audience in addition to one": trust(web(PRODUCTION, audience=["sts.amazonaws.com", "*"])),
            "tests no subject": trust(
                trusted(PROVIDER, "sts:AssumeRoleWithWebIdentity", StringEquals={f"{HOST}:aud": "sts.amazonaws.com"})
            ),
            "names no audience": trust(web(PRODUCTION, audience=[])),
            "tests no audience": trust(
                trusted(PROVIDER, "sts:AssumeRoleWithWebIdentity", StringEquals={f"{HOST}:sub": PRODUCTION})
            ),
            "tests the audience only where there is one": trust(
                trusted(
                    PROVIDER,
                    "sts:AssumeRoleWithWebIdentity",
                    StringEquals={f"{HOST}:sub": PRODUCTION},
                    StringEqualsIfExists={f"{HOST}:aud": "sts.amazonaws.com"},
                )
            ),
            "tests nothing in a second statement": trust(
                web(PRODUCTION), trusted(PROVIDER, "sts:AssumeRoleWithWebIdentity")
            ),
            "assumes by a pattern of actions": trust(trusted(PROVIDER, "sts:*")),
            "trusts pull requests": trust(web(PULL_REQUEST)),
            "trusts pull requests beside a branch": trust(web([PRODUCTION, PULL_REQUEST])),
            "trusts pull requests of any repository": for_reviews(web("repo:acme/*:pull_request", "StringLike")),
            "trusts pull requests of a group": for_reviews(web("repo:acme/all/fraud:pull_request")),
            "trusts pull requests for any audience": for_reviews(web(PULL_REQUEST, audience="*")),
            "trusts a subject without a repository": trust(web("environment:production")),
        },
        accepted={
            "trusts pull requests and only reads": for_reviews(web(PULL_REQUEST)),
            "trusts a branch of a repository with ids": trust(web("repo:acme@1/fraud@2:ref:refs/heads/main")),
            "trusts a branch": trust(web("repo:acme/fraud:ref:refs/heads/main")),
            "trusts two environments": trust(web([PRODUCTION, "repo:acme/fraud:environment:preproduction"])),
            "trusts one by a pattern without wildcards": trust(web(PRODUCTION, "StringLike")),
            "trusts a service account": trust(web("system:serviceaccount:plinth:worker")),
            "trusts a role": trust(trusted(OWN_ROLE)),
        },
    )
    for type_ in ("aws:iam/role:Role",)
]

PROHIBITIONS = [Prohibition(rule="IA-10", type=type_) for type_ in LONG_LIVED]
CASES = [*BOUNDED, *PRINCIPALS, *SERVICES, *WORKLOADS]
