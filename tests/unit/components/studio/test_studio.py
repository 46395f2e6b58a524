from ipaddress import IPv4Network

import pytest

from components.identity.workloads.workload_permissions import WorkloadScope
from components.studio.app_security_group import AppSecurityGroup, AppSecurityGroupArgs
from components.studio.studio_domain import StudioDomain, StudioDomainArgs
from components.studio.studio_user import StudioUser, StudioUserArgs
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.places import ACCOUNT, BOUNDARY, KEY, REGION

DOMAIN = "aws:sagemaker/domain:Domain"
PROFILE = "aws:sagemaker/userProfile:UserProfile"
SPACE = "aws:sagemaker/space:Space"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
WORK = "arn:aws:s3:::work"
SCOPE = WorkloadScope(
    account_id=ACCOUNT,
    region=REGION,
    bucket_arn="arn:aws:s3:::ml",
    key_arn=KEY,
    role_prefix="fraud-experimentation",
    team="fraud",
)
OFF = {"status": "DISABLED"}
CANVAS_OFF = {
    f"{part}Settings": OFF
    for part in ("directDeploy", "emrServerless", "kendra", "modelRegister", "timeSeriesForecasting")
}
both_modes = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


def studio(**changes):
    args = {
        "domain_name": "fraud-experimentation",
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_id": "sg-1",
        "key_arn": KEY,
        "default_role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/nobody",
        "sign_in": "identity-center",
    }
    return StudioDomain("studio", StudioDomainArgs(**args | changes))


def user(**changes):
    args = {
        "user": "ada",
        "sign_in": "identity-center",
        "domain_id": "d-1",
        "vpc_id": "vpc-1",
        "app_security_group_id": "sg-doors",
        "environment": SCOPE,
        "bucket_arn": WORK,
        "boundary_arn": BOUNDARY,
        "role_name": "fraud-experimentation-studio-ada",
        "experiments": True,
        "apps": ("jupyterlab", "code-editor"),
        "instance_types": ("ml.t3.medium", "ml.g4dn.xlarge"),
        "volume_gib": 20,
        "max_volume_gib": 100,
    }
    return StudioUser("user-ada", StudioUserArgs(**args | changes))


def permissions(**changes):
    return statements(deploy(lambda: user(**changes)).one(ROLE_POLICY))


def actions(document):
    return {action for statement in document.values() for action in as_list(statement["Action"])}


@pytest.mark.requirement("EXP-01", "NET-03")
def test_the_domain_is_in_the_private_subnets_and_reaches_nothing_else():
    domain = deploy(studio).one(DOMAIN).inputs
    assert domain["appNetworkAccessType"] == "VpcOnly"
    assert domain["subnetIds"] == ["subnet-1", "subnet-2"]
    assert domain["defaultUserSettings"]["securityGroups"] == ["sg-1"]


def test_homes_and_volumes_are_encrypted_with_the_customers_key():
    assert deploy(studio).one(DOMAIN).inputs["kmsKeyId"] == KEY


def test_what_lets_data_out_is_off():
    domain = deploy(studio).one(DOMAIN).inputs
    assert domain["domainSettings"]["dockerSettings"] == {"enableDockerAccess": "DISABLED"}
    assert domain["defaultUserSettings"]["sharingSettings"] == {"notebookOutputOption": "Disabled"}
    assert domain["defaultUserSettings"]["canvasAppSettings"] == CANVAS_OFF


def test_containers_start_from_the_listed_accounts_alone():
    settings = deploy(lambda: studio(docker_accounts=["333333333333"])).one(DOMAIN).inputs["domainSettings"]
    assert settings["dockerSettings"] == {"enableDockerAccess": "ENABLED", "vpcOnlyTrustedAccounts": ["333333333333"]}
    with pytest.raises(ValueError, match="at most 20"):
        studio(docker_accounts=["333333333333"] * 21)


@pytest.mark.requirement("EXP-10")
def test_apps_that_no_pipeline_follows_are_hidden():
    portal = deploy(studio).one(DOMAIN).inputs["defaultUserSettings"]["studioWebPortalSettings"]
    assert "Canvas" in portal["hiddenAppTypes"]


@pytest.mark.requirement("ACC-08")
def test_homes_go_with_the_domain_unless_they_are_to_be_kept():
    kept = {keep: deploy(lambda keep=keep: studio(keep_homes=keep)).one(DOMAIN) for keep in (True, False)}
    policies = {keep: record.inputs["retentionPolicy"]["homeEfsFileSystem"] for keep, record in kept.items()}
    assert policies == {True: "Retain", False: "Delete"}


def test_an_idle_app_stops_and_nobody_can_put_it_off():
    settings = deploy(lambda: studio(idle_timeout_minutes=90)).one(DOMAIN).inputs["defaultUserSettings"]
    for app in ("jupyterLabAppSettings", "codeEditorAppSettings"):
        assert settings[app]["appLifecycleManagement"]["idleSettings"] == {
            "lifecycleManagement": "ENABLED",
            "idleTimeoutInMinutes": 90,
            "maxIdleTimeoutInMinutes": 90,
        }


def test_the_trail_names_the_person():
    assert deploy(studio).one(DOMAIN).inputs["domainSettings"]["executionRoleIdentityConfig"] == "USER_PROFILE_NAME"


@pytest.mark.parametrize("minutes", [59, 525_601])
def test_an_idle_timeout_that_sagemaker_does_not_take_is_refused(minutes):
    with pytest.raises(ValueError, match="60 to 525,600"):
        studio(idle_timeout_minutes=minutes)


@both_modes
def test_a_person_has_a_profile_a_role_a_group_and_a_space_for_each_app(preview):
    recorder = deploy(user, preview=preview)
    assert sorted(record.name for record in recorder.resources) == [
        "user-ada",
        "user-ada-apps",
        "user-ada-code-editor",
        "user-ada-jupyterlab",
        "user-ada-role",
        "user-ada-role-permissions",
    ]


def test_with_identity_center_a_profile_belongs_to_the_user_of_that_name():
    profile = deploy(user).one(PROFILE).inputs
    assert (profile["singleSignOnUserIdentifier"], profile["singleSignOnUserValue"]) == ("UserName", "ada")


@pytest.mark.requirement("PER-16")
def test_with_iam_a_profile_names_no_identity_center_user():
    assert deploy(studio, preview=False).one(DOMAIN).inputs["authMode"] == "SSO"
    assert deploy(lambda: studio(sign_in="iam")).one(DOMAIN).inputs["authMode"] == "IAM"
    assert "singleSignOnUserValue" not in deploy(lambda: user(sign_in="iam")).one(PROFILE).inputs


def test_a_profile_works_with_its_own_role_in_its_own_group_beside_the_doors():
    recorder = deploy(user)
    settings = recorder.one(PROFILE).inputs["userSettings"]
    assert settings["executionRole"].endswith(":role/plinth/fraud-experimentation-studio-ada")
    assert settings["securityGroups"] == [recorder.one(GROUP).id, "sg-doors"]


def test_the_own_group_connects_the_persons_apps_and_nothing_else():
    group = deploy(user).one(GROUP).inputs
    for rule in (*group["ingress"], *group["egress"]):
        assert rule["self"] is True
        assert not {"cidrBlocks", "securityGroups", "prefixListIds"} & set(rule)


def test_a_space_is_private_and_begins_with_the_first_instance_type():
    for space in deploy(user).all(SPACE):
        assert space.inputs["spaceSharingSettings"] == {"sharingType": "Private"}
        assert space.inputs["ownershipSettings"] == {"ownerUserProfileName": "ada"}
        settings = space.inputs["spaceSettings"]
        (spec,) = [value for key, value in settings.items() if key.endswith("AppSettings")]
        assert spec == {"defaultResourceSpec": {"instanceType": "ml.t3.medium"}}
        assert settings["spaceStorageSettings"] == {"ebsStorageSettings": {"ebsVolumeSizeInGb": 20}}


@pytest.mark.requirement("EXP-12")
def test_what_people_choose_for_their_space_is_not_taken_back():
    for space in deploy(user).all(SPACE):
        settings = space.inputs["spaceSettings"]
        (app,) = [key for key in settings if key.endswith("AppSettings")]
        assert f"spaceSettings.{app}.defaultResourceSpec" in space.ignore_changes
        assert "spaceSettings.spaceStorageSettings" in space.ignore_changes


def test_the_volume_grows_as_far_as_the_limit():
    storage = deploy(user).one(PROFILE).inputs["userSettings"]["spaceStorageSettings"]
    assert storage == {"defaultEbsStorageSettings": {"defaultEbsVolumeSizeInGb": 20, "maximumEbsVolumeSizeInGb": 100}}


@pytest.mark.requirement("EXP-12")
def test_apps_start_on_instances_of_the_limit_alone():
    start = permissions()["StartOwnApps"]
    assert start["Condition"]["ForAnyValue:StringEquals"] == {
        "sagemaker:InstanceTypes": ["ml.t3.medium", "ml.g4dn.xlarge"]
    }
    others = [statement for sid, statement in permissions().items() if sid != "StartOwnApps"]
    assert "sagemaker:CreateApp" not in {action for s in others for action in as_list(s["Action"])}


def test_apps_start_in_spaces_of_ones_own_and_nobody_makes_spaces_by_hand():
    document = permissions()
    own = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/d-1/ada"
    for sid in ("StartOwnApps", "ChangeOwnSpaces"):
        assert document[sid]["Condition"]["ArnEquals"] == {"sagemaker:OwnerUserProfileArn": own}
        assert document[sid]["Condition"]["StringEquals"] == {"sagemaker:SpaceSharingType": "Private"}
    assert document["OwnDoor"]["Resource"] == own.replace("/ada", "/${sagemaker:UserProfileName}")
    assert not {"sagemaker:CreateSpace", "sagemaker:DeleteSpace"} & actions(document)


@pytest.mark.requirement("EXP-02", "EXP-03")
@pytest.mark.parametrize("experiments", [True, False])
def test_a_person_writes_the_own_prefix_and_what_is_shared_and_nothing_else(experiments):
    document = permissions(experiments=experiments)
    writing = {sid: s for sid, s in document.items() if "s3:PutObject" in as_list(s["Action"])}
    assert {sid: as_list(s["Resource"]) for sid, s in writing.items()} == {
        "KeepOwnWork": [f"{WORK}/users/ada/*", f"{WORK}/shared/*"]
    }


@pytest.mark.requirement("DEV-02")
def test_people_start_jobs_in_experiments_and_only_look_on_elsewhere():
    assert "sagemaker:CreateTrainingJob" in actions(permissions(experiments=True))
    looking_on = actions(permissions(experiments=False))
    assert not {"sagemaker:CreateTrainingJob", "sagemaker:CreateModel", "iam:PassRole"} & looking_on


@pytest.mark.requirement("EXP-08")
def test_models_are_tried_from_studio_in_experiments_alone():
    trials = {"sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig", "sagemaker:InvokeEndpoint"}
    assert trials <= actions(permissions(experiments=True))
    assert not trials & actions(permissions(experiments=False))


@pytest.mark.requirement("EXP-08")
def test_a_trial_says_whose_it_is_and_keeps_what_it_keeps_under_the_environments_key():
    document = permissions()
    assert document["StartTrials"]["Condition"] == {
        "StringEquals": {"aws:RequestTag/plinth:team": "${aws:PrincipalTag/plinth:team}"}
    }
    assert document["EncryptWhatTrialsKeep"]["Condition"] == {"ArnEquals": {"sagemaker:VolumeKmsKey": KEY}}


@pytest.mark.requirement("DEV-02")
def test_outside_experiments_people_change_nothing_but_their_apps_and_own_work():
    own = {"StartOwnApps", "ChangeOwnSpaces", "TagWhatIsMade", "EncryptSpaces", "OwnDoor", "KeepOwnWork", "EncryptData"}
    allowed = actions({sid: said for sid, said in permissions(experiments=False).items() if sid not in own})
    changing = ("Create", "Delete", "Put", "Update", "Start", "Stop", "Add", "Pass")
    assert not [action for action in allowed if action.split(":")[1].startswith(changing)]
    assert not {action for action in allowed if action.startswith("s3:GetObject")}


def test_jobs_act_with_the_role_of_who_starts_them_and_with_no_other():
    statement = permissions()["PassOneRoleToSageMaker"]
    assert statement["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud-experimentation-studio-ada"
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_volumes_get_the_environments_key_and_nobody_else_does():
    statement = permissions()["EncryptSpaces"]
    assert (statement["Resource"], statement["Action"]) == (KEY, "kms:CreateGrant")
    assert statement["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_people_tag_what_they_make_and_retag_nothing():
    assert permissions()["TagWhatIsMade"]["Condition"] == {"Null": {"sagemaker:TaggingAction": "false"}}


@pytest.mark.requirement("COST-02")
def test_profile_and_spaces_say_whom_they_cost():
    recorder = deploy(user)
    for record in (*recorder.all(PROFILE), *recorder.all(SPACE), *recorder.all(GROUP)):
        assert record.inputs["tags"]["plinth:user"] == "ada"


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"instance_types": ()}, "at least 1"), ({"volume_gib": 4}, "5 to 16,384"), ({"max_volume_gib": 10}, "out of")],
)
def test_limits_that_sagemaker_does_not_take_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        user(**changes)


def doors(**changes):
    args = {
        "label": "fraud-experimentation",
        "vpc_id": "vpc-1",
        "endpoint_security_group_id": "sg-endpoints",
        "gateway_prefix_list_ids": ["pl-s3", "pl-dynamodb"],
    }
    return AppSecurityGroup("studio-apps", AppSecurityGroupArgs(**args | changes))


@pytest.mark.requirement("EXP-01")
@both_modes
def test_apps_reach_endpoints_by_https_and_nothing_else(preview):
    group = deploy(doors, preview=preview).one(GROUP).inputs
    assert "ingress" not in group
    reached = [rule.get(key) for rule in group["egress"] for key in ("securityGroups", "prefixListIds", "cidrBlocks")]
    assert [names for names in reached if names] == [["sg-endpoints"], ["pl-s3", "pl-dynamodb"]]
    assert {(rule["protocol"], rule["fromPort"], rule["toPort"]) for rule in group["egress"]} == {("tcp", 443, 443)}


@pytest.mark.requirement("EXP-05")
def test_apps_reach_the_internet_only_where_it_is_switched_on():
    on, off = (deploy(lambda internet=internet: doors(internet=internet)).one(GROUP) for internet in (True, False))
    assert ["0.0.0.0/0"] in [rule.get("cidrBlocks") for rule in on.inputs["egress"]]
    assert ["0.0.0.0/0"] not in [rule.get("cidrBlocks") for rule in off.inputs["egress"]]


def test_apps_reach_the_networks_own_endpoints_beside_the_shared_ones():
    egress = deploy(lambda: doors(endpoints_cidr=IPv4Network("10.0.8.0/21"))).one(GROUP).inputs["egress"]
    assert ["sg-endpoints"] in [rule.get("securityGroups") for rule in egress]
    assert ["10.0.8.0/21"] in [rule.get("cidrBlocks") for rule in egress]


def test_endpoints_are_named_in_one_way_at_least():
    with pytest.raises(ValueError, match="neither"):
        doors(endpoint_security_group_id=None)


def test_canvas_is_refused_to_whoever_does_not_have_it():
    assert "OpenCanvas" not in permissions()
    own = permissions()["StartOwnApps"]
    assert "sagemaker:SpaceSharingType" in own["Condition"]["StringEquals"]  # which an app outside a space has not


@pytest.mark.requirement("EXP-10")
@both_modes
def test_canvas_works_in_the_persons_own_prefix_and_registers_serves_and_calls_nothing(preview):
    settings = deploy(lambda: user(canvas=True), preview=preview).one(PROFILE).inputs["userSettings"]
    assert "Canvas" not in settings["studioWebPortalSettings"]["hiddenAppTypes"]
    workspace = {"s3ArtifactPath": "s3://work/users/ada/canvas", "s3KmsKeyId": KEY}
    assert settings["canvasAppSettings"] == {**CANVAS_OFF, "workspaceSettings": workspace}
    assert "studioWebPortalSettings" not in deploy(user).one(PROFILE).inputs["userSettings"]


@pytest.mark.requirement("EXP-10")
def test_whoever_has_canvas_opens_the_own_one_and_looks_for_models_in_the_network():
    document = permissions(canvas=True)
    opened = as_list(document["OpenCanvas"]["Resource"])
    assert {arn.rpartition("app/")[2] for arn in opened} == {"d-1/ada/canvas/*", "d-1/ada/Canvas/*"}
    assert document["LookForModels"]["Condition"] == {"Null": {"sagemaker:VpcSubnets": "false"}}
    assert not {"sagemaker:CreateModelPackage", "sagemaker:CreateModelPackageGroup"} & actions(document)


@pytest.mark.requirement("EXP-11")
def test_a_person_who_experiments_keeps_runs_and_removes_none():
    document = permissions(tracking=True)
    assert document["KeepRuns"]["Resource"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:mlflow-app/*"
    assert {"sagemaker:CallMlflowAppApi", "sagemaker-mlflow:LogMetric"} <= set(document["KeepRuns"]["Action"])
    assert document["KeepArtifacts"]["Resource"] == f"{WORK}/tracking/*"
    mlflow = {action for action in actions(document) if "lflow" in action}
    assert not [a for a in mlflow if a.partition(":")[2].startswith(("Delete", "Update", "CreateMlflow"))
                and a != "sagemaker-mlflow:UpdateRun"]  # fmt: skip
    assert not [action for action in actions(permissions()) if "lflow" in action]


@pytest.mark.requirement("DEV-02")
def test_who_looks_on_opens_the_pages_of_the_app_and_calls_none_of_its_api():
    document = permissions(tracking=True, experiments=False)
    assert "sagemaker:CreatePresignedMlflowAppUrl" in document["SeeRuns"]["Action"]
    assert "sagemaker:CallMlflowAppApi" not in actions(document)
    assert not [a for a in actions(document) if a.startswith(("sagemaker-mlflow:Log", "sagemaker-mlflow:Create"))]
