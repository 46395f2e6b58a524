import json
from fnmatch import fnmatchcase

import pytest

from components.identity.deployer.kinds import CALLS_BY_KIND
from components.identity.deployer.platform_deployer import PlatformDeployer, PlatformDeployerArgs, session_policy
from tests.support.documents import as_list, statements
from tests.support.every_stack import example_deployment, example_foundation
from tests.support.recorder import deploy
from tests.unit.components.places import ACCOUNT, ORGANIZATION, REGION

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
    """Of all its policies, by statement and place."""
    recorder = recorder or deploy(deployer)
    own = statements(recorder.one(ROLE_POLICY))
    building = {f"{sid} {place}": s for place, p in enumerate(policies(recorder)) for sid, s in statements(p).items()}
    return own | building


def policies(recorder):
    return [record for record in recorder.all(POLICY) if not record.inputs["name"].endswith("-boundary")]


def boundary(recorder):
    (found,) = (record for record in recorder.all(POLICY) if record.inputs["name"].endswith("-boundary"))
    return found


def ceiling():
    return statements(boundary(deploy(deployer)))


def left_open(recorder):
    """Patterns of actions that a ceiling leaves open."""
    allowing = (s for s in statements(boundary(recorder)).values() if s["Effect"] == "Allow")
    return [pattern for statement in allowing for pattern in as_list(statement["Action"])]


def denied_by_the_ceiling(action):
    return any(fnmatchcase(action, pattern) for pattern in as_list(ceiling()["NeverClimb"]["Action"]))


@pytest.mark.requirement("TOOL-06")
def test_only_the_runner_of_the_account_that_governs_deploys_and_only_for_a_named_person():
    (trust,) = statements(deploy(deployer).one(ROLE), "assumeRolePolicy").values()
    assert trust["Principal"] == {"AWS": f"arn:aws:iam::{GOVERNANCE}:root"}
    assert trust["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{GOVERNANCE}:role/plinth/platform-runner"},
        "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
        "Null": {"sts:SourceIdentity": "false"},
    }


def test_the_deployer_builds_in_its_account_and_regions_alone():
    making = [statement for sid, statement in permissions().items() if sid.startswith("Make ")]
    assert making
    for statement in making:
        assert statement["Condition"]["StringEquals"] == {"aws:RequestedRegion": REGION}
        assert all(f":{ACCOUNT}:" in resource for resource in as_list(statement["Resource"]))
    assert ceiling()["BuildHere"]["Condition"] == {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}


def test_only_buckets_that_go_with_their_stack_are_emptied_and_removed():
    removing = [s for s in permissions().values() if any("s3:Delete" in a for a in as_list(s["Action"]))]
    policies_aside = [s for s in removing if as_list(s["Action"]) != ["s3:DeleteBucketPolicy"]]
    assert {r for s in policies_aside if "s3:DeleteObject" in as_list(s["Action"]) for r in as_list(s["Resource"])} == {
        "arn:aws:s3:::fraud-dev-*",
        "arn:aws:s3:::fraud-dev-*/*",
    }


def test_every_role_that_the_deployer_makes_has_a_boundary_of_the_foundation():
    making = permissions()["MakeBoundedRoles"]
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
def test_the_deployer_has_no_way_up(action):
    assert denied_by_the_ceiling(action)


def test_the_deployer_reaches_neither_itself_nor_the_roles_of_people():
    untouchable = ceiling()["NeverItselfNorPeople"]
    for role in ("platform-deployer", "platform-runner", "sign-in/saml", "people-fraud-development-auditor"):
        arn = f"arn:aws:iam::{ACCOUNT}:role/plinth/{role}"
        assert any(fnmatchcase(arn, pattern) for pattern in untouchable["Resource"]), role
    for action in ("iam:PutRolePolicy", "iam:UpdateRole", "iam:DeleteRole", "iam:PassRole"):
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
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreatePresignedDomainUrl",
        "sagemaker:UpdateModelPackage",
    ],
)
@pytest.mark.requirement("PER-07")
def test_who_deploys_reads_no_data_runs_no_work_and_approves_nothing(action):
    allowed = [p for s in permissions().values() for p in as_list(s["Action"])]
    assert not [pattern for pattern in allowed if fnmatchcase(action, pattern)]


def test_the_deployer_gives_services_the_roles_of_the_accounts_own_stacks():
    passing = permissions()["PassRoles"]
    assert passing["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud-development-*"
    assert "iam:PassedToService" in passing["Condition"]["StringEquals"]


@pytest.mark.parametrize("hosts", [["development"], list(CALLS_BY_KIND)], ids=["one kind", "all kinds"])
def test_the_deployer_asks_for_nothing_that_its_ceiling_lacks(hosts):
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
def test_of_services_named_by_what_stacks_make_the_ceiling_opens_nothing_else(action):
    within = left_open(deploy(lambda: deployer(list(CALLS_BY_KIND))))
    assert not [pattern for pattern in within if fnmatchcase(action, pattern)]


def test_where_accounts_last_the_ceiling_removes_neither_what_finds_nor_what_is_asked_of_passwords():
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
def test_policies_of_the_deployer_fit_what_iam_takes(hosts):
    recorder = deploy(lambda: deployer(hosts))
    longest = {boundary(recorder).name: 6144, recorder.one(ROLE_POLICY).name: 10_240}
    longest |= {policy.name: 6144 for policy in policies(recorder)}
    for record in (*recorder.all(POLICY), recorder.one(ROLE_POLICY)):
        length = len(json.dumps(json.loads(record.inputs["policy"]), separators=(",", ":")))
        assert length <= longest[record.name], (record.name, length)
    assert len(recorder.all(ATTACHMENT)) == len(policies(recorder)) <= 10


def test_the_deployer_is_known_once_it_may_build():
    recorder = deploy(deployer)
    (component,) = (r for r in recorder.records if r.type == "plinth:identity:PlatformDeployer")
    assert recorder.outputs[component.urn]["arn"].endswith("role/plinth/platform-deployer")


def test_a_session_of_the_runner_works_in_the_account_it_asked_for_and_in_no_other():
    (statement,) = session_policy(ACCOUNT)
    assert statement.conditions == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}


def test_what_a_runner_asks_for_fits_what_sts_takes_with_a_session():
    document = {"Version": "2012-10-17", "Statement": [statement.as_json() for statement in session_policy(ACCOUNT)]}
    assert len(json.dumps(document, separators=(",", ":"))) <= 2048


@pytest.mark.requirement("GOV-03")
def test_every_account_but_the_management_account_admits_the_deployer_once():
    foundation = example_foundation()
    owners = [account.label for account in foundation.accounts if account.kind not in ("organization", "network")]
    with_deployer = [
        stack
        for stack, recorder in example_deployment().items()
        if [role for role in recorder.all(ROLE) if role.inputs["name"] == "platform-deployer"]
    ]
    assert sorted(set(with_deployer) - {"network"}) == sorted(owners)


@pytest.mark.requirement("DL-06")
def test_who_deploys_grants_data_in_the_lakes_account_and_in_no_other():
    granting = {
        stack
        for stack, recorder in example_deployment().items()
        for record in (*recorder.all(ROLE_POLICY), *recorder.all(POLICY))
        if "lakeformation:GrantPermissions" in record.inputs["policy"]
    }
    assert granting == {"data-lake"}
