import json
from ipaddress import IPv4Network

import pytest

from settings.team.retention import Retention
from settings.team.studio import StudioSettings
from settings.team.team import EnvironmentSettings
from settings.team.use_case import UseCaseSettings
from settings.types.kinds import ENVIRONMENTS
from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    Deployment,
    deploy_stack,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.routes import find_egress

ROLE = "aws:iam/role:Role"
LINK = "aws:oam/link:Link"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
CHAIN = ("development", "preproduction", "production")


def environment(name, *, placement="large", sign_in="identity-center", **changes):
    """Deploys one environment with changed settings, from the outputs of its upstream stacks."""
    foundation = example_foundation(
        EnvironmentSettings(team="fraud", environment=name, **changes),
        organization=example_organization(placement=placement, sign_in=sign_in),
        teams=[example_team()],
    )
    before = example_deployment() if placement == "large" else Deployment(foundation)
    return deploy_stack(f"fraud-{name}", foundation, upstream=before.outputs_before(f"fraud-{name}"))


def example(name):
    return example_deployment()[f"fraud-{name}"]


@pytest.mark.requirement("AMB-21.a", "DEV-03.a", "NET-03.a", "PRE-02.b")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_no_subnet_has_a_route_out(name):
    assert find_egress(example(name)) == []


@pytest.mark.requirement("EXP-05.a")
def test_experimentation_has_internet_egress_exactly_while_the_setting_is_on():
    on, off = environment("experimentation", internet_access=True), environment("experimentation")
    assert {"0.0.0.0/0 -> firewall", "0.0.0.0/0 -> nat"} <= {way.split(": ")[1] for way in find_egress(on)}
    assert find_egress(off) == []
    opened = {r.urn for r in on}
    # One rule to all addresses replaces the rules to AWS.
    narrower = {f"workloads-to-{name}" for name in ("endpoints", "s3", "dynamodb")}
    assert {r.name for r in off if r.urn not in opened} == narrower


@pytest.mark.requirement("EXP-05.a", "DEV-03.a")
def test_an_account_allows_internet_gateways_only_if_one_of_its_environments_has_internet_access():
    options = "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"
    reaching = environment("experimentation", internet_access=True).one(options).inputs
    assert reaching["internetGatewayBlockMode"] == "block-ingress"
    for name in ENVIRONMENTS:
        assert example(name).one(options).inputs["internetGatewayBlockMode"] == "block-bidirectional"


@pytest.mark.requirement("NET-02.a", "EXP-01.c", "SZ-06.b")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_endpoint_admits_only_this_account_and_reaches_only_this_account_and_the_durable_ones(name):
    organization, team = example_deployment()["organization"].exports, example_deployment()["fraud"].exports
    own = team["accounts"][name]
    durable = {id_ for kind, id_ in organization["accounts"].items() if kind != "organization"}
    for endpoint in example(name).all(ENDPOINT):
        condition = statements(endpoint)["OurCallersOnOurResources"]["Condition"]["StringEquals"]
        assert condition["aws:PrincipalOrgID"] == condition["aws:ResourceOrgID"] == organization["organization_id"]
        assert condition["aws:PrincipalAccount"] == own
        assert set(condition["aws:ResourceAccount"]) == {own, *durable}


@pytest.mark.requirement("AMB-21.b", "NET-01")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_service_that_a_role_may_call_has_an_endpoint(name):
    recorder = example(name)
    reached = {
        action.split(":")[0]
        for endpoint in recorder.all(ENDPOINT)
        for statement in statements(endpoint).values()
        for action in as_list(statement["Action"])
    }
    called = {
        action.split(":")[0]
        for policy in recorder.all("aws:iam/rolePolicy:RolePolicy")
        # Deployers call from the network of the governance account, and reviews from outside.
        if policy.name not in ("deployer-builds-1", "deployer-permissions", "reviewer-permissions")
        for statement in statements(policy).values()
        for action in as_list(statement["Action"])
    }
    # SageMaker calls EC2 on the role's behalf, and passing a role is a permission, not a call.
    assert called - {"ec2", "iam"} <= reached


@pytest.mark.requirement("NET-03.e")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_callers_in_the_network_reach_the_sagemaker_runtime_by_an_endpoint_with_a_private_name(name):
    (runtime,) = [e for e in example(name).all(ENDPOINT) if e.inputs["serviceName"].endswith(".sagemaker.runtime")]
    assert runtime.inputs["privateDnsEnabled"] is True
    assert runtime.inputs["vpcId"] == example(name).exports["vpc_id"]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_role_has_the_boundary_of_the_environment_and_the_path(name):
    recorder = example(name)
    boundary = recorder.exports["permissions_boundary_arn"]
    for role in recorder.all(ROLE):
        named = role.inputs["name"]
        own = boundary.replace(boundary.rpartition("/")[2], f"{named}-boundary")
        expected = own if named in ("platform-deployer", "platform-reviewer") else boundary
        assert (role.inputs["permissionsBoundary"], role.inputs["path"]) == (expected, "/plinth/")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_buckets_have_names_that_only_their_account_can_take(name):
    recorder = example(name)
    account = recorder.exports["account_id"]
    for bucket in recorder.all("aws:s3/bucket:Bucket"):
        assert bucket.inputs["bucketNamespace"] == "account-regional"
        assert bucket.inputs["bucket"].endswith(f"-{account}-eu-west-1-an")
        assert len(bucket.inputs["bucket"]) <= 63


def test_the_security_group_and_endpoints_of_studio_exist_only_with_a_studio():
    without = environment("development", studio=StudioSettings(enabled=False))
    assert without.exports.get("studio_security_group_id") is None
    assert not [e for e in without.all(ENDPOINT) if e.inputs["serviceName"].endswith(".studio")]
    assert example("development").exports["studio_security_group_id"]


def test_logs_and_versions_stay_as_long_as_the_settings_say():
    recorder = environment("production", log_retention_days=731, noncurrent_retention_days=200, key_deletion_days=20)
    lifecycle = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    access_logs = recorder.one(lifecycle, "access-logs-lifecycle")
    assert access_logs.inputs["rules"][0]["expiration"] == {"days": 731}
    assert recorder.one("aws:kms/key:Key").inputs["deletionWindowInDays"] == 20
    rule = recorder.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "ml-lifecycle").inputs[
        "rules"
    ][0]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 200}


@pytest.mark.requirement("AUD-03")
def test_all_traffic_is_recorded_in_the_log_archive():
    recorder = example("production")
    flow = recorder.one("aws:ec2/flowLog:FlowLog").inputs
    assert (flow["trafficType"], flow["vpcId"]) == ("ALL", recorder.exports["vpc_id"])
    archive = example_deployment()["audit"].exports["log_bucket_arn"]
    assert (flow["logDestinationType"], flow["logDestination"]) == ("s3", archive)


@pytest.mark.requirement("NET-06")
@pytest.mark.parametrize("zones", [2, 3])
def test_the_network_spans_as_many_zones_as_the_settings_say(zones):
    recorder = environment("development", zones=zones)
    assert len(recorder.exports["private_subnet_ids"]) == zones
    assert {len(e.inputs["subnetIds"]) for e in recorder.all(ENDPOINT) if "subnetIds" in e.inputs} == {zones}


def test_networks_of_one_team_do_not_overlap():
    cidrs = [IPv4Network(example(name).one("aws:ec2/vpc:Vpc").inputs["cidrBlock"]) for name in ENVIRONMENTS]
    assert not [(a, b) for a in cidrs for b in cidrs if a is not b and a.overlaps(b)]


@pytest.mark.requirement("ACC-08.d")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_no_resource_of_an_environment_is_retained_after_it(name):
    recorder = example(name)
    assert not [r.name for r in recorder if r.protect or r.retain_on_delete]
    assert all(b.inputs["forceDestroy"] for b in recorder.all("aws:s3/bucket:Bucket"))


def test_a_shared_account_is_set_up_by_the_environment_it_is_named_after():
    foundation = example_foundation(organization=example_organization(placement="medium"), teams=[example_team()])
    deployed = Deployment(foundation)
    baseline = "plinth:security:AccountBaseline"
    assert len(deployed["fraud-development"].all(baseline)) == 1
    assert not deployed["fraud-experimentation"].all(baseline)


def test_accounts_that_serve_releases_have_what_endpoints_and_apis_need_of_an_account():
    service = "sagemaker.application-autoscaling.amazonaws.com"
    for name in ENVIRONMENTS:
        scaling = [
            role.inputs["awsServiceName"] for role in example(name).all("aws:iam/serviceLinkedRole:ServiceLinkedRole")
        ]
        released = name in ("preproduction", "production")
        assert (service in scaling) == released
        logging = [
            account.inputs["cloudwatchRoleArn"] for account in example(name).all("aws:apigateway/account:Account")
        ]
        assert [arn.rpartition("/")[2] for arn in logging] == ([f"fraud-{name}-api-logs"] if released else [])


@pytest.mark.requirement("MON-08.a", "MON-08.b")
def test_accounts_that_serve_releases_have_a_dashboard_of_all_models():
    for name in ENVIRONMENTS:
        shown = [resource.inputs for resource in example(name).all("aws:cloudwatch/dashboard:Dashboard")]
        if name not in ("preproduction", "production"):
            assert shown == []
            continue
        ((dashboard,),) = [shown]
        assert dashboard["dashboardName"] == f"fraud-{name}-models"
        charts = {widget["properties"]["title"]: widget for widget in json.loads(dashboard["dashboardBody"])["widgets"]}
        ((search,),) = charts["Drifted columns"]["properties"]["metrics"]
        found = f"""SEARCH('Environment="{name}" MetricName="DriftedColumns"', 'Maximum', 3600)"""
        assert search == {"expression": found}


@pytest.mark.requirement("MON-08.b")
def test_accounts_that_serve_releases_share_metrics_with_the_governance_account_once_it_exists():
    sink = example_deployment()["governance"].exports["sink_arn"]
    for name in ENVIRONMENTS:
        links = [link.inputs["sinkIdentifier"] for link in example(name).all(LINK)]
        assert links == ([sink] if name in ("preproduction", "production") else [])
    before = Deployment(example_foundation(organization=example_organization(phase="reliable")))
    assert before["fraud-production"].all(LINK) == []


def test_an_environment_in_the_account_of_another_kind_serves_no_releases():
    foundation = example_foundation(organization=example_organization(placement="small"), teams=[example_team()])
    deployed = Deployment(foundation)
    for name in ("preproduction", "production"):
        assert deployed[f"fraud-{name}"].all("plinth:serving:ServingAccount") == []
        assert deployed[f"fraud-{name}"].all(LINK) == []


def test_environments_that_share_an_account_share_no_name():
    foundation = example_foundation(organization=example_organization(placement="small"), teams=[example_team()])
    deployed = Deployment(foundation)
    names = [
        (r.type, r.inputs.get("name") or r.inputs.get("bucket") or r.inputs.get("domainName"))
        for stack in ENVIRONMENTS
        for r in deployed[f"fraud-{stack}"].resources
        if r.type in {ROLE, "aws:iam/policy:Policy", "aws:kms/alias:Alias", "aws:s3/bucket:Bucket"}
    ]
    assert len(names) == len(set(names))


@pytest.mark.requirement("ACC-02.b")
def test_in_a_small_placement_no_provider_assumes_a_role():
    recorder = environment("production", placement="small")
    (provider,) = [r for r in recorder if r.is_provider]
    assert "assumeRoles" not in provider.inputs
    assert json.loads(provider.inputs["allowedAccountIds"]) == [recorder.exports["account_id"]]


@pytest.mark.requirement("S3-01", "S3-07.a", "S3-08")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_ml_bucket_has_rules_for_each_use_case_of_the_team_and_the_classes_that_are_built_there(name):
    bucket = {"experimentation": "ml-exp-fraud-", "development": "ml-dev-fraud-"}.get(name)
    recorder = example(name)
    (rules,) = [{rule["id"] for rule in r.inputs["rules"]} for r in recorder.all(LIFECYCLE) if r.name == "ml-lifecycle"]
    built = {"scoring-batch"} if name in ("preproduction", "production") else {"scoring-feature", "scoring-develop"}
    kept = {"scoring-asynchronous", "scoring-capture", "scoring-predictions"}
    served = kept if name in ("preproduction", "production") else set()
    assert {"expire", "queries", *served, *built, *(f"{rule_id}-data" for rule_id in built)} == rules
    assert recorder.exports["bucket_name"].startswith(bucket or "ml-p")
    layout = statements(recorder.one("aws:s3/bucketPolicy:BucketPolicy", "ml-policy"))["RefuseKeysOutsideTheLayout"]
    arn = recorder.exports["bucket_arn"]
    assert layout["NotResource"] == [f"{arn}/{folder}/*" for folder in ("scoring", "queries")]


@pytest.mark.requirement("S3-07.a")
def test_retention_comes_from_the_use_case_or_else_from_the_environment():
    foundation = example_foundation(
        EnvironmentSettings(team="fraud", environment="production", retention={"batch": Retention(days=100)}),
        teams=[
            example_team(
                use_cases={
                    "scoring": UseCaseSettings(),
                    "disputes": UseCaseSettings(retention={"batch": Retention(days=200)}),
                }
            )
        ],
    )
    recorder = deploy_stack(
        "fraud-production", foundation, upstream=example_deployment().outputs_before("fraud-production")
    )
    rules = {rule["id"]: rule for rule in recorder.one(LIFECYCLE, "ml-lifecycle").inputs["rules"]}
    assert rules["scoring-batch"]["expiration"] == {"days": 100}
    assert rules["disputes-batch"]["expiration"] == {"days": 200}


def test_an_environment_without_use_cases_has_an_ml_bucket():
    foundation = example_foundation(teams=[example_team(use_cases={})])
    recorder = deploy_stack(
        "fraud-production", foundation, upstream=example_deployment().outputs_before("fraud-production")
    )
    assert {rule["id"] for rule in recorder.one(LIFECYCLE, "ml-lifecycle").inputs["rules"]} == {"expire", "queries"}
