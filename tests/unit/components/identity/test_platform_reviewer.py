import json
from fnmatch import fnmatchcase

import botocore.session
import pulumi
import pytest
from botocore import xform_name

from components.identity.deployer.deployer_permissions import DATA_ACCESS
from components.identity.deployer.kinds import CALLS_BY_KIND, calls_in
from components.identity.reviews.platform_reviewer import PlatformReviewer, PlatformReviewerArgs
from plinth_sandbox.emulator.authorization.permissions.reference import SERVICES, action_reference
from selfservice.quotas.quota import QUOTAS
from tests.support.documents import as_list, statements
from tests.support.every_stack import example_deployment
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, ORGANIZATION, REGION

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
GOVERNANCE = "999988887777"
EVERYTHING = ("organization", *CALLS_BY_KIND)
"""All kinds in one account, which has the longest policies."""
LIMITS = {ROLE_POLICY: 10_240, POLICY: 6144}
KEPT_FROM_REVIEWS = (
    "athena:GetQueryResults", "dynamodb:GetItem", "kms:Decrypt", "lakeformation:GetDataAccess", "logs:GetLogEvents",
    "s3:GetObject", "secretsmanager:GetSecretValue", "sqs:ReceiveMessage", "ssm:GetParameters",
)  # fmt: skip


def reviewed(*hosts, preview=False):
    def program():
        args = PlatformReviewerArgs(
            hosts=hosts,
            account_id=ACCOUNT,
            organization_id=ORGANIZATION,
            governance_account_id=GOVERNANCE,
            regions=[REGION, "us-east-1"],
        )
        return PlatformReviewer("reviewer", args, pulumi.ResourceOptions())

    return deploy(program, preview=preview)


def actions_of(record):
    return {action for statement in statements(record).values() for action in as_list(statement["Action"])}


@pytest.mark.parametrize("preview", [False, True])
def test_the_reviewer_is_a_role_with_its_own_boundary_that_a_review_assumes(preview):
    recorder = reviewed("development", preview=preview)
    assert sorted(record.type for record in recorder.resources) == sorted([POLICY, ROLE, ROLE_POLICY])
    role = recorder.one(ROLE)
    assert (role.inputs["name"], role.inputs["path"]) == ("platform-reviewer", "/plinth/")
    assert recorder.one(POLICY).inputs["name"] == "platform-reviewer-boundary"
    assert recorder.one(POLICY).urn in role.made_from["permissionsBoundary"]
    (trust,) = statements(role, "assumeRolePolicy").values()
    assert trust["Principal"] == {"AWS": f"arn:aws:iam::{GOVERNANCE}:root"}
    assert trust["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{GOVERNANCE}:role/plinth/platform-review-runner"},
        "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
    }


@pytest.mark.threat("T-15")
@pytest.mark.parametrize("type_", [ROLE_POLICY, POLICY])
def test_the_reviewer_and_its_boundary_allow_no_data_secrets_or_decryption(type_):
    allowed = actions_of(reviewed(*EVERYTHING).one(type_))
    assert not [action for action in KEPT_FROM_REVIEWS if any(fnmatchcase(action, pattern) for pattern in allowed)]
    assert not [action for action in allowed if any(fnmatchcase(action, pattern) for pattern in DATA_ACCESS)]


def test_the_reviewer_reads_parameters_of_stacks_and_apis_without_keys_only():
    found = statements(reviewed(*EVERYTHING).one(ROLE_POLICY))
    assert found["SeeRelaxedRules"]["Action"] == ["ssm:GetParameter", "ssm:ListTagsForResource"]
    assert found["SeeRelaxedRules"]["Resource"][0].endswith(f":{ACCOUNT}:parameter/plinth/relaxed-rules/*")
    assert not [arn for arn in found["SeeApis"]["Resource"] if "apikeys" in arn or arn.endswith("/*/*")]
    narrow = ("SeeApis", "SeeRelaxedRules")
    elsewhere = {
        action for sid, statement in found.items() if sid not in narrow for action in as_list(statement["Action"])
    }
    assert not {action for action in elsewhere if action.startswith(("apigateway:", "ssm:GetParameter"))}


def counting(quota):
    """Returns the action that counts what is held of a quota."""
    listing = quota.listing
    if listing.service == "s3":
        return "s3:ListAllMyBuckets"
    operations = botocore.session.get_session().get_service_model(listing.service).operation_names
    (name,) = [operation for operation in operations if xform_name(operation) == listing.operation]
    return f"{listing.service}:{name}"


@pytest.mark.parametrize("host", EVERYTHING)
def test_a_review_compares_the_quotas_of_what_an_account_has_in_every_region(host):
    found = statements(reviewed(host).one(ROLE_POLICY))
    assert "Condition" not in found["SeeQuotas"]
    assert {"servicequotas:GetServiceQuota", "servicequotas:ListServiceQuotas"} <= set(found["SeeQuotas"]["Action"])
    types = {type_ for type_, _ in calls_in([host] if host in CALLS_BY_KIND else [])}
    held = [quota for quota in QUOTAS if quota.listing is not None and types & set(quota.types)]
    assert {counting(quota) for quota in held} <= actions_of(reviewed(host).one(ROLE_POLICY))


def test_a_review_of_one_kind_of_account_reads_what_its_stacks_have():
    network = actions_of(reviewed("network").one(ROLE_POLICY))
    assert "ec2:DescribeVpcs" in network
    assert not {action for action in network if action.startswith(("sagemaker:Describe", "organizations:", "sso:"))}
    management = statements(reviewed("organization").one(ROLE_POLICY))
    assert "organizations:DescribeOrganization" in management["SeeGlobalResources"]["Action"]
    assert "Condition" not in management["SeeGlobalResources"]
    assert management["SeeResources"]["Condition"] == {"StringEquals": {"aws:RequestedRegion": [REGION, "us-east-1"]}}


@pytest.mark.parametrize(("type_", "most"), LIMITS.items())
def test_policies_of_the_reviewer_of_all_kinds_are_within_the_limits_of_iam(type_, most):
    document = json.loads(reviewed(*EVERYTHING).one(type_).inputs["policy"])
    assert len(json.dumps(document, separators=(",", ":"))) <= most


@pytest.mark.threat("T-15")
def test_the_sandbox_judges_every_action_of_the_reviewer():
    """An action that it does not know fails each review and each search for drift there."""
    allowed = actions_of(reviewed(*EVERYTHING).one(ROLE_POLICY)) - {"apigateway:GET"}  # judged by paths
    named = [action.split(":") for action in sorted(allowed)]
    assert {service for service, _ in named} <= set(SERVICES)
    assert [name for name in named if "*" not in name[1] and action_reference(*name) is None] == []


def test_every_account_has_one_reviewer():
    found = {
        (stack, role.inputs["name"])
        for stack, recorder in example_deployment().items()
        for role in recorder.all(ROLE)
        if role.inputs["name"] in ("platform-deployer", "platform-reviewer")
    }
    deployed_into = {stack for stack, name in found if name == "platform-deployer"}
    assert len(deployed_into) > 1
    # The management account has no deployer. Its reviewer is in the stack `identity`.
    assert {stack for stack, name in found if name == "platform-reviewer"} == {*deployed_into, "identity"}
