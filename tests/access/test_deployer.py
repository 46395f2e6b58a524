"""The deployer may create, update and delete the resources of the stacks, and nothing else."""

from __future__ import annotations

from functools import cache

import pytest

from components.identity.deployer.authorization import service_of
from components.identity.deployer.kinds import CALLS_BY_KIND, calls_in
from components.identity.deployer.resources.apis import DATA_APIS
from components.identity.deployer.resources.audit import DETECTORS, RECORDS
from components.identity.deployer.resources.intake import INTAKES
from iam_evaluator.evaluation import decide
from iam_evaluator.request import Request, Resource
from settings.team.emr import EmrSettings
from settings.team.studio import StudioImage, StudioSettings, StudioUser
from settings.team.team import EnvironmentSettings
from settings.types.kinds import ENVIRONMENTS
from tests.access.world.deployers import Deployers, roles_given
from tests.support.computed import REGION
from tests.support.every_stack import (
    DELIVERED,
    example_feature_group,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.nightly import param
from tests.support.variants import PACKAGES, PLATFORM_IMAGE, REQUESTS, SECOND_REGION

IMAGE = StudioImage(repository="studio/torch", digest=f"sha256:{'0' * 64}")
STUDIO = StudioSettings(users={"ada": StudioUser(persona="data-scientist")}, tracking=True, images={"torch": IMAGE})

EVERYTHING_ON = (
    EnvironmentSettings(
        team="fraud",
        environment="experimentation",
        internet_access=True,
        studio=STUDIO,
        emr=EmrSettings(),
    ),
    EnvironmentSettings(team="fraud", environment="development", studio=STUDIO, emr=EmrSettings()),
    EnvironmentSettings(team="fraud", environment="preproduction", emr=EmrSettings()),
    EnvironmentSettings(team="fraud", environment="production", emr=EmrSettings()),
)
API = "aws:apigateway/"
OF_DATASETS = {("data-lake", "aws:lakeformation/dataCellsFilter:DataCellsFilter")}
"""Types for datasets that the example does not have."""
OF_OTHER_INTAKES = {(kind, type_) for kind in ("experimentation", "development", "preproduction") for type_ in INTAKES}
"""The example has an intake only in production. Other environments would need the same calls."""
OF_BATCH_INFERENCE = {
    (kind, type_)
    for kind in ("preproduction", "production")
    for type_ in ("aws:s3/bucketNotification:BucketNotification", "aws:cloudwatch/metricAlarm:MetricAlarm")
}
"""No use case of the example predicts in batches. The data lake and the audit account need the same calls."""
OF_SOURCE_PROVIDERS = {
    ("tooling", "aws:codebuild/webhook:Webhook"),
    ("tooling", "aws:codeconnections/connection:Connection"),
}
"""Types of organizations whose code is at a source provider. Their governance network has the endpoint for them."""
OF_GITHUB = {("governance", "aws:iam/openIdConnectProvider:OpenIdConnectProvider")}
"""The workflows of the example are not at GitHub."""
OF_OTHER_APIS = {("experimentation", type_) for type_ in DATA_APIS if type_.startswith(API)}
"""The example serves no datasets in experimentation, which would need the same calls."""
VARIANTS = ("large", "large, shared and open", "medium without Identity Center", "small")
EACH_CHANGE = ("large", "small")
BY_VARIANT = [param(variant, each_change=variant in EACH_CHANGE) for variant in VARIANTS]
DEPLOYED_INTO = BY_VARIANT[:-1]
"""In the last variant, everything is in the management account."""
WITHOUT_REGIONAL_ENDPOINT = {"iam", "organizations", "route53", "route53profiles", "route53resolver"}
"""Services without regional endpoints, except in us-east-1 (docs/guides/identity.md)."""
ROLE = "aws:iam/role:Role"
PROTECTED_PREFIXES = ("platform-", "people-")
"""Prefixes of role names that no deployer may change."""


@cache
def deployers(variant: str) -> Deployers:
    organization, environments = {
        "large": (example_organization(), ()),
        "large, shared and open": (
            example_organization(endpoints="shared", **SECOND_REGION, **PACKAGES, **PLATFORM_IMAGE, **REQUESTS),
            EVERYTHING_ON,
        ),
        "medium without Identity Center": (example_organization(placement="medium", sign_in="iam"), ()),
        "small": (example_organization(placement="small"), ()),
    }[variant]
    group = example_feature_group(shared_with={"fraud": list(ENVIRONMENTS)})
    return Deployers(
        example_foundation(
            *environments, organization=organization, teams=[example_team(use_cases=DELIVERED)], feature_groups=[group]
        )
    )


def is_protected(item):
    """Whether a resource is a role of the platform or of people, or a policy of one."""
    if not item.record.type.startswith("aws:iam/role"):
        return False
    name = item.property("role") or item.property("name")
    return name.startswith(PROTECTED_PREFIXES)


def deployable(variant):
    return [item for item in deployers(variant).items if not is_protected(item)]


def all_of(calls):
    return sorted(calls.allowed)


@pytest.mark.parametrize("variant", BY_VARIANT)
def test_the_calls_of_every_deployed_type_are_known(variant):
    known = deployers(variant)
    unknown = {
        f"{item.record.type} of {item.label}, which components/identity/deployer lacks for its kind"
        for item in known.items
        if item.record.type not in known.calls(item.account_id)
    }
    assert not unknown


@pytest.mark.nightly
def test_there_are_no_calls_of_types_that_no_stack_deploys():
    seen = {
        (kind, item.record.type)
        for variant in VARIANTS
        for item in deployers(variant).items
        for kind in deployers(variant).accounts[item.account_id].hosts
    }
    unseen = {(kind, type_) for kind in CALLS_BY_KIND for type_, _ in calls_in([kind])} - seen
    others = OF_OTHER_INTAKES | OF_OTHER_APIS | OF_SOURCE_PROVIDERS | OF_BATCH_INFERENCE | OF_GITHUB
    assert unseen - others == OF_DATASETS


@pytest.mark.requirement("PER-16.c")
@pytest.mark.parametrize("variant", BY_VARIANT)
def test_a_deployer_may_create_update_and_delete_the_resources_of_stacks(variant):
    known = deployers(variant)
    refused = [
        refusal
        for item in deployable(variant)
        for refusal in known.refusals(item, all_of(known.calls(item.account_id)[item.record.type]))
    ]
    assert refused == []


@pytest.mark.parametrize("variant", DEPLOYED_INTO)
def test_the_endpoint_policies_of_the_runners_network_allow_all_regional_calls_of_deployers(variant):
    known, refused = deployers(variant), []
    for item in deployable(variant):
        calls = all_of(known.calls(item.account_id)[item.record.type])
        regional = [action for action in calls if service_of(action) not in WITHOUT_REGIONAL_ENDPOINT]
        refused += known.refusals(item, regional, by_the_network=True)
    assert refused == []


def test_only_services_without_regional_endpoints_lack_an_endpoint_in_the_runners_network():
    known = deployers("large")
    governance = known.world.account("governance")
    asked = {action for _, calls in calls_in(CALLS_BY_KIND) for action in calls.allowed}
    missing = {a for a in asked if not any(w.is_open for w in known.world.ways.through_the_network(governance, a))}
    with_settings = {"codeartifact", "codeconnections", "rds"}
    assert {service_of(action) for action in missing} - with_settings == WITHOUT_REGIONAL_ENDPOINT


@pytest.mark.parametrize("variant", BY_VARIANT)
def test_a_deployer_passes_roles_to_services_and_creates_service_linked_roles(variant):
    known, refused = deployers(variant), []
    for item in deployable(variant):
        calls = known.calls(item.account_id)[item.record.type]
        account = known.world.accounts[item.account_id]
        arns = [arn for arn in roles_given(item.record.inputs) if calls.passes_to]
        asked = [("iam:PassRole", arn, "iam:PassedToService", of) for arn in arns for of in calls.passes_to]
        asked += [
            ("iam:CreateServiceLinkedRole", f"arn:aws:iam::{account.id}:role/aws-service-role/{of}.amazonaws.com/Role",
             "iam:AWSServiceName", of)
            for of in calls.linked
        ]  # fmt: skip
        for action, arn, key, service in asked:
            request = Request(
                principal=known.session(account.id),
                action=action,
                resource=Resource(arn=arn, account=account),
                region="us-east-1",
                extra={key: [f"{service}.amazonaws.com"]},
            )
            if not decide(request).allowed:
                refused.append(f"{item.label}: {action} {arn} {service}: {decide(request)}")
    assert refused == []


@pytest.mark.threat("T-05", "T-06")
@pytest.mark.requirement("PER-16.c")
@pytest.mark.parametrize("variant", BY_VARIANT)
def test_calls_that_escalate_privileges_are_left_to_the_management_account(variant):
    known = deployers(variant)
    for item in known.items:
        reserved = known.calls_of(item)[item.record.type].reserved
        assert len(list(known.refusals(item, reserved))) == len(reserved), item.label


@pytest.mark.threat("T-05", "T-06")
@pytest.mark.parametrize("variant", BY_VARIANT)
def test_a_deployer_changes_neither_its_own_role_nor_roles_of_people(variant):
    known = deployers(variant)
    touched = [
        f"iam:{change}Role{what}"
        for change, what in (
            ("Delete", ""), ("Delete", "Policy"), ("Detach", "Policy"), ("Put", "Policy"), ("Tag", ""), ("Update", "")
        )
    ]  # fmt: skip
    roles = {
        (item.account_id, item.property("name")): item
        for item in known.world.inventory.all("iam/role:Role")
        if item.account_id in known.accounts and is_protected(item)
    }
    assert bool(roles) == bool(known.accounts)
    for item in roles.values():
        assert len(list(known.refusals(item, touched))) == len(touched), item.label


@pytest.mark.parametrize("variant", BY_VARIANT)
def test_in_durable_accounts_what_records_and_detects_stays(variant):
    known = deployers(variant)
    watching = {**DETECTORS, **RECORDS}
    for item in known.items:
        kept = set(watching[item.record.type].delete) if item.record.type in watching else set()
        kept -= known.calls(item.account_id)[item.record.type].allowed
        assert len(list(known.refusals(item, sorted(kept)))) == len(kept), item.label


def refused_in(place, action, arn="*", *, region=REGION, owner=None, **keys):
    known = deployers("large")
    account = known.world.account(place)
    resource = Resource(arn=arn.format(account=account.id), account=owner or account)
    extra = {key.replace("__", ":"): [value] for key, value in keys.items()}
    request = Request(principal=known.session(account.id), action=action, resource=resource, region=region, extra=extra)
    return not decide(request).allowed


def test_the_deployer_of_the_tooling_account_publishes_the_library_of_use_cases_and_no_other_package():
    package = "arn:aws:codeartifact:eu-west-1:{account}:package/acme/pypi/pypi//"
    publish, bear = "codeartifact:PublishPackageVersion", "sts:GetServiceBearerToken"
    service = {"sts__AWSServiceName": "codeartifact.amazonaws.com"}
    assert not refused_in("tooling", publish, f"{package}plinth-project")
    assert not refused_in("tooling", "codeartifact:ListPackageVersionAssets", f"{package}plinth-project")
    assert not refused_in(
        "tooling", "codeartifact:GetAuthorizationToken", package.partition("package/")[0] + "domain/acme"
    )
    assert not refused_in("tooling", bear, **service)
    assert refused_in("tooling", publish, f"{package}requests")
    assert refused_in("tooling", publish, f"{package}plinth-project-extra")
    assert refused_in("tooling", bear, sts__AWSServiceName="ecr-public.amazonaws.com")
    assert refused_in("governance", publish, f"{package}plinth-project")


def test_the_deployer_of_the_tooling_account_copies_packages_between_its_repositories_and_no_others():
    copy, read = "codeartifact:CopyPackageVersions", "codeartifact:ReadFromRepository"
    place = "arn:aws:codeartifact:eu-west-1:{account}:"
    for action, resource in {
        copy: "package/acme/pypi/pypi//numpy",
        read: "repository/acme/pypi-public",
    }.items():
        assert not refused_in("tooling", action, place + resource)
        assert refused_in("tooling", action, place + resource.replace("pypi", "other"))
        assert refused_in("governance", action, place + resource)
    assert not refused_in("tooling", copy, f"{place}repository/acme/pypi")


def test_the_deployer_of_the_tooling_account_pushes_main_of_use_cases_and_no_other_branch_or_repository():
    push, code = "codecommit:GitPush", "arn:aws:codecommit:eu-west-1:{account}:"
    assert not refused_in("tooling", push, f"{code}fraud--scoring-build", codecommit__References="refs/heads/main")
    assert not refused_in("tooling", push, f"{code}fraud--scoring-deployment"), "git asks without a reference first"
    assert refused_in("tooling", push, f"{code}fraud--scoring-build", codecommit__References="refs/heads/feature")
    assert refused_in("tooling", push, f"{code}other", codecommit__References="refs/heads/main")
    assert refused_in("governance", push, f"{code}fraud--scoring-build", codecommit__References="refs/heads/main")


OUTSIDE = [
    ("organizations:LeaveOrganization", "*"),
    ("organizations:CreateAccount", "*"),
    ("account:CloseAccount", "*"),
    ("iam:CreateUser", "arn:aws:iam::{account}:user/mallory"),
    ("iam:CreateAccessKey", "arn:aws:iam::{account}:user/mallory"),
    ("iam:CreateSAMLProvider", "arn:aws:iam::{account}:saml-provider/mine"),
    ("iam:CreatePolicyVersion", "arn:aws:iam::{account}:policy/plinth/platform-deployer-boundary"),
    ("iam:DeletePolicy", "arn:aws:iam::{account}:policy/plinth/platform-deployer-boundary"),
    ("sts:AssumeRole", "arn:aws:iam::{account}:role/plinth/another"),
    ("ec2:RunInstances", "arn:aws:ec2:eu-west-1:{account}:instance/*"),
    ("ec2:CreateVpcPeeringConnection", "arn:aws:ec2:eu-west-1:{account}:vpc-peering-connection/*"),
    ("lambda:CreateFunction", "arn:aws:lambda:eu-west-1:{account}:function:mine"),
    ("glue:CreateJob", "arn:aws:glue:eu-west-1:{account}:job/mine"),
    ("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:eu-west-1:{account}:training-job/mine"),
    ("sagemaker:CreatePresignedDomainUrl", "arn:aws:sagemaker:eu-west-1:{account}:user-profile/d/ada"),
    ("logs:GetLogEvents", "arn:aws:logs:eu-west-1:{account}:log-group:/aws/sagemaker/x:log-stream:y"),
    ("athena:GetQueryResults", "arn:aws:athena:eu-west-1:{account}:workgroup/audit"),
    ("s3:GetObject", "arn:aws:s3:::acme-anything/object"),
    ("s3:PutObject", "arn:aws:s3:::acme-anything/object"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:{account}:secret:mine"),
]


@pytest.mark.requirement("PER-16.c")
@pytest.mark.parametrize("place", ["audit", "network", "tooling", "fraud-experimentation", "fraud-production"])
@pytest.mark.parametrize(("action", "arn"), OUTSIDE)
def test_what_no_stack_needs_is_denied_to_deployers(place, action, arn):
    assert refused_in(place, action, arn)


@pytest.mark.requirement("PER-07.d")
def test_deployers_read_the_logs_of_builds_and_no_others():
    group = f"arn:aws:logs:{REGION}:{{account}}:log-group:{{name}}:log-stream:"
    builds, jobs = (
        group.replace("{name}", name) for name in ("/aws/codebuild/fraud--scoring-build", "/aws/sagemaker/x")
    )
    assert not refused_in("tooling", "logs:FilterLogEvents", builds)
    assert refused_in("tooling", "logs:FilterLogEvents", jobs)
    assert refused_in("fraud-development", "logs:FilterLogEvents", jobs)
    assert refused_in("fraud-development", "logs:FilterLogEvents", builds)


@pytest.mark.parametrize(
    ("action", "kind"), [("codebuild:CreateProject", "codebuild"), ("ecr:CreateRepository", "ecr")]
)
def test_build_projects_and_image_repositories_are_created_in_the_tooling_account_only(action, kind):
    name = "project/fraud--scoring-build" if kind == "codebuild" else "repository/fraud/scoring/train"
    arn = f"arn:aws:{kind}:{REGION}:{{account}}:{name}"
    assert not refused_in("tooling", action, arn)
    assert all(refused_in(place, action, arn) for place in ("data-lake", "fraud-development", "fraud-production"))


@pytest.mark.requirement("DL-09.d")
@pytest.mark.parametrize("action", ["s3:CreateAccessPoint", "s3:PutAccessPointPolicy", "s3:DeleteAccessPoint"])
def test_access_points_are_made_and_removed_where_the_lake_is_and_nowhere_else(action):
    arn = f"arn:aws:s3:{REGION}:{{account}}:accesspoint/fraud--letters"
    assert not refused_in("data-lake", action, arn)
    assert refused_in("fraud-development", action, arn)


def test_a_deployer_works_in_its_own_account_and_regions_alone():
    known = deployers("large")
    other = known.world.account("fraud-production")
    subnet = f"arn:aws:ec2:eu-west-1:{other.id}:subnet/*"
    assert refused_in("fraud-development", "ec2:CreateSubnet", subnet, owner=other)
    assert refused_in(
        "fraud-development", "ec2:CreateSubnet", "arn:aws:ec2:ap-south-1:{account}:subnet/*", region="ap-south-1"
    )
    assert not refused_in("fraud-development", "ec2:CreateSubnet", "arn:aws:ec2:eu-west-1:{account}:subnet/*")


def test_the_archive_and_its_key_are_not_removed_by_a_deployer():
    known = deployers("large")
    buckets = [item for item in known.world.inventory.all("s3/bucket:Bucket") if item.stack == "audit"]
    keys = [item for item in known.world.inventory.all("kms/key:Key") if item.stack == "audit"]
    assert len(buckets) == 4
    for item in buckets:
        assert len(list(known.refusals(item, ["s3:DeleteBucket", "s3:DeleteObject"]))) == 2
    for item in keys:
        assert len(list(known.refusals(item, ["kms:ScheduleKeyDeletion"]))) == 1
