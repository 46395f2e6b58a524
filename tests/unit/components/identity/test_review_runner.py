import json

import pytest

from components.identity.reviews.review_runner import ReviewRunner, ReviewRunnerArgs
from tests.support.documents import statements
from tests.support.every_stack import Deployment, example_deployment, example_foundation, example_organization
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, KEY, ORGANIZATION, REGION

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
GITHUB = "token.actions.githubusercontent.com"
WORKFLOWS = ("repo:acme@1/foundation@2:pull_request", "repo:acme@1/foundation@2:ref:refs/heads/main")


def runner(*, preview=False, **states):
    args = ReviewRunnerArgs(account_id=ACCOUNT, organization_id=ORGANIZATION, region=REGION, **states)
    return deploy(lambda: ReviewRunner("review-runner", args), preview=preview)


@pytest.mark.parametrize("preview", [False, True])
def test_builds_of_the_project_for_reviews_get_the_role(preview):
    role = runner(preview=preview).one(ROLE)
    assert (role.inputs["name"], role.inputs["path"]) == ("platform-review-runner", "/plinth/")
    (trust,) = statements(role, "assumeRolePolicy").values()
    assert trust["Principal"] == {"Service": "codebuild.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/plinth-review"},
    }


@pytest.mark.threat("T-15")
def test_the_role_enters_accounts_as_reviewer_and_only_reads_states():
    found = statements(runner(state_bucket="acme-states", state_keys=[KEY]).one(ROLE_POLICY))
    log, token = found.pop("WriteTheOwnLog"), found.pop("ReadTheForgeToken")
    assert token["Action"] == "secretsmanager:GetSecretValue"
    assert token["Resource"] == f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:plinth/review/*"
    assert log["Resource"].endswith(":log-group:/aws/codebuild/plinth-review:*")
    assert {sid: (statement["Action"], statement["Resource"]) for sid, statement in found.items()} == {
        "EnterAsReviewer": ("sts:AssumeRole", "arn:aws:iam::*:role/plinth/platform-reviewer"),
        "ListStates": ("s3:ListBucket", "arn:aws:s3:::acme-states"),
        "ReadStates": ("s3:GetObject", "arn:aws:s3:::acme-states/.pulumi/*"),
        "DecryptStates": ("kms:Decrypt", KEY),
    }
    assert found["EnterAsReviewer"]["Condition"] == {"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}}


def test_without_a_bucket_the_role_reads_no_objects():
    assert statements(runner().one(ROLE_POLICY)).keys() == {
        "EnterAsReviewer",
        "ReadTheForgeToken",
        "WriteTheOwnLog",
    }


def test_the_boundary_of_the_role_equals_its_permissions():
    recorder = runner(state_bucket="acme-states", state_keys=[KEY])
    assert statements(recorder.one(POLICY)) == statements(recorder.one(ROLE_POLICY))


def test_the_governance_account_has_the_role_with_the_states_of_the_settings():
    organization = example_organization(reviews={"state_bucket": "acme-states"})
    recorder = Deployment(example_foundation(organization=organization))["governance"]
    (role,) = (resource for resource in recorder.all(ROLE) if resource.inputs["name"] == "platform-review-runner")
    assert recorder.exports["review_role_arn"] == role.computed["arn"]
    (permissions,) = (
        role_policy for role_policy in recorder.all(ROLE_POLICY) if role_policy.name == "review-runner-permissions"
    )
    assert statements(permissions)["ReadStates"]["Resource"] == "arn:aws:s3:::acme-states/.pulumi/*"


@pytest.mark.threat("T-15")
@pytest.mark.parametrize("preview", [False, True])
def test_the_named_workflows_of_github_get_the_role_and_no_others(preview):
    recorder = runner(github_subjects=WORKFLOWS, preview=preview)
    provider = recorder.one(PROVIDER)
    assert (provider.inputs["url"], provider.inputs["clientIdLists"]) == (f"https://{GITHUB}", ["sts.amazonaws.com"])
    role = recorder.one(ROLE)
    assert provider.urn in role.made_from["assumeRolePolicy"]
    if preview:
        return
    trust = statements(role, "assumeRolePolicy")
    assert trust.keys() == {"AssumedByServiceForThisAccount", "AssumedByWorkflowsOfOneRepository"}
    workflows = trust["AssumedByWorkflowsOfOneRepository"]
    assert workflows["Principal"] == {"Federated": provider.computed["arn"]}
    assert workflows["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert workflows["Condition"] == {
        "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": list(WORKFLOWS)}
    }


def test_github_is_not_trusted_unless_the_settings_name_a_repository():
    assert not runner().all(PROVIDER)
    deployment = example_deployment()
    assert not [provider for recorder in deployment.values() for provider in recorder.all(PROVIDER)]
    assert "githubusercontent" not in str([resource.inputs for resource in deployment["organization"].resources])


@pytest.mark.threat("T-15")
def test_the_governance_account_and_the_guardrails_trust_the_repository_of_the_settings():
    github = {"repository": "acme/foundation", "ids": {"owner": 1, "repository": 2}}
    deployment = Deployment(example_foundation(organization=example_organization(reviews={"github": github})))
    (role,) = (
        resource
        for resource in deployment["governance"].all(ROLE)
        if resource.inputs["name"] == "platform-review-runner"
    )
    trusted = statements(role, "assumeRolePolicy")["AssumedByWorkflowsOfOneRepository"]["Condition"]["StringEquals"]
    assert trusted[f"{GITHUB}:sub"] == list(WORKFLOWS)
    guardrails = [
        statement
        for policy in deployment["organization"].all("aws:organizations/policy:Policy")
        if "RCP05NoWebIdentities" in policy.inputs["content"]
        for statement in json.loads(policy.inputs["content"])["Statement"]
    ]
    (denied,) = (guardrail for guardrail in guardrails if guardrail["Sid"] == "RCP05NoWebIdentities")
    assert denied["Condition"] == {"StringNotEqualsIfExists": {f"{GITHUB}:sub": list(WORKFLOWS)}}
