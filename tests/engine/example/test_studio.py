"""Studio and its people, as another client finds them; they come and go without touching each other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.deployed_example import IMAGE, SETTLED
from tests.support.workbench import Workbench

ENVIRONMENT, STACK = "fraud-experimentation", "fraud-experimentation-studio"
NEWCOMER = {"persona": "data-scientist", "apps": ["jupyterlab", "code-editor"]}


def sagemaker(acme: Workbench) -> Any:
    return acme.client("sagemaker", acme.outputs(STACK)["account_id"])


def change_users(acme: Workbench, **users: dict[str, object] | None) -> None:
    """Add these users to the environment's file; None takes one away."""
    studio = acme.settings_of(ENVIRONMENT)["studio"]
    kept = {name: user for name, user in {**studio["users"], **users}.items() if user is not None}
    acme.change_environment(ENVIRONMENT, studio={**studio, "users": kept})


def directory_of(acme: Workbench) -> str:
    return str(acme.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"])


def add_to_directory(acme: Workbench, name: str) -> None:
    person = {"UserName": name, "DisplayName": name, "Name": {"GivenName": name, "FamilyName": "Doe"}}
    acme.client("identitystore").create_user(IdentityStoreId=directory_of(acme), **person)


def left_of(acme: Workbench, user: str) -> list[str]:
    """Everything in the account that is named after somebody."""
    account = acme.outputs(STACK)["account_id"]
    domain = acme.outputs(STACK)["domain_id"]
    named = [
        *(p["UserProfileName"] for p in sagemaker(acme).list_user_profiles(DomainIdEquals=domain)["UserProfiles"]),
        *(s["SpaceName"] for s in sagemaker(acme).list_spaces(DomainIdEquals=domain)["Spaces"]),
        *(r["RoleName"] for r in acme.client("iam", account).list_roles(PathPrefix="/plinth/")["Roles"]),
    ]
    groups = acme.client("ec2", account).describe_security_groups()["SecurityGroups"]
    named += [tag["Value"] for group in groups for tag in group.get("Tags", []) if tag["Key"] == "plinth:user"]
    return sorted(name for name in named if user in name)


@pytest.mark.requirement("EXP-02.a")
def test_each_person_has_a_profile_with_a_role_and_a_group_that_nobody_else_has(acme: Workbench) -> None:
    outputs = acme.outputs(STACK)
    profiles = {
        name: sagemaker(acme).describe_user_profile(DomainId=outputs["domain_id"], UserProfileName=name)
        for name in ("ana", "ben")
    }
    assert {n: p["UserSettings"]["ExecutionRole"] for n, p in profiles.items()} == outputs["user_role_arns"]
    assert {p["SingleSignOnUserValue"] for p in profiles.values()} == {"ana", "ben"}
    groups = {name: set(profile["UserSettings"]["SecurityGroups"]) for name, profile in profiles.items()}
    assert groups["ana"] & groups["ben"] == {acme.outputs(ENVIRONMENT)["studio_security_group_id"]}
    assert len(groups["ana"]) == len(groups["ben"]) == 2


@pytest.mark.requirement("EXP-02.a")
def test_everybody_with_a_profile_and_nobody_else_is_assigned_to_the_domain(acme: Workbench) -> None:
    application = acme.outputs(STACK)["application_arn"]
    pages = acme.client("sso-admin").get_paginator("list_application_assignments")
    assigned = [
        application_assignment
        for page in pages.paginate(ApplicationArn=application)
        for application_assignment in page["ApplicationAssignments"]
    ]
    assert {application_assignment["PrincipalType"] for application_assignment in assigned} == {"USER"}
    directory, store = acme.client("identitystore"), directory_of(acme)
    people = [
        directory.describe_user(IdentityStoreId=store, UserId=application_assignment["PrincipalId"])
        for application_assignment in assigned
    ]
    assert sorted(person["UserName"] for person in people) == ["ana", "ben"]


def test_a_group_of_a_person_lets_nobody_else_in(acme: Workbench) -> None:
    ec2 = acme.client("ec2", acme.outputs(STACK)["account_id"])
    own = ec2.describe_security_groups(Filters=[{"Name": "tag:plinth:user", "Values": ["ana"]}])["SecurityGroups"]
    (group,) = own
    (rule,) = group["IpPermissions"]
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [group["GroupId"]]
    assert not rule["IpRanges"]


@pytest.mark.requirement("COST-02.a")
def test_a_space_is_its_owners_alone_and_says_whom_it_costs(acme: Workbench) -> None:
    domain = acme.outputs(STACK)["domain_id"]
    for app, kind in (("jupyterlab", "JupyterLab"), ("code-editor", "CodeEditor")):
        space = sagemaker(acme).describe_space(DomainId=domain, SpaceName=f"ana-{app}")
        assert space["SpaceSettings"]["AppType"] == kind
        assert space["SpaceSharingSettings"]["SharingType"] == "Private"
        assert space["OwnershipSettings"]["OwnerUserProfileName"] == "ana"
        tags = sagemaker(acme).list_tags(ResourceArn=space["SpaceArn"])["Tags"]
        assert {"Key": "plinth:user", "Value": "ana"} in tags
        assert {"Key": "plinth:team", "Value": "fraud"} in tags


@pytest.mark.requirement("EXP-02.b", level="permission")
def test_a_role_of_a_person_writes_the_own_prefix_and_passes_no_other_role(acme: Workbench) -> None:
    outputs = acme.outputs(STACK)
    iam = acme.client("iam", outputs["account_id"])
    role = outputs["user_role_arns"]["ana"].rpartition("/")[2]
    document = iam.get_role_policy(RoleName=role, PolicyName="permissions")["PolicyDocument"]
    statements = {statement["Sid"]: statement for statement in document["Statement"]}
    bucket = outputs["bucket_arn"]
    assert statements["KeepOwnWork"]["Resource"] == [bucket, f"{bucket}/users/ana/*", f"{bucket}/shared/*"]
    assert statements["PassOneRoleToSageMaker"]["Resource"] == outputs["user_role_arns"]["ana"]
    writers = [s["Sid"] for s in document["Statement"] if "s3:PutObject" in s["Action"]]
    assert writers == ["KeepOwnWork", "KeepArtifacts"]
    assert statements["KeepArtifacts"]["Resource"] == f"{bucket}/tracking/*"


def test_the_bucket_of_peoples_work_is_private_and_encrypted(acme: Workbench) -> None:
    outputs = acme.outputs(STACK)
    s3 = acme.client("s3", outputs["account_id"])
    (rule,) = s3.get_bucket_encryption(Bucket=outputs["bucket_name"])["ServerSideEncryptionConfiguration"]["Rules"]
    key = acme.outputs(ENVIRONMENT)["key_arn"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key
    logging = s3.get_bucket_logging(Bucket=outputs["bucket_name"])["LoggingEnabled"]
    assert logging["TargetBucket"] == acme.outputs(ENVIRONMENT)["access_log_bucket_name"]


@pytest.mark.requirement("EXP-09.b")
def test_images_docker_and_homes_are_as_the_environments_file_has_them(acme: Workbench) -> None:
    stack = f"{SETTLED}-studio"
    outputs, tooling = acme.outputs(stack), acme.outputs("tooling")["account_id"]
    client = acme.client("sagemaker", outputs["account_id"])
    domain = client.describe_domain(DomainId=outputs["domain_id"])
    docker = domain["DomainSettings"]["DockerSettings"]
    assert docker["EnableDockerAccess"] == "ENABLED"
    assert set(docker["VpcOnlyTrustedAccounts"]) == {tooling, outputs["account_id"]}
    (image,) = domain["DefaultUserSettings"]["JupyterLabAppSettings"]["CustomImages"]
    version = client.describe_image_version(ImageName=image["ImageName"], Version=image["ImageVersionNumber"])
    assert version["BaseImage"].startswith(f"{tooling}.dkr.ecr.")
    assert version["BaseImage"].endswith(f"/{IMAGE['repository']}@{IMAGE['digest']}")
    start = client.describe_app_image_config(AppImageConfigName=image["AppImageConfigName"])
    assert start["JupyterLabAppImageConfig"]["FileSystemConfig"]["MountPath"] == "/home/sagemaker-user"
    (kept,) = [r for r in acme.state(stack) if r["type"] == "aws:sagemaker/domain:Domain"]
    assert kept["inputs"]["retentionPolicy"] == {"homeEfsFileSystem": "Retain"}


@pytest.mark.requirement("EXP-11.a")
def test_runs_are_kept_by_an_app_of_the_environment_in_a_folder_under_its_key(acme: Workbench) -> None:
    outputs = acme.outputs(STACK)
    (listed,) = sagemaker(acme).list_mlflow_apps()["Summaries"]
    app = sagemaker(acme).describe_mlflow_app(Arn=listed["Arn"])
    assert (app["Name"], app["Status"]) == (ENVIRONMENT, "Created")
    assert app["ArtifactStoreUri"] == f"s3://{outputs['bucket_name']}/tracking"
    assert app["ModelRegistrationMode"] == "AutoModelRegistrationDisabled"
    assert app["DefaultDomainIdList"] == [outputs["domain_id"]]
    assert app["RoleArn"].endswith(f":role/plinth/{ENVIRONMENT}-tracking")
    assert {"Key": "plinth:team", "Value": "fraud"} in sagemaker(acme).list_tags(ResourceArn=listed["Arn"])["Tags"]
    vpc = acme.outputs(ENVIRONMENT)["vpc_id"]
    named = {"vpc-id": vpc, "service-name": "aws.sagemaker.eu-west-1.experiments"}
    filters = [{"Name": name, "Values": [value]} for name, value in named.items()]
    ec2 = acme.client("ec2", outputs["account_id"])
    assert len(ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]) == 1
    elsewhere = acme.client("sagemaker", acme.outputs("fraud-development")["account_id"])
    assert elsewhere.list_mlflow_apps()["Summaries"] == []


def test_canvas_is_hidden_but_for_those_whom_the_file_names(acme: Workbench) -> None:
    hidden = sagemaker(acme).describe_domain(DomainId=acme.outputs(STACK)["domain_id"])["DefaultUserSettings"]
    assert "Canvas" in hidden["StudioWebPortalSettings"]["HiddenAppTypes"]
    outputs = acme.outputs(f"{SETTLED}-studio")
    client = acme.client("sagemaker", outputs["account_id"])
    user = next(iter(outputs["user_role_arns"]))
    shown = client.describe_user_profile(DomainId=outputs["domain_id"], UserProfileName=user)["UserSettings"]
    assert "Canvas" not in shown["StudioWebPortalSettings"]["HiddenAppTypes"]
    assert shown["CanvasAppSettings"]["WorkspaceSettings"] == {
        "S3ArtifactPath": f"s3://{outputs['bucket_name']}/users/{user}/canvas",
        "S3KmsKeyId": acme.outputs(SETTLED)["key_arn"],
    }
    for canvas in (hidden["CanvasAppSettings"], shown["CanvasAppSettings"]):
        states = {name: part["Status"] for name, part in canvas.items() if "Status" in part}
        assert (len(states), set(states.values())) == (5, {"DISABLED"})


def test_what_a_person_changes_of_a_space_stays(acme: Workbench) -> None:
    domain = acme.outputs(STACK)["domain_id"]
    wanted = {"JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.xlarge"}}}
    sagemaker(acme).update_space(DomainId=domain, SpaceName="ben-jupyterlab", SpaceSettings=wanted)
    acme.plinth("up", STACK, "--yes")
    space = sagemaker(acme).describe_space(DomainId=domain, SpaceName="ben-jupyterlab")
    spec = space["SpaceSettings"]["JupyterLabAppSettings"]["DefaultResourceSpec"]
    assert spec["InstanceType"] == "ml.t3.xlarge"


@pytest.mark.requirement("EXP-02.a")
def test_a_person_comes_and_goes_and_nobody_else_is_touched(acme: Workbench) -> None:
    before = {resource["urn"] for resource in acme.state(STACK)}
    change_users(acme, zoe=NEWCOMER)
    refused = acme.plinth("up", ENVIRONMENT, STACK, "--yes", check=False)
    assert refused.returncode == 2
    assert "users.zoe: 'zoe' is not a user name of the directory" in refused.stderr
    assert {resource["urn"] for resource in acme.state(STACK)} == before
    add_to_directory(acme, "zoe")
    report = json.loads(acme.plinth("up", ENVIRONMENT, STACK, "--yes", "--json").stdout)
    came = {resource["urn"] for resource in acme.state(STACK)} - before
    assert report["changes"] == {"create": len(came)}
    assert came
    assert all("user-zoe" in urn or "sign-in-zoe" in urn for urn in came)
    assert {"zoe", "zoe-code-editor", "zoe-jupyterlab"} < set(left_of(acme, "zoe"))
    change_users(acme, zoe=None)
    report = json.loads(acme.plinth("up", ENVIRONMENT, STACK, "--yes", "--json").stdout)
    assert report["changes"] == {"delete": len(came)}
    assert {resource["urn"] for resource in acme.state(STACK)} == before
    assert left_of(acme, "zoe") == []
