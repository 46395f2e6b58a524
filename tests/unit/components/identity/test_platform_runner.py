import json

import pytest

from components.identity.deployer.platform_runner import PlatformRunner, PlatformRunnerArgs, RequestBuilds
from tests.support.documents import statements
from tests.support.every_stack import Deployment, example_deployment, example_foundation, example_organization
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, KEY, ORGANIZATION, REGION, TOOLING

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
LARGEST_ROLE_POLICY, LARGEST_POLICY = 10_240, 6144


def runner(**changes):
    given = {"account_id": ACCOUNT, "organization_id": ORGANIZATION, "region": REGION, "key_arn": KEY}
    args = PlatformRunnerArgs(**given | changes)
    return PlatformRunner("runner", args)


@pytest.mark.requirement("GOV-03")
@pytest.mark.parametrize("preview", [False, True])
def test_the_runner_has_a_role_a_boundary_and_a_log_group(preview):
    recorder = deploy(runner, preview=preview)
    assert sorted(record.type for record in recorder.resources) == sorted([LOG_GROUP, POLICY, ROLE, ROLE_POLICY])
    role = recorder.one(ROLE)
    assert (role.inputs["name"], role.inputs["path"]) == ("platform-runner", "/plinth/")
    assert recorder.one(POLICY).inputs["name"] == "platform-runner-boundary"
    assert recorder.one(POLICY).urn in role.made_from["permissionsBoundary"]


@pytest.mark.parametrize("preview", [False, True])
def test_only_tasks_of_this_account_get_the_role(preview):
    (trust,) = statements(deploy(runner, preview=preview).one(ROLE), "assumeRolePolicy").values()
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert trust["Action"] == "sts:AssumeRole"
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"},
    }


@pytest.mark.requirement("PER-16.c")
def test_the_runner_only_assumes_deployers_for_a_named_person_and_writes_its_log():
    recorder = deploy(runner)
    own = statements(recorder.one(ROLE_POLICY))
    assert own.keys() == {"EnterAsDeployerForSomebody", "WriteTheOwnLog"}
    entering = own["EnterAsDeployerForSomebody"]
    assert entering["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]
    assert entering["Resource"] == "arn:aws:iam::*:role/plinth/platform-deployer"
    assert entering["Condition"] == {
        "StringEquals": {"aws:ResourceOrgID": ORGANIZATION},
        "Null": {"sts:SourceIdentity": "false"},
    }
    assert own["WriteTheOwnLog"]["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert own["WriteTheOwnLog"]["Resource"].endswith(":log-group:/plinth/platform-runner:*")


def test_builds_read_the_one_secret_that_the_settings_name():
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:plinth/workflows-a1B2c3"

    def building(workflows_secret=None, workflows_key_secret=None):
        builds = RequestBuilds(
            management_account_id="111111111111",
            tooling_account_id=TOOLING,
            workflows_secret=workflows_secret,
            workflows_key_secret=workflows_key_secret,
        )
        return statements(deploy(lambda: runner(builds=builds)).one(ROLE_POLICY))

    read = building(secret)["ReadTheConnectionString"]
    assert (read["Action"], read["Resource"]) == ("secretsmanager:GetSecretValue", secret)
    assert "ReadTheConnectionString" not in building()
    assert "KeepTheKeyOfWorkflows" not in building(secret)
    key_secret = secret.replace("workflows-", "workflows-key-")
    kept = building(secret, key_secret)
    assert kept["KeepTheKeyOfWorkflows"]["Action"] == ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
    assert kept["KeepTheKeyOfWorkflows"]["Resource"] == key_secret
    encrypting = kept["EncryptTheKeyOfWorkflows"]
    assert (encrypting["Action"], encrypting["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey"], KEY)
    through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}
    assert encrypting["Condition"] == through
    decrypting = building(secret)["DecryptTheConnectionString"]
    assert (decrypting["Action"], decrypting["Resource"], decrypting["Condition"]) == ("kms:Decrypt", KEY, through)


def test_the_boundary_of_the_runner_equals_its_permissions():
    recorder = deploy(runner)
    assert statements(recorder.one(POLICY)) == statements(recorder.one(ROLE_POLICY))


@pytest.mark.parametrize(("type_", "most"), [(ROLE_POLICY, LARGEST_ROLE_POLICY), (POLICY, LARGEST_POLICY)])
def test_policies_of_the_runner_are_within_the_limits_of_iam(type_, most):
    document = json.loads(deploy(runner).one(type_).inputs["policy"])
    assert len(json.dumps(document, separators=(",", ":"))) <= most


def test_the_log_group_of_the_runner_is_encrypted_protected_and_kept_for_a_year():
    group = deploy(runner).one(LOG_GROUP)
    assert (group.inputs["kmsKeyId"], group.inputs["retentionInDays"]) == (KEY, 365)
    assert group.protect


def test_the_arn_of_the_runner_is_known_once_it_may_assume_deployers():
    recorder = deploy(runner)
    (component,) = (r for r in recorder.records if r.type == "plinth:identity:PlatformRunner")
    assert recorder.outputs[component.urn]["arn"].endswith("role/plinth/platform-runner")


@pytest.mark.requirement("GOV-03")
def test_only_the_governance_account_has_the_role_that_deployers_trust():
    found = {
        stack: [role.computed["arn"] for role in recorder.all(ROLE) if role.inputs["name"] == "platform-runner"]
        for stack, recorder in example_deployment().items()
    }
    ((stack, (arn,)),) = ((stack, arns) for stack, arns in found.items() if arns)
    assert stack == "governance"
    assert example_deployment()["governance"].exports["runner_role_arn"] == arn
    deployers = [
        role
        for recorder in example_deployment().values()
        for role in recorder.all(ROLE)
        if role.inputs["name"] == "platform-deployer"
    ]
    assert len(deployers) > 1
    for deployer in deployers:
        trust = statements(deployer, "assumeRolePolicy").values()
        assert [statement["Condition"]["ArnEquals"]["aws:PrincipalArn"] for statement in trust] == [arn, arn]


def test_without_target_accounts_there_is_no_runner():
    foundation = example_foundation(organization=example_organization(placement="small"), teams=[])
    recorder = Deployment(foundation)["governance"]
    assert not [role for role in recorder.all(ROLE) if role.inputs["name"] == "platform-runner"]
    assert recorder.exports.get("runner_role_arn") is None
    sids = {sid for endpoint in recorder.all("aws:ec2/vpcEndpoint:VpcEndpoint") for sid in statements(endpoint)}
    assert not [sid for sid in sids if sid.startswith("Deployers")]
