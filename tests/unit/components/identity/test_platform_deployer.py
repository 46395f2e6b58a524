import json
from fnmatch import fnmatchcase

import pytest

from components.identity.deployer.kinds import CALLS_BY_KIND
from components.identity.deployer.platform_deployer import PlatformDeployer, PlatformDeployerArgs
from tests.support.documents import as_list, statements
from tests.support.every_stack import example_deployment, example_foundation
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, ORGANIZATION, REGION

GOVERNANCE = "888888888888"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def deployer(hosts=("development",)):
    args = PlatformDeployerArgs(
        hosts=hosts,
        account_id=ACCOUNT,
        organization_id=ORGANIZATION,
        governance_account_id=GOVERNANCE,
        regions=[REGION],
        passed_roles=["fraud-development-*"],
        removable_buckets=["fraud-dev-*"],
    )
    return PlatformDeployer("deployer", args)


def permissions(recorder=None):
    """Returns the statements of all policies of the deployer, by statement id and policy number."""
    recorder = recorder or deploy(deployer)
    own = statements(recorder.one(ROLE_POLICY, "deployer-permissions"))
    building = {f"{sid} {place}": s for place, p in enumerate(policies(recorder)) for sid, s in statements(p).items()}
    return own | building


def policies(recorder):
    managed = [record for record in recorder.all(POLICY) if not record.inputs["name"].endswith("-boundary")]
    return [recorder.one(ROLE_POLICY, "deployer-builds-1"), *managed]


def boundary(recorder):
    (found,) = (record for record in recorder.all(POLICY) if record.inputs["name"].endswith("-boundary"))
    return found


def boundary_statements():
    return statements(boundary(deploy(deployer)))


def left_open(recorder):
    """Returns the action patterns that a boundary allows and does not deny."""
    allowing = (s for s in statements(boundary(recorder)).values() if s["Effect"] == "Allow")
    return [pattern for statement in allowing for pattern in as_list(statement["Action"])]


def is_denied_by_boundary(action):
    return any(fnmatchcase(action, pattern) for pattern in as_list(boundary_statements()["NeverClimb"]["Action"]))


@pytest.mark.requirement("TOOL-06.c")
def test_only_the_runner_assumes_the_deployer_and_only_for_a_named_person():
    trust = statements(deploy(deployer).one(ROLE), "assumeRolePolicy")
    assert {str(statement["Principal"]) for statement in trust.values()} == {
        str({"AWS": f"arn:aws:iam::{GOVERNANCE}:root"})
    }
    of_the_runner = {
        "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{GOVERNANCE}:role/plinth/platform-runner"},
        "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
    }
    assumed = trust["AssumedByTheRunnerForSomebody"]
    assert assumed["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]
    assert assumed["Condition"] == of_the_runner | {"Null": {"sts:SourceIdentity": "false"}}
    assert trust["TaggedByTheRunner"]["Action"] == "sts:TagSession"
    assert trust["TaggedByTheRunner"]["Condition"] == of_the_runner


def test_the_deployer_creates_resources_only_in_its_account_and_regions():
    making = [statement for sid, statement in permissions().items() if sid.startswith("Make ")]
    assert making
    for statement in making:
        assert statement["Condition"]["StringEquals"] == {"aws:RequestedRegion": REGION}
        assert all(f":{ACCOUNT}:" in resource for resource in as_list(statement["Resource"]))
    assert boundary_statements()["BuildHere"]["Condition"] == {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}


def test_only_removable_buckets_can_be_emptied_and_deleted():
    removing = [s for s in permissions().values() if any("s3:Delete" in a for a in as_list(s["Action"]))]
    policies_aside = [s for s in removing if as_list(s["Action"]) != ["s3:DeleteBucketPolicy"]]
    assert {r for s in policies_aside if "s3:DeleteObject" in as_list(s["Action"]) for r in as_list(s["Resource"])} == {
        "arn:aws:s3:::fraud-dev-*",
        "arn:aws:s3:::fraud-dev-*/*",
    }


def test_every_role_that_the_deployer_creates_or_takes_policies_from_has_a_boundary_of_the_foundation():
    making = permissions()["MakeBoundedRoles"]
    assert {"iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"} < set(making["Action"])
    assert making["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/plinth/*"
    assert making["Condition"] == {
        "ArnLike": {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/plinth/*-boundary"}
    }


@pytest.mark.parametrize(
    "action",
    [
        "iam:AttachRolePolicy",
        "iam:CreateAccessKey",
        "iam:CreatePolicy",
        "iam:CreatePolicyVersion",
        "iam:DeleteRolePermissionsBoundary",
        "iam:PutRolePermissionsBoundary",
        "iam:SetDefaultPolicyVersion",
        "iam:UpdateAssumeRolePolicy",
        "organizations:LeaveOrganization",
        "sso:CreateAccountAssignment",
        "sts:AssumeRole",
    ],
)
def test_the_deployer_cannot_escalate_its_privileges(action):
    assert is_denied_by_boundary(action)


def test_the_deployer_cannot_change_itself_or_the_roles_of_people():
    untouchable = boundary_statements()["NeverItselfNorPeople"]
    for role in ("platform-deployer", "platform-runner", "sign-in/saml", "people-fraud-development-auditor"):
        arn = f"arn:aws:iam::{ACCOUNT}:role/plinth/{role}"
        assert any(fnmatchcase(arn, pattern) for pattern in untouchable["Resource"]), role
    for action in ("iam:PutRolePolicy", "iam:DetachRolePolicy", "iam:UpdateRole", "iam:DeleteRole", "iam:PassRole"):
        assert any(fnmatchcase(action, pattern) for pattern in untouchable["Action"]), action


@pytest.mark.parametrize(
    "action",
    [
        "s3:GetObject",
        "s3:PutObject",
        "dynamodb:GetItem",
        "kms:Decrypt",
        "logs:GetLogEvents",
        "athena:StartQueryExecution",
        "secretsmanager:GetSecretValue",
        "sagemaker:CreateApp",
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreatePresignedDomainUrl",
        "sagemaker:UpdateModelPackage",
    ],
)
@pytest.mark.requirement("PER-07.c", "PER-07.d")
def test_the_deployer_reads_no_data_runs_no_workloads_and_approves_nothing(action):
    allowed = [p for s in permissions().values() for p in as_list(s["Action"])]
    assert not [pattern for pattern in allowed if fnmatchcase(action, pattern)]


@pytest.mark.parametrize(("kind", "may"), [("development", True), ("production", False)])
def test_the_deployer_deletes_apps_only_where_people_have_studio(kind, may):
    allowed = [p for s in permissions(deploy(lambda: deployer([kind]))).values() for p in as_list(s["Action"])]
    assert any(fnmatchcase("sagemaker:DeleteApp", pattern) for pattern in allowed) is may
    assert not may or any(fnmatchcase("sagemaker:ListApps", pattern) for pattern in allowed)


def test_the_deployer_passes_only_roles_of_its_own_stacks():
    passing = permissions()["PassRoles"]
    assert passing["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud-development-*"
    assert "iam:PassedToService" in passing["Condition"]["StringEquals"]


@pytest.mark.parametrize("hosts", [["development"], list(CALLS_BY_KIND)], ids=["one kind", "all kinds"])
def test_the_boundary_allows_all_permissions_of_the_deployer(hosts):
    recorder = deploy(lambda: deployer(hosts))
    within = left_open(recorder)
    asked = [action for statement in permissions(recorder).values() for action in as_list(statement["Action"])]
    assert not [action for action in asked if not any(fnmatchcase(action, pattern) for pattern in within)]


@pytest.mark.parametrize(
    "action",
    [
        "athena:CreateNotebook",
        "athena:GetQueryResults",
        "events:CreateApiDestination",
        "events:CreateConnection",
        "events:PutEvents",
        "lakeformation:CreateLakeFormationOptIn",
        "lakeformation:GetTemporaryDataLocationCredentials",
        "network-firewall:AcceptNetworkFirewallTransitGatewayAttachment",
        "route53resolver:CreateResolverEndpoint",
        "route53resolver:PutResolverRulePolicy",
    ],
)
def test_the_boundary_allows_no_other_actions_of_services_matched_by_type(action):
    within = left_open(deploy(lambda: deployer(list(CALLS_BY_KIND))))
    assert not [pattern for pattern in within if fnmatchcase(action, pattern)]


def test_the_deployer_uses_keys_of_repositories_through_codecommit_and_no_other_keys():
    through = {"kms:ViaService": "codecommit.*.amazonaws.com"}
    with_repositories = statements(boundary(deploy(lambda: deployer(["tooling"]))))
    without = statements(boundary(deploy(lambda: deployer(["audit"]))))
    assert with_repositories["NeverDecrypt"]["Condition"] == {"StringNotLike": through}
    assert {"kms:*crypt*", "kms:GenerateDataKey*"} == {*with_repositories["NeverDecrypt"]["Action"]}
    assert {"kms:*crypt*", "kms:GenerateDataKey*"} <= {*without["NeverClimb"]["Action"]}
    assert "Condition" not in without["NeverClimb"]
    (use,) = (
        statement
        for policy in policies(deploy(lambda: deployer(["tooling"])))
        for sid, statement in statements(policy).items()
        if sid == "UseKeysOfRepositories"
    )
    assert use["Condition"] == {"StringEquals": {"aws:ResourceTag/plinth:stack": "tooling"}, "StringLike": through}


def test_in_durable_accounts_detectors_and_password_policy_cannot_be_deleted():
    within = left_open(deploy(lambda: deployer(["audit"])))
    kept = ("access-analyzer:DeleteAnalyzer", "guardduty:DeleteDetector", "iam:DeleteAccountPasswordPolicy")
    assert not [action for action in kept for pattern in within if fnmatchcase(action, pattern)]


@pytest.mark.parametrize(
    "hosts",
    [
        *([kind] for kind in CALLS_BY_KIND),
        ["audit", "network", "data-lake", "tooling", "governance"],
        list(CALLS_BY_KIND),
    ],
    ids=", ".join,
)
def test_policies_of_the_deployer_are_within_the_limits_of_iam(hosts):
    recorder = deploy(lambda: deployer(hosts))
    lengths = {
        (record.type, record.name): len(json.dumps(json.loads(record.inputs["policy"]), separators=(",", ":")))
        for record in (*recorder.all(POLICY), *recorder.all(ROLE_POLICY))
    }
    assert not {key: length for key, length in lengths.items() if key[0] == POLICY and length > 6144}
    assert sum(length for (type_, _), length in lengths.items() if type_ == ROLE_POLICY) <= 10_240
    assert len(recorder.all(ATTACHMENT)) == len(policies(recorder)) - 1 <= 10


def test_the_arn_of_the_deployer_is_known_once_its_policies_are_attached():
    recorder = deploy(deployer)
    (component,) = (r for r in recorder.records if r.type == "plinth:identity:PlatformDeployer")
    assert recorder.outputs[component.urn]["arn"].endswith("role/plinth/platform-deployer")


@pytest.mark.requirement("GOV-03")
def test_every_account_except_management_has_one_deployer():
    foundation = example_foundation()
    owners = [account.label for account in foundation.accounts if account.kind not in ("organization", "network")]
    with_deployer = [
        stack
        for stack, recorder in example_deployment().items()
        if [role for role in recorder.all(ROLE) if role.inputs["name"] == "platform-deployer"]
    ]
    assert sorted(set(with_deployer) - {"network"}) == sorted(owners)


@pytest.mark.requirement("DL-06.a")
def test_deployers_grant_data_access_only_in_the_lake_account():
    granting = {
        stack
        for stack, recorder in example_deployment().items()
        for record in (*recorder.all(ROLE_POLICY), *recorder.all(POLICY))
        if "lakeformation:GrantPermissions" in record.inputs["policy"]
    }
    assert granting == {"data-lake"}
