import json
from fnmatch import fnmatchcase

import pytest

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.baseline_roles import BaselineRoles, BaselineRolesArgs
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.permissions_boundary import PermissionsBoundary, PermissionsBoundaryArgs
from components.identity.workloads.workload_permissions import WorkloadScope
from tests.support.documents import actions, as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, BOUNDARY, KEY, ORGANIZATION, REGION, TOOLING

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
BUCKET = "arn:aws:s3:::ml"
SCOPE = WorkloadScope(
    account_id=ACCOUNT,
    region=REGION,
    bucket_arn=BUCKET,
    key_arn=KEY,
    role_prefix="fraud-development",
    team="fraud",
)
WRITES = ("Create", "Delete", "Put", "Update", "Start", "Stop", "Add", "Pass")


def roles():
    args = BaselineRolesArgs(scope=SCOPE, boundary_arn=BOUNDARY, environment="development")
    return BaselineRoles("roles", args)


def boundary():
    args = PermissionsBoundaryArgs(
        policy_name="boundary",
        account_id=ACCOUNT,
        organization_id=ORGANIZATION,
        resource_account_ids=[ACCOUNT, TOOLING],
        region=REGION,
    )
    return PermissionsBoundary("boundary", args)


def permissions(role):
    return statements(deploy(roles).one(ROLE_POLICY, f"roles-{role}-permissions"))


def test_every_role_has_the_boundary_and_the_path():
    for role in deploy(roles).all(ROLE):
        assert (role.inputs["permissionsBoundary"], role.inputs["path"]) == (BOUNDARY, "/plinth/")


def test_services_assume_roles_for_this_account_alone():
    trusts = [statements(role, "assumeRolePolicy") for role in deploy(roles).all(ROLE)]
    by_service = [
        trust["AssumedByServiceForThisAccount"] for trust in trusts if "AssumedByServiceForThisAccount" in trust
    ]
    assert len(by_service) == 2
    assert all(s["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}} for s in by_service)


@pytest.mark.parametrize("role", ["execution", "pipeline"])
def test_no_role_has_wildcard_actions_or_writes_to_all_resources(role):
    for sid, statement in permissions(role).items():
        names = as_list(statement["Action"])
        assert not [name for name in names if name.endswith(":*")], sid
        if as_list(statement["Resource"]) == ["*"] and sid != "WriteMetrics":
            assert not [name for name in names if name.split(":")[1].startswith(WRITES)], sid


def test_only_the_execution_role_can_be_passed_to_sagemaker():
    statement = permissions("pipeline")["PassOneRoleToSageMaker"]
    assert statement["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud-development-execution"
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


@pytest.mark.requirement("NET-03.c", level="permission")
def test_jobs_and_models_require_a_vpc():
    document = permissions("pipeline")
    statement = document["WorkInTheNetwork"]
    assert {"sagemaker:CreateTrainingJob", "sagemaker:CreateModel"} <= set(statement["Action"])
    assert statement["Condition"] == {"Null": {"sagemaker:VpcSubnets": "false"}}
    elsewhere = [as_list(s["Action"]) for sid, s in document.items() if sid != "WorkInTheNetwork"]
    assert not set(statement["Action"]) & {action for actions_ in elsewhere for action in actions_}


def test_key_grants_are_only_for_aws_services():
    statement = permissions("execution")["EncryptVolumes"]
    assert statement["Resource"] == KEY
    assert statement["Action"] == "kms:CreateGrant"
    assert statement["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@pytest.mark.requirement("ACC-04.b", level="permission")
def test_the_boundary_excludes_accounts_of_other_teams():
    work = statements(deploy(boundary).one(POLICY))["WorkOnKnownAccounts"]
    assert work["Condition"] == {
        "StringEquals": {"aws:ResourceOrgID": ORGANIZATION, "aws:ResourceAccount": [ACCOUNT, TOOLING]}
    }


@pytest.mark.requirement("EXP-09.a", level="permission")
def test_the_boundary_allows_only_pulling_images_published_by_aws():
    pull = statements(deploy(boundary).one(POLICY))["PullWhatAwsPublishes"]
    assert f"arn:aws:ecr:{REGION}:763104351884:repository/*" in pull["Resource"]
    assert not [action for action in pull["Action"] if action.split(":")[1].startswith(WRITES)]
    assert "Condition" not in pull


def test_the_boundary_allows_no_iam_actions_except_passing_roles():
    document = statements(deploy(boundary).one(POLICY))
    allowed = [a for s in document.values() if s["Effect"] == "Allow" for a in as_list(s["Action"])]
    assert [action for action in allowed if action.startswith(("iam:", "organizations:", "sts:Assume"))] == [
        "iam:PassRole"
    ]
    assert not [action for action in allowed if action.endswith(":*")]


def test_no_role_has_permissions_outside_the_boundary():
    allowed_by_boundary = [
        pattern
        for statement in statements(deploy(boundary).one(POLICY)).values()
        if statement["Effect"] == "Allow"
        for pattern in as_list(statement["Action"])
    ]
    for policy in deploy(roles).all(ROLE_POLICY):
        for action in actions(statements(policy)):
            assert any(fnmatchcase(action, pattern) for pattern in allowed_by_boundary), f"{policy.name}: {action}"


def test_a_managed_policy_is_within_the_limit_of_iam():
    policy = deploy(boundary).one(POLICY).inputs["policy"]
    assert len(json.dumps(json.loads(policy), separators=(",", ":"))) <= 6144


def test_the_policies_of_roles_are_within_the_limits_of_iam():
    for policy in deploy(roles).all(ROLE_POLICY):
        assert len(json.dumps(json.loads(policy.inputs["policy"]), separators=(",", ":"))) <= 10_240, policy.name


def test_a_session_duration_outside_the_limits_of_iam_is_refused():
    args = {"role_name": "r", "description": "", "permissions": [], "boundary_arn": BOUNDARY}
    with pytest.raises(ValueError, match="1 to 12"):
        BoundedRole("r", BoundedRoleArgs(trust=service_trust("ec2", account_id=ACCOUNT), session_hours=13, **args))


def test_an_allow_statement_with_not_actions_is_refused():
    with pytest.raises(ValueError, match="list the actions instead"):
        Statement(sid="Open", effect="Allow", not_actions=["iam:*"], resources=["*"])


def test_a_statement_without_actions_is_refused():
    with pytest.raises(ValueError, match="either actions or not_actions"):
        Statement(sid="Empty", resources=["*"])
