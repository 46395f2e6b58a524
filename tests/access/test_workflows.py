"""The role for reviews admits the workflows of one repository, on one branch or in one environment, and no others."""

from __future__ import annotations

import json
from functools import cache

import pytest

from iam_evaluator.matching import granted_by, matching_statements
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request, Resource
from settings.organization.reviews import ReviewSettings
from tests.support.every_stack import Deployment, example_foundation, example_organization

ROLE = "aws:iam/role:Role"
POLICY = "aws:organizations/policy:Policy"
ISSUER = "token.actions.githubusercontent.com"
ASSUME = "sts:AssumeRoleWithWebIdentity"
REPOSITORY = {"repository": "acme/foundation", "ids": {"owner": 1, "repository": 2}, "environment": "review"}
GITHUB = ReviewSettings.model_validate({"github": REPOSITORY}).github
OURS = "repo:acme@1/foundation@2"
TOKENS = {
    "a job in the environment": (f"{OURS}:environment:review", True),
    "a job on the branch": (f"{OURS}:ref:refs/heads/main", True),
    "a job of a pull request": (f"{OURS}:pull_request", True),
    "another environment": (f"{OURS}:environment:production", False),
    "an environment with a longer name": (f"{OURS}:environment:reviews", False),
    "another branch": (f"{OURS}:ref:refs/heads/mine", False),
    "a branch with a longer name": (f"{OURS}:ref:refs/heads/main2", False),
    "a tag with the name of the branch": (f"{OURS}:ref:refs/tags/main", False),
    "another repository": ("repo:acme@1/other@3:ref:refs/heads/main", False),
    "a repository that got the name later": ("repo:acme@1/foundation@3:ref:refs/heads/main", False),
    "an owner who got the name later": ("repo:acme@9/foundation@2:ref:refs/heads/main", False),
    "a subject without ids": ("repo:acme/foundation:ref:refs/heads/main", False),
    "another case": (f"{OURS}:REF:refs/heads/main", False),
    "a pattern": ("repo:acme@1/foundation@2:*", False),
    "no subject": (None, False),
}


@cache
def deployment() -> Deployment:
    return Deployment(example_foundation(organization=example_organization(reviews={"github": REPOSITORY})))


def trust() -> Policy:
    (role,) = (
        resource
        for resource in deployment()["governance"].all(ROLE)
        if resource.inputs["name"] == "platform-review-runner"
    )
    return Policy.parse("trust", role.inputs["assumeRolePolicy"])


def request(action: str, subject: str | None, audience: str | None = "sts.amazonaws.com") -> Request:
    """Returns a request of somebody outside of the organization, with the keys of a token."""
    keys = {f"{ISSUER}:sub": subject, f"{ISSUER}:aud": audience}
    return Request(
        principal=Principal(
            name="a job", account=Account(id="999999999999"), role_arn="arn:aws:iam::999999999999:role/a"
        ),
        action=action,
        resource=Resource(
            arn="arn:aws:iam::111111111111:role/plinth/platform-review-runner", account=None, policy=trust()
        ),
        extra={key: [value] for key, value in keys.items() if value is not None},
    )


def admitted_by(asked: Request) -> list[str]:
    """Returns the federated principals that the trust policy admits with these keys."""
    found = matching_statements(trust(), "Allow", asked, asked.context())
    return [name for statement in found for name in (statement.principals or {}).get("Federated", ())]


@pytest.mark.threat("T-14", "T-15")
@pytest.mark.parametrize(("subject", "is_admitted"), TOKENS.values(), ids=TOKENS)
def test_a_workflow_is_admitted_by_repository_and_branch_or_environment(subject: str | None, is_admitted: bool) -> None:
    (provider,) = deployment()["governance"].all("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
    asked = request(ASSUME, subject)
    assert admitted_by(asked) == ([provider.computed["arn"]] if is_admitted else [])
    assert is_denied_by_the_guardrail(asked) is not is_admitted


@pytest.mark.threat("T-15")
@pytest.mark.parametrize("audience", ["https://github.com/acme", "sts.amazonaws.com.example", None])
def test_a_token_for_another_audience_is_not_admitted(audience: str | None) -> None:
    assert admitted_by(request(ASSUME, f"{OURS}:environment:review", audience)) == []


@pytest.mark.threat("T-15")
def test_a_role_cannot_assume_the_role_for_reviews_with_the_keys_of_a_token() -> None:
    for action in ("sts:AssumeRole", ASSUME):
        asked = request(action, f"{OURS}:environment:review")
        assert granted_by(asked, asked.context()) is None


def test_the_admitted_subjects_are_those_of_the_settings() -> None:
    assert GITHUB is not None
    assert {subject for subject, is_admitted in TOKENS.values() if is_admitted} == set(GITHUB.subjects)


def is_denied_by_the_guardrail(asked: Request) -> bool:
    guardrails = [
        Policy.parse("guardrail", json.dumps({"Statement": [statement]}))
        for policy in deployment()["organization"].all(POLICY)
        if "RCP05NoWebIdentities" in policy.inputs["content"]
        for statement in json.loads(policy.inputs["content"])["Statement"]
        if statement["Sid"] == "RCP05NoWebIdentities"
    ]
    assert guardrails
    return any(matching_statements(policy, "Deny", asked, asked.context()) for policy in guardrails)
