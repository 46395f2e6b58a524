from ipaddress import IPv4Network

import pytest

from components.identity.workloads.workload_permissions import WorkloadScope
from components.studio.app_security_group import AppSecurityGroup, AppSecurityGroupArgs
from components.studio.studio_domain import StudioDomain, StudioDomainArgs
from components.studio.studio_user import StudioUser, StudioUserArgs
from tests.support.documents import actions, as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, BOUNDARY, KEY, REGION

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
        "idle_timeout_minutes": 120,
    }
    return StudioDomain("studio", StudioDomainArgs(**args | changes))


def user(**changes):
    args = {
        "user": "ada",
        "profile": "ada",
        "sign_in": "identity-center",
        "domain_id": "d-1",
        "vpc_id": "vpc-1",
        "app_security_group_id": "sg-app_security_group",
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


@pytest.mark.requirement("EXP-01.a", "NET-03.b")
def test_the_domain_is_in_the_private_subnets_and_reaches_nothing_else():
    domain = deploy(studio).one(DOMAIN).inputs
    assert domain["appNetworkAccessType"] == "VpcOnly"
    assert domain["subnetIds"] == ["subnet-1", "subnet-2"]
    assert domain["defaultUserSettings"]["securityGroups"] == ["sg-1"]


def test_homes_and_volumes_are_encrypted_with_the_customers_key():
    assert deploy(studio).one(DOMAIN).inputs["kmsKeyId"] == KEY


def test_features_that_could_export_data_are_disabled():
    domain = deploy(studio).one(DOMAIN).inputs
    assert domain["domainSettings"]["dockerSettings"] == {"enableDockerAccess": "DISABLED"}
    assert domain["defaultUserSettings"]["sharingSettings"] == {"notebookOutputOption": "Disabled"}
    assert domain["defaultUserSettings"]["canvasAppSettings"] == CANVAS_OFF


def test_docker_images_come_only_from_the_listed_accounts():
    settings = deploy(lambda: studio(docker_accounts=["333333333333"])).one(DOMAIN).inputs["domainSettings"]
    assert settings["dockerSettings"] == {"enableDockerAccess": "ENABLED", "vpcOnlyTrustedAccounts": ["333333333333"]}
    with pytest.raises(ValueError, match="at most 20"):
        studio(docker_accounts=["333333333333"] * 21)


def test_canvas_and_classic_apps_are_hidden():
    portal = deploy(studio).one(DOMAIN).inputs["defaultUserSettings"]["studioWebPortalSettings"]
    assert "Canvas" in portal["hiddenAppTypes"]


@pytest.mark.requirement("ACC-08.d")
def test_home_directories_are_deleted_with_the_domain_unless_kept():
    kept = {keep: deploy(lambda keep=keep: studio(keep_homes=keep)).one(DOMAIN) for keep in (True, False)}
    policies = {keep: record.inputs["retentionPolicy"]["homeEfsFileSystem"] for keep, record in kept.items()}
    assert policies == {True: "Retain", False: "Delete"}


def test_idle_apps_stop_and_users_cannot_change_the_timeout():
    settings = deploy(lambda: studio(idle_timeout_minutes=90)).one(DOMAIN).inputs["defaultUserSettings"]
    for app in ("jupyterLabAppSettings", "codeEditorAppSettings"):
        assert settings[app]["appLifecycleManagement"]["idleSettings"] == {
            "lifecycleManagement": "ENABLED",
            "idleTimeoutInMinutes": 90,
            "maxIdleTimeoutInMinutes": 90,
        }


def test_sessions_carry_the_user_profile_name():
    assert deploy(studio).one(DOMAIN).inputs["domainSettings"]["executionRoleIdentityConfig"] == "USER_PROFILE_NAME"


@pytest.mark.parametrize("minutes", [59, 525_601])
def test_an_idle_timeout_outside_the_limits_of_sagemaker_is_refused(minutes):
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


@pytest.mark.requirement("PER-16.b")
def test_a_profile_of_an_address_belongs_to_the_user_of_the_directory():
    recorder = deploy(lambda: user(user="ada.byron@acme.example", profile="ada-byron-1b9e7f02"))
    profile = recorder.one(PROFILE).inputs
    assert (profile["userProfileName"], profile["singleSignOnUserValue"]) == (
        "ada-byron-1b9e7f02",
        "ada.byron@acme.example",
    )
    assert profile["tags"]["plinth:user"] == "ada.byron@acme.example"
    assert {space.inputs["spaceName"] for space in recorder.all("aws:sagemaker/space:Space")} == {
        "ada-byron-1b9e7f02-jupyterlab",
        "ada-byron-1b9e7f02-code-editor",
    }


@pytest.mark.requirement("PER-16.a", "PER-16.b")
def test_with_iam_a_profile_names_no_identity_center_user():
    assert deploy(studio, preview=False).one(DOMAIN).inputs["authMode"] == "SSO"
    assert deploy(lambda: studio(sign_in="iam")).one(DOMAIN).inputs["authMode"] == "IAM"
    assert "singleSignOnUserValue" not in deploy(lambda: user(sign_in="iam")).one(PROFILE).inputs


def test_a_profile_has_its_own_role_and_security_group_in_addition_to_the_shared_one():
    recorder = deploy(user)
    settings = recorder.one(PROFILE).inputs["userSettings"]
    assert settings["executionRole"].endswith(":role/plinth/fraud-experimentation-studio-ada")
    assert settings["securityGroups"] == [recorder.one(GROUP).id, "sg-app_security_group"]


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


@pytest.mark.requirement("EXP-12.a")
def test_properties_that_users_change_are_ignored():
    for space in deploy(user).all(SPACE):
        settings = space.inputs["spaceSettings"]
        (app,) = [key for key in settings if key.endswith("AppSettings")]
        assert f"spaceSettings.{app}.defaultResourceSpec" in space.ignore_changes
        assert "spaceSettings.spaceStorageSettings" in space.ignore_changes


def test_the_volume_grows_as_far_as_the_limit():
    storage = deploy(user).one(PROFILE).inputs["userSettings"]["spaceStorageSettings"]
    assert storage == {"defaultEbsStorageSettings": {"defaultEbsVolumeSizeInGb": 20, "maximumEbsVolumeSizeInGb": 100}}


@pytest.mark.requirement("EXP-12.a", level="permission")
def test_apps_start_only_on_allowed_instance_types():
    start = permissions()["StartOwnApps"]
    assert start["Condition"]["ForAnyValue:StringEquals"] == {
        "sagemaker:InstanceTypes": ["ml.t3.medium", "ml.g4dn.xlarge"]
    }
    others = [statement for sid, statement in permissions().items() if sid != "StartOwnApps"]
    assert "sagemaker:CreateApp" not in {action for s in others for action in as_list(s["Action"])}


def test_apps_start_only_in_spaces_of_their_user_and_users_create_no_spaces():
    document = permissions()
    own = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/d-1/ada"
    for sid in ("StartOwnApps", "ChangeOwnSpaces"):
        assert document[sid]["Condition"]["ArnEquals"] == {"sagemaker:OwnerUserProfileArn": own}
        assert document[sid]["Condition"]["StringEquals"] == {"sagemaker:SpaceSharingType": "Private"}
    assert document["OwnDoor"]["Resource"] == own.replace("/ada", "/${sagemaker:UserProfileName}")
    assert not {"sagemaker:CreateSpace", "sagemaker:DeleteSpace"} & actions(document)


@pytest.mark.requirement("EXP-02.b", "EXP-03.c", level="permission")
@pytest.mark.parametrize("experiments", [True, False])
def test_a_user_writes_only_to_their_own_and_the_shared_prefix(experiments):
    document = permissions(experiments=experiments)
    writing = {sid: s for sid, s in document.items() if "s3:PutObject" in as_list(s["Action"])}
    # The bucket itself is for the question where it is. No object has its ARN.
    assert {sid: as_list(s["Resource"]) for sid, s in writing.items()} == {
        "KeepOwnWork": [WORK, f"{WORK}/users/ada/*", f"{WORK}/shared/*"]
    }


@pytest.mark.requirement("DEV-02", level="permission")
def test_users_start_jobs_in_experimentation_only():
    assert "sagemaker:CreateTrainingJob" in actions(permissions(experiments=True))
    looking_on = actions(permissions(experiments=False))
    assert not {"sagemaker:CreateTrainingJob", "sagemaker:CreateModel", "iam:PassRole"} & looking_on


@pytest.mark.requirement("EXP-08.b", level="permission")
def test_models_are_deployed_from_studio_in_experimentation_only():
    trials = {"sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig", "sagemaker:InvokeEndpoint"}
    assert trials <= actions(permissions(experiments=True))
    assert not trials & actions(permissions(experiments=False))


@pytest.mark.requirement("EXP-08.b", level="permission")
def test_a_trial_endpoint_is_tagged_and_encrypted_with_the_key_of_the_environment():
    document = permissions()
    assert document["StartTrials"]["Condition"] == {
        "StringEquals": {"aws:RequestTag/plinth:team": "${aws:PrincipalTag/plinth:team}"}
    }
    assert document["EncryptWhatTrialsKeep"]["Condition"] == {"ArnEquals": {"sagemaker:VolumeKmsKey": KEY}}


@pytest.mark.requirement("DEV-02", level="permission")
def test_outside_experimentation_users_change_only_their_apps_and_own_work():
    own = {"StartOwnApps", "ChangeOwnSpaces", "TagWhatIsMade", "EncryptSpaces", "OwnDoor", "KeepOwnWork", "EncryptData"}
    allowed = actions({sid: said for sid, said in permissions(experiments=False).items() if sid not in own})
    changing = ("Create", "Delete", "Put", "Update", "Start", "Stop", "Add", "Pass")
    assert not [action for action in allowed if action.split(":")[1].startswith(changing)]
    assert not {action for action in allowed if action.startswith("s3:GetObject")}


def test_jobs_run_with_the_role_of_the_user_who_starts_them():
    statement = permissions()["PassOneRoleToSageMaker"]
    assert statement["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud-experimentation-studio-ada"
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_key_grants_are_only_for_aws_services():
    statement = permissions()["EncryptSpaces"]
    assert (statement["Resource"], statement["Action"]) == (KEY, "kms:CreateGrant")
    assert statement["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_users_tag_resources_on_creation_only():
    assert permissions()["TagWhatIsMade"]["Condition"] == {"Null": {"sagemaker:TaggingAction": "false"}}


@pytest.mark.requirement("COST-02.a")
def test_profile_and_spaces_have_the_user_tag_for_cost_allocation():
    recorder = deploy(user)
    for record in (*recorder.all(PROFILE), *recorder.all(SPACE), *recorder.all(GROUP)):
        assert record.inputs["tags"]["plinth:user"] == "ada"


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"instance_types": ()}, "at least 1"), ({"volume_gib": 4}, "5 to 16,384"), ({"max_volume_gib": 10}, "out of")],
)
def test_values_outside_the_limits_of_sagemaker_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        user(**changes)


def app_security_group(**changes):
    args = {
        "label": "fraud-experimentation",
        "vpc_id": "vpc-1",
        "endpoint_security_group_id": "sg-endpoints",
        "gateway_prefix_list_ids": ["pl-s3", "pl-dynamodb"],
    }
    return AppSecurityGroup("studio-apps", AppSecurityGroupArgs(**args | changes))


@pytest.mark.requirement("EXP-01.b")
@both_modes
def test_apps_connect_only_to_endpoints_over_https(preview):
    group = deploy(app_security_group, preview=preview).one(GROUP).inputs
    assert "ingress" not in group
    reached = [rule.get(key) for rule in group["egress"] for key in ("securityGroups", "prefixListIds", "cidrBlocks")]
    assert [names for names in reached if names] == [["sg-endpoints"], ["pl-s3", "pl-dynamodb"]]
    assert {(rule["protocol"], rule["fromPort"], rule["toPort"]) for rule in group["egress"]} == {("tcp", 443, 443)}


@pytest.mark.requirement("EXP-05.a")
def test_apps_reach_the_internet_only_if_it_is_enabled():
    on, off = (
        deploy(lambda internet=internet: app_security_group(internet=internet)).one(GROUP) for internet in (True, False)
    )
    assert ["0.0.0.0/0"] in [rule.get("cidrBlocks") for rule in on.inputs["egress"]]
    assert ["0.0.0.0/0"] not in [rule.get("cidrBlocks") for rule in off.inputs["egress"]]


def test_apps_connect_to_both_own_and_shared_endpoints():
    egress = deploy(lambda: app_security_group(endpoints_cidr=IPv4Network("10.0.8.0/21"))).one(GROUP).inputs["egress"]
    assert ["sg-endpoints"] in [rule.get("securityGroups") for rule in egress]
    assert ["10.0.8.0/21"] in [rule.get("cidrBlocks") for rule in egress]


def test_endpoints_require_a_security_group_or_a_cidr_block():
    with pytest.raises(ValueError, match="neither"):
        app_security_group(endpoint_security_group_id=None)


def test_canvas_is_denied_to_users_without_it():
    assert "OpenCanvas" not in permissions()
    own = permissions()["StartOwnApps"]
    assert "sagemaker:SpaceSharingType" in own["Condition"]["StringEquals"]  # which an app outside a space has not


@both_modes
def test_canvas_stores_data_under_the_prefix_of_the_user_and_is_limited_to_exploration(preview):
    settings = deploy(lambda: user(canvas=True), preview=preview).one(PROFILE).inputs["userSettings"]
    assert "Canvas" not in settings["studioWebPortalSettings"]["hiddenAppTypes"]
    workspace = {"s3ArtifactPath": "s3://work/users/ada/canvas", "s3KmsKeyId": KEY}
    assert settings["canvasAppSettings"] == {**CANVAS_OFF, "workspaceSettings": workspace}
    assert "studioWebPortalSettings" not in deploy(user).one(PROFILE).inputs["userSettings"]


@pytest.mark.requirement("EXP-10", level="permission")
def test_canvas_users_open_their_own_app_and_its_jobs_require_a_vpc():
    document = permissions(canvas=True)
    opened = as_list(document["OpenCanvas"]["Resource"])
    assert {arn.rpartition("app/")[2] for arn in opened} == {"d-1/ada/canvas/*", "d-1/ada/Canvas/*"}
    assert document["LookForModels"]["Condition"] == {"Null": {"sagemaker:VpcSubnets": "false"}}
    assert not {"sagemaker:CreateModelPackage", "sagemaker:CreateModelPackageGroup"} & actions(document)


@pytest.mark.requirement("EXP-11.a", level="permission")
def test_experimenting_users_log_runs_in_the_app_of_the_environment():
    document = permissions(tracking=True)
    assert document["KeepRuns"]["Resource"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:mlflow-app/*"
    assert document["KeepArtifacts"]["Resource"] == f"{WORK}/tracking/*"
    assert {action for action in actions(document) if "lflow" in action} == {
        "sagemaker:CallMlflowAppApi",
        "sagemaker:CreatePresignedMlflowAppUrl",
        "sagemaker-mlflow:AccessUI",
    }
    assert not [action for action in actions(permissions()) if "lflow" in action]


@pytest.mark.requirement("DEV-02", level="permission")
def test_read_only_users_open_the_tracking_ui_but_cannot_call_its_api():
    document = permissions(tracking=True, experiments=False)
    assert {action for action in actions(document) if "lflow" in action} == {
        "sagemaker:CreatePresignedMlflowAppUrl",
        "sagemaker-mlflow:AccessUI",
    }
