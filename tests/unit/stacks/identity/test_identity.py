import json

import pulumi
import pytest

from settings.types.kinds import ENVIRONMENTS
from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    DATA_SOURCES,
    Deployment,
    deploy_stack,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)

ASSIGNMENT = "aws:ssoadmin/accountAssignment:AccountAssignment"
BOUNDARY = "aws:ssoadmin/permissionsBoundaryAttachment:PermissionsBoundaryAttachment"
GROUP = "aws:identitystore/group:Group"
INLINE_POLICY = "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy"
PERMISSION_SET = "aws:ssoadmin/permissionSet:PermissionSet"
ROLE = "aws:iam/role:Role"
SIGN_IN_ACCOUNT = "777777777777"


def deployment(**changes):
    organization = example_organization(**changes)
    return Deployment(example_foundation(organization=organization, teams=[example_team()]))


def names(recorder, type_=PERMISSION_SET):
    return {record.inputs["name"] for record in recorder.all(type_)}


def assigned(recorder, group):
    """Returns the permission set and the account of each assignment of a group."""
    return {
        (record.inputs["permissionSetArn"].rpartition("ps-")[2], record.inputs["targetId"])
        for record in recorder.all(ASSIGNMENT)
        if record.inputs["principalId"] == f"group-{group}"
    }


def test_every_permission_set_has_a_permissions_boundary():
    recorder = example_deployment()["identity"]
    boundaries = {record.inputs["permissionSetArn"]: record for record in recorder.all(BOUNDARY)}
    for policy in recorder.all(INLINE_POLICY):
        boundary = boundaries[policy.inputs["permissionSetArn"]]
        assert boundary.inputs["permissionsBoundary"] == {"managedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}
        assert boundary.urn in policy.dependencies


@pytest.mark.parametrize(("phase", "missing"), [("initial", "DataScientist-tooling"), ("reliable", "ITPlatform-gover")])
def test_a_phase_has_the_permission_sets_of_its_account_kinds(phase, missing):
    present = names(deployment(phase=phase)["identity"])
    assert "DataScientist-experimentation" in present
    assert not [name for name in present if name.startswith(missing)]


@pytest.mark.parametrize(
    ("changes", "present"),
    [({}, True), ({"phase": "initial"}, False), ({"sign_in": "iam", "sign_in_account": SIGN_IN_ACCOUNT}, False)],
)
def test_people_are_looked_up_where_there_is_a_directory_and_somebody_writes_requests(changes, present):
    roles = {record.inputs["name"] for record in deployment(**changes)["identity"].all(ROLE)}
    assert ("platform-directory-reader" in roles) is present


def test_only_the_permission_sets_that_write_requests_look_up_people():
    deployed = example_deployment()
    accounts = deployed["organization"].exports["accounts"]
    (role,) = (
        resource
        for resource in deployed["identity"].all(ROLE)
        if resource.inputs["name"] == "platform-directory-reader"
    )
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    prefix = "role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_"
    assert set(trust["Condition"]["ArnLike"]["aws:PrincipalArn"]) == {
        f"arn:aws:iam::{accounts['governance']}:{prefix}ITPlatform-governance_*",
        f"arn:aws:iam::{accounts['tooling']}:{prefix}LeadScientist-tooling_*",
    }
    assert trust["Condition"]["StringEquals"] == {
        "aws:PrincipalOrgID": deployed["organization"].exports["organization_id"]
    }


@pytest.mark.requirement("PER-03.f", "PRE-04.b", "PROD-01.d")
def test_data_scientists_cannot_enter_preproduction_or_production():
    recorder = example_deployment()["fraud"]
    accounts = recorder.exports["accounts"]
    reached = {account for _, account in assigned(recorder, "plinth-fraud-data-scientist")}
    assert {accounts["experimentation"], accounts["development"]} < reached
    assert not reached & {accounts["preproduction"], accounts["production"]}


@pytest.mark.requirement("ACC-04.c")
def test_a_teams_people_have_no_assignment_in_another_teams_accounts():
    of_churn = set(example_deployment()["churn"].exports["accounts"].values())
    recorder = example_deployment()["fraud"]
    assert not of_churn & {record.inputs["targetId"] for record in recorder.all(ASSIGNMENT)}


@pytest.mark.requirement("GOV-01")
def test_only_the_it_platform_group_may_enter_the_governance_account():
    governance = example_deployment()["organization"].exports["accounts"]["governance"]
    recorders = (example_deployment()[stack] for stack in ("identity", "fraud", "churn"))
    groups = {
        record.inputs["principalId"].removeprefix("group-plinth-")
        for recorder in recorders
        for record in recorder.all(ASSIGNMENT)
        if record.inputs["targetId"] == governance
    }
    assert groups == {"it-platform"}


def test_in_one_account_for_everything_each_group_is_assigned_once():
    small = deployment(placement="small")
    for stack in ("identity", "fraud"):
        pairs = [
            (record.inputs["principalId"], record.inputs["permissionSetArn"], record.inputs["targetId"])
            for record in small[stack].all(ASSIGNMENT)
        ]
        assert len(pairs) == len(set(pairs))
    groups = {record.inputs["principalId"] for record in small["identity"].all(ASSIGNMENT)}
    assert not groups & {record.inputs["principalId"] for record in small["fraud"].all(ASSIGNMENT)}


def test_groups_of_a_synchronised_directory_are_looked_up_and_not_created():
    found = {**DATA_SOURCES, "aws:identitystore/getGroup:getGroup": {"groupId": "found"}}
    foundation = example_foundation(organization=example_organization(directory_groups="synchronised"))
    upstream = example_deployment().outputs_before("identity")
    recorder = deploy_stack("identity", foundation, upstream=upstream, data_sources=found)
    assert not recorder.all(GROUP)
    assert {record.inputs["principalId"] for record in recorder.all(ASSIGNMENT)} == {"found"}


def test_a_missing_identity_center_instance_is_an_error_with_a_remedy():
    nothing = {"aws:ssoadmin/getInstances:getInstances": {"arns": [], "identityStoreIds": []}}
    upstream = example_deployment().outputs_before("identity")
    with pytest.raises(pulumi.RunError, match=r"has no instance in eu-west-1; enable it.*or set `sign_in: iam`"):
        deploy_stack("identity", example_foundation(), upstream=upstream, data_sources=nothing)


@pytest.fixture(scope="module")
def by_iam():
    return deployment(sign_in="iam", sign_in_account=SIGN_IN_ACCOUNT)


@pytest.mark.requirement("PER-16.a")
def test_without_identity_center_people_have_roles_where_they_would_have_permission_sets(by_iam):
    for environment in ENVIRONMENTS:
        roles = {name for name in names(by_iam[f"fraud-{environment}"], ROLE) if name.startswith("people-")}
        expected = {
            record.inputs["principalId"].removeprefix("group-plinth-").removeprefix("fraud-")
            for record in example_deployment()["fraud"].all(ASSIGNMENT)
            if record.inputs["targetId"] == example_deployment()["fraud"].exports["accounts"][environment]
        }
        assert roles == {f"people-fraud-{environment}-{persona}" for persona in expected}


def test_without_identity_center_none_of_its_resources_is_created(by_iam):
    for stack in ("identity", "fraud"):
        assert not [r for r in by_iam[stack].records if r.type.startswith(("aws:ssoadmin", "aws:identitystore"))]


@pytest.mark.requirement("PER-17.a")
def test_peoples_roles_trust_the_sign_in_account_and_its_session_tags(by_iam):
    role = by_iam["fraud-development"].one(ROLE, "people-data-scientist")
    (trust,) = statements(role, "assumeRolePolicy").values()
    assert trust["Principal"] == {"AWS": f"arn:aws:iam::{SIGN_IN_ACCOUNT}:root"}
    assert as_list(trust["Condition"]["ArnLike"]["aws:PrincipalArn"]) == [
        f"arn:aws:iam::{SIGN_IN_ACCOUNT}:role/plinth/sign-in/*"
    ]
    assert trust["Condition"]["StringEquals"] == {
        "aws:PrincipalOrgID": by_iam["organization"].exports["organization_id"],
        "aws:PrincipalTag/plinth:persona": "data-scientist",
        "aws:PrincipalTag/plinth:team": "fraud",
    }


def test_roles_of_organization_wide_personas_require_no_team_tag(by_iam):
    role = by_iam["fraud-production"].one(ROLE, "people-auditor")
    (trust,) = statements(role, "assumeRolePolicy").values()
    assert "aws:PrincipalTag/plinth:team" not in trust["Condition"]["StringEquals"]


def test_the_permissions_boundary_of_peoples_roles_is_within_the_iam_size_limit(by_iam):
    for stack in ("identity", "audit", "data-lake", "tooling", "governance", "fraud-experimentation"):
        policy = by_iam[stack].one("aws:iam/policy:Policy", "people-ceiling").inputs["policy"]
        assert len(json.dumps(json.loads(policy), separators=(",", ":"))) <= 6144
