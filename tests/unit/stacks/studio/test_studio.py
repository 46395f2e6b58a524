import pytest

from settings.team.emr import EmrSettings
from settings.team.studio import IMAGES, USERS_PER_STACK, StudioImage, StudioLimits, StudioSettings, StudioUser
from settings.team.team import EnvironmentSettings
from settings.types.aws.document_limits import DOCUMENT_LIMITS
from settings.types.grammar import TEAM_LENGTHS
from tests.support.docs.document_sizes import documents_of
from tests.support.every_stack import (
    EXPERIMENTING,
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)

DOMAIN = "aws:sagemaker/domain:Domain"
PROFILE = "aws:sagemaker/userProfile:UserProfile"
ASSIGNMENT = "aws:ssoadmin/applicationAssignment:ApplicationAssignment"
SPACE = "aws:sagemaker/space:Space"
ROLE = "aws:iam/role:Role"
MOST_RESOURCES = 150
IMAGE = StudioImage(repository="studio/torch", digest=f"sha256:{'0' * 64}")
SCIENTIST = StudioUser(persona="data-scientist", apps=("jupyterlab", "code-editor"))


def deployment(place="experimentation", *, organization=None, **studio):
    """Returns the example with the Studio settings of one environment changed."""
    settings = EnvironmentSettings(team="fraud", environment=place, studio=StudioSettings(**studio))
    return Deployment(example_foundation(settings, organization=organization, teams=[example_team()]))


@pytest.mark.requirement("EXP-01.a")
def test_only_experimentation_and_development_have_a_studio():
    with_domain = {stack for stack, recorder in example_deployment().items() if recorder.all(DOMAIN)}
    assert with_domain == {
        f"{team}-{place}-studio" for team in ("churn", "fraud") for place in ("experimentation", "development")
    }


@pytest.mark.requirement("EXP-01.a")
def test_the_domain_is_private_and_in_every_zone_of_its_environment():
    for place in ("experimentation", "development"):
        domain = example_deployment()[f"fraud-{place}-studio"].one(DOMAIN).inputs
        environment = example_deployment()[f"fraud-{place}"].exports
        assert domain["appNetworkAccessType"] == "VpcOnly"
        assert domain["subnetIds"] == environment["private_subnet_ids"]
        assert domain["kmsKeyId"] == environment["key_arn"]


@pytest.mark.requirement("EXP-09.d")
def test_apps_use_the_lifecycle_scripts_and_images_of_the_tooling_registry():
    recorder = deployment(images={"torch": IMAGE}, docker=True)["fraud-experimentation-studio"]
    lab = recorder.one(DOMAIN).inputs["defaultUserSettings"]["jupyterLabAppSettings"]
    scripts = recorder.one("aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig", "scripts-jupyterlab")
    assert lab["defaultResourceSpec"] == {"lifecycleConfigArn": scripts.computed["arn"]}
    (image,) = lab["customImages"]
    assert image["imageName"] == image["appImageConfigName"] == "fraud-experimentation-torch"
    tooling = example_deployment()["organization"].exports["accounts"]["tooling"]
    version = recorder.one("aws:sagemaker/imageVersion:ImageVersion").inputs
    assert version["baseImage"].startswith(f"{tooling}.dkr.ecr.eu-west-1.amazonaws.com/studio/torch@sha256:")
    docker = recorder.one(DOMAIN).inputs["domainSettings"]["dockerSettings"]
    assert tooling in docker["vpcOnlyTrustedAccounts"]


def test_the_default_role_of_the_domain_allows_nothing():
    recorder = example_deployment()["fraud-experimentation-studio"]
    domain, nobody = recorder.one(DOMAIN).inputs, recorder.one(ROLE, "nobody")
    for settings in ("defaultUserSettings", "defaultSpaceSettings"):
        assert domain[settings]["executionRole"] == nobody.computed["arn"]
    (policy,) = [p for p in recorder.all("aws:iam/rolePolicy:RolePolicy") if p.name == "nobody-permissions"]
    assert policy.inputs["policy"].count('"Action"') == policy.inputs["policy"].count("sts:GetCallerIdentity") == 1


def openers(*recorders):
    """Returns the policies of permission sets, and of roles of people, that allow presigned URLs of Studio."""
    return {
        resource.name
        for recorder in recorders
        for resource in recorder.resources
        if "CreatePresignedDomainUrl" in resource.inputs.get("inlinePolicy", "")
        or (resource.name.startswith("people-") and "CreatePresignedDomainUrl" in resource.inputs.get("policy", ""))
    }


@pytest.mark.requirement("PER-16.a", "PER-16.b")
def test_people_may_presign_studio_urls_only_if_the_domain_accepts_them():
    iam, center = deployment(organization=example_organization(sign_in="iam")), example_deployment()
    assert iam["fraud-experimentation-studio"].one(DOMAIN).inputs["authMode"] == "IAM"
    assert "people-data-scientist-permissions" in openers(iam["fraud-experimentation"])
    assert center["fraud-experimentation-studio"].one(DOMAIN).inputs["authMode"] == "SSO"
    assert openers(center["identity"], center["fraud-experimentation"]) == set()


@pytest.mark.requirement("PER-16.a", "PER-16.b")
def test_the_domain_uses_the_sign_in_of_the_organization():
    iam = deployment(organization=example_organization(sign_in="iam"))["fraud-experimentation-studio"]
    assert iam.one(DOMAIN).inputs["authMode"] == "IAM"
    assert example_deployment()["fraud-experimentation-studio"].one(DOMAIN).inputs["authMode"] == "SSO"


@pytest.mark.requirement("EXP-02.a")
def test_adding_or_removing_a_user_changes_only_that_users_resources():
    before = deployment(users={"ada": SCIENTIST})["fraud-experimentation-studio"]
    after = deployment(users={"ada": SCIENTIST, "abe": SCIENTIST})["fraud-experimentation-studio"]
    kept = {r.urn: r.inputs for r in before if not r.is_component}
    assert {r.urn: r.inputs for r in after if r.urn in kept} == kept
    came = {r.urn for r in after} - {r.urn for r in before}
    assert len(came) == 9
    assert all("user-abe" in urn or "sign-in-abe" in urn for urn in came)


@pytest.mark.requirement("PER-16.b")
def test_each_user_is_assigned_to_the_domain_by_the_management_account():
    users = {"ada": SCIENTIST, "abe": StudioUser(persona="data-scientist", stack=2)}
    deployed = deployment(users=users)
    first, second = deployed["fraud-experimentation-studio"], deployed["fraud-experimentation-studio-2"]
    application = first.one(DOMAIN).computed["singleSignOnApplicationArn"]
    for recorder, name in ((first, "ada"), (second, "abe")):
        (assignment,) = recorder.all(ASSIGNMENT)
        assert assignment.name == f"sign-in-{name}"
        assert assignment.inputs["applicationArn"] == application
        assert assignment.inputs["principalType"] == "USER"
        assert assignment.provider == "organization"
        assert recorder.one(PROFILE).inputs["singleSignOnUserValue"] == name
        assert recorder.one(PROFILE).provider == "fraud-experimentation"


def test_nobody_is_assigned_if_people_sign_in_with_iam():
    iam = deployment(organization=example_organization(sign_in="iam"), users={"ada": SCIENTIST})
    recorder = iam["fraud-experimentation-studio"]
    assert not recorder.all(ASSIGNMENT)
    assert "singleSignOnUserValue" not in recorder.one(PROFILE).inputs
    assert "application_arn" not in recorder.exports


@pytest.mark.requirement("EXP-02.a")
def test_further_stacks_hold_only_users_of_the_same_domain():
    deployed = deployment(users={"ada": SCIENTIST, "abe": StudioUser(persona="data-scientist", stack=2)})
    first, second = deployed["fraud-experimentation-studio"], deployed["fraud-experimentation-studio-2"]
    assert not second.all(DOMAIN)
    assert [p.inputs["userProfileName"] for p in first.all(PROFILE)] == ["ada"]
    (profile,) = second.all(PROFILE)
    assert profile.inputs["userProfileName"] == "abe"
    assert profile.inputs["domainId"] == first.exports["domain_id"] == second.exports["domain_id"]
    assert second.exports["user_role_arns"].keys() == {"abe"}


def test_a_stack_with_the_maximum_number_of_users_is_small_enough():
    names = [f"user{number}" for number in range(2 * USERS_PER_STACK)]
    users = {
        name: SCIENTIST.model_copy(update={"stack": 1 + number // USERS_PER_STACK}) for number, name in enumerate(names)
    }
    deployed = deployment(users=users, images={f"image-{number}": IMAGE for number in range(IMAGES)}, docker=True)
    for stack in ("fraud-experimentation-studio", "fraud-experimentation-studio-2"):
        assert len(deployed[stack].all(PROFILE)) == USERS_PER_STACK
        assert len(deployed[stack].records) + 1 <= MOST_RESOURCES


def test_the_policy_of_a_user_fits_with_every_option_and_the_longest_names():
    team, name, region = "t" * max(TEAM_LENGTHS), "u" * 28, "ap-southeast-3"
    settings = EnvironmentSettings(
        team=team,
        environment="experimentation",
        studio=EXPERIMENTING.model_copy(
            update={"users": {name: StudioUser(persona="lead-data-scientist", apps=("jupyterlab", "code-editor"))}}
        ),
        emr=EmrSettings(),
    )
    organization = example_organization(home_region=region, enabled_regions=(region,))
    deployed = Deployment(example_foundation(settings, organization=organization, teams=[example_team(team)]))
    stack = f"{team}-experimentation-studio"
    sizes = {document.name: document.size for document in documents_of({stack: deployed[stack]})}
    assert sizes[f"user-{name}-role"] <= DOCUMENT_LIMITS["inline policies of a role"].size


@pytest.mark.requirement("EXP-12.a")
def test_a_personas_limits_come_from_the_settings():
    limits = StudioLimits(instance_types=("ml.m5.large",), volume_gib=30, max_volume_gib=60)
    users = {"ada": SCIENTIST, "lea": StudioUser(persona="lead-data-scientist")}
    recorder = deployment(users=users, limits={"data-scientist": limits})["fraud-experimentation-studio"]
    policies = {p.name: p.inputs["policy"] for p in recorder.all("aws:iam/rolePolicy:RolePolicy")}
    assert "ml.m5.large" in policies["user-ada-role-permissions"]
    assert "ml.m5.large" not in policies["user-lea-role-permissions"]
    settings = recorder.one(PROFILE, "user-ada").inputs["userSettings"]["spaceStorageSettings"]
    assert settings["defaultEbsStorageSettings"] == {"defaultEbsVolumeSizeInGb": 30, "maximumEbsVolumeSizeInGb": 60}


@pytest.mark.requirement("ACC-08.d")
def test_no_resource_of_studio_is_retained_after_the_environment():
    for place in ("experimentation", "development"):
        recorder = example_deployment()[f"fraud-{place}-studio"]
        assert not [r.name for r in recorder if r.protect or r.retain_on_delete]
        assert all(bucket.inputs["forceDestroy"] for bucket in recorder.all("aws:s3/bucket:Bucket"))
        assert recorder.one(DOMAIN).inputs["retentionPolicy"] == {"homeEfsFileSystem": "Delete"}


@pytest.mark.requirement("EXP-11.a")
@pytest.mark.parametrize("place", ["experimentation", "development"])
def test_people_and_jobs_track_runs_in_one_app_of_the_first_stack(place):
    users = {"ada": SCIENTIST, "abe": StudioUser(persona="data-scientist", stack=2)}
    deployed = deployment(place, users=users, tracking=True)
    first, environment = deployed[f"fraud-{place}-studio"], deployed[f"fraud-{place}"]
    app = first.one("aws:sagemaker/mlflowApp:MlflowApp").inputs
    assert app["artifactStoreUri"] == f"s3://{first.exports['bucket_name']}/tracking"
    assert not deployed[f"fraud-{place}-studio-2"].all("aws:sagemaker/mlflowApp:MlflowApp")
    (jobs,) = [p for p in environment.all("aws:iam/rolePolicy:RolePolicy") if p.name == "roles-execution-permissions"]
    assert f"{first.exports['bucket_arn']}/tracking/*" in jobs.inputs["policy"]
    assert [e for e in environment.all("aws:ec2/vpcEndpoint:VpcEndpoint") if e.name.endswith("-experiments")]


def test_without_tracking_there_is_no_app_endpoint_or_permission():
    deployed = deployment(users={"ada": SCIENTIST})
    stacks = [deployed[name] for name in ("fraud-experimentation", "fraud-experimentation-studio")]
    of_the_platform = ("deployer-builds-1", "reviewer-permissions")
    permissions = [role_policy for stack in stacks for role_policy in stack.all("aws:iam/rolePolicy:RolePolicy")]
    assert not [
        permission.urn
        for permission in permissions
        if "lflow" in permission.inputs["policy"] and permission.name not in of_the_platform
    ]
    assert not stacks[1].all("aws:sagemaker/mlflowApp:MlflowApp")
    assert not [e for e in stacks[0].all("aws:ec2/vpcEndpoint:VpcEndpoint") if e.name.endswith("-experiments")]


@pytest.mark.requirement("EXP-11.a")
def test_with_shared_endpoints_the_tracking_endpoint_stays_in_the_environments_network():
    organization = example_organization(endpoints="shared")
    environment = deployment(organization=organization, users={"ada": SCIENTIST}, tracking=True)[
        "fraud-experimentation"
    ]
    interfaces = [
        e.name for e in environment.all("aws:ec2/vpcEndpoint:VpcEndpoint") if e.inputs["vpcEndpointType"] == "Interface"
    ]
    assert interfaces == ["endpoints-experiments"]  # the settings of this one have no Spark
    rules = {r.name for r in environment.all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")}
    assert {"workloads-to-endpoints", "workloads-to-own-endpoints"} <= rules


def test_only_the_personas_in_the_settings_may_open_canvas():
    users = {"ada": SCIENTIST, "lea": StudioUser(persona="lead-data-scientist")}
    recorder = deployment(users=users, canvas={"personas": ["lead-data-scientist"]})["fraud-experimentation-studio"]
    shown = {
        p.inputs["userProfileName"] for p in recorder.all(PROFILE) if "canvasAppSettings" in p.inputs["userSettings"]
    }
    policies = {p.name for p in recorder.all("aws:iam/rolePolicy:RolePolicy") if "OpenCanvas" in p.inputs["policy"]}
    assert (shown, policies) == ({"lea"}, {"user-lea-role-permissions"})
    assert "Canvas" in recorder.one(DOMAIN).inputs["defaultUserSettings"]["studioWebPortalSettings"]["hiddenAppTypes"]
