from dataclasses import replace

import botocore.session
import pytest

from components.network.private_endpoints import PrivateEndpoints, PrivateEndpointsArgs
from plinth_sandbox.emulator.services.ec2.checks.endpoint_services import is_endpoint_service
from settings.derived.endpoint_services import (
    API,
    GATEWAYS,
    NOT_OFFERED,
    PACKAGES,
    PLATFORM_IMAGE,
    STUDIO,
    TRACKING,
    UNSHARED,
    WORKFLOWS,
    WORKLOADS,
    EndpointService,
    endpoint_services,
    offered_in,
    own_endpoint_services,
    shared_endpoint_services,
)
from settings.types.aws.image_registries import image_registries
from settings.types.kinds import ENVIRONMENTS, RELEASED_TO, WORKING_KINDS
from settings.types.regions import REGIONS
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, CIDR, ORGANIZATION, PERIMETER, REGION, TOOLING

KINDS_WITH_A_NETWORK = (*WORKING_KINDS, *ENVIRONMENTS)
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def endpoints(*, studio=True, perimeter=PERIMETER, services=None):
    args = PrivateEndpointsArgs(
        label="fraud-development",
        region=REGION,
        vpc_id="vpc-1",
        cidr=CIDR,
        subnet_ids=["subnet-1", "subnet-2"],
        route_table_ids=["rtb-1"],
        services=services or endpoint_services("development", studio=studio),
        perimeter=perimeter,
    )
    return PrivateEndpoints("endpoints", args)


@pytest.mark.requirement("NET-02.b", "EXP-01.c")
def test_callers_and_resources_outside_the_allowed_accounts_are_denied():
    for endpoint in deploy(endpoints).all(ENDPOINT):
        condition = statements(endpoint)["OurCallersOnOurResources"]["Condition"]
        assert condition == {
            "StringEquals": {
                "aws:PrincipalOrgID": ORGANIZATION,
                "aws:PrincipalAccount": ACCOUNT,
                "aws:ResourceOrgID": ORGANIZATION,
                "aws:ResourceAccount": [ACCOUNT, TOOLING],
            }
        }


def of_deployers(perimeter, **shape):
    """Returns the endpoint policy statements about deployers, by endpoint."""
    found = deploy(lambda: endpoints(perimeter=perimeter, **shape)).all(ENDPOINT)
    said = {e.name: {sid: s for sid, s in statements(e).items() if sid.startswith("Deployers")} for e in found}
    return {name: by_sid for name, by_sid in said.items() if by_sid}


def test_endpoints_of_the_runner_also_admit_deployers_of_other_accounts():
    said = of_deployers(replace(PERIMETER, admits_deployers=True))
    assert len(said) == len(endpoint_services("development", studio=True))
    for by_sid in said.values():
        assert by_sid["DeployersOnOurResources"]["Condition"] == {
            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/plinth/platform-deployer"},
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceOrgID": ORGANIZATION},
        }


def test_deployers_create_endpoints_to_services_of_aws_only():
    """Requests do not contain the owner of a resource, on which the data perimeter relies elsewhere."""
    ec2 = EndpointService(name="ec2", service_name="com.amazonaws.{region}.ec2", prefixes=("ec2",))
    by_sid = of_deployers(replace(PERIMETER, admits_deployers=True, account_id=None), services=[ec2])["endpoints-ec2"]
    assert by_sid.keys() == {"DeployersPlaceEndpoints", "DeployersConnectToAws"}
    deployers = {
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/plinth/platform-deployer"},
        "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
    }
    place, connect = by_sid["DeployersPlaceEndpoints"], by_sid["DeployersConnectToAws"]
    assert {place["Action"], connect["Action"]} == {"ec2:CreateVpcEndpoint"}
    assert place["Resource"] == [
        f"arn:aws:ec2:*:*:{sort}/*" for sort in ("route-table", "security-group", "subnet", "vpc")
    ]
    assert place["Condition"] == deployers
    assert connect["Resource"] == "arn:aws:ec2:*:*:vpc-endpoint/*"
    assert connect["Condition"] == {
        **deployers,
        "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "ec2:VpceServiceOwner": "amazon"},
    }


def test_deployers_connect_networks_to_services_of_the_accounts_that_offer_some():
    perimeter = replace(PERIMETER, admits_deployers=True, account_id=None, endpoint_owners=[TOOLING])
    ec2 = next(service for service in endpoint_services("governance") if service.name == "ec2")
    connect = of_deployers(perimeter, services=[ec2])["endpoints-ec2"]["DeployersConnectToAws"]
    assert connect["Condition"]["StringEquals"]["ec2:VpceServiceOwner"] == ["amazon", TOOLING]


def test_other_endpoints_do_not_admit_deployers():
    assert of_deployers(PERIMETER) == {}


def test_tooling_and_environments_reach_the_package_repository_and_governance_its_api():
    api, repositories = PACKAGES
    expected = {"governance": {api}, **{kind: {api, repositories} for kind in ("tooling", *ENVIRONMENTS)}}
    for kind in KINDS_WITH_A_NETWORK:
        found = set(endpoint_services(kind, packages=True)) - set(endpoint_services(kind))
        assert found == expected.get(kind, set())


def test_governance_reaches_the_apis_that_deploy_builds_of_the_platforms_image():
    for kind in KINDS_WITH_A_NETWORK:
        found = set(endpoint_services(kind, platform_image=True)) - set(endpoint_services(kind))
        assert found == (set(PLATFORM_IMAGE) if kind == "governance" else set())


def test_governance_reaches_the_api_of_the_database_that_it_creates():
    for kind in KINDS_WITH_A_NETWORK:
        found = set(endpoint_services(kind, workflows=True)) - set(endpoint_services(kind))
        assert found == (set(WORKFLOWS) if kind == "governance" else set())


@pytest.mark.requirement("NET-02.b")
def test_every_statement_is_restricted_except_reads_of_content_published_by_aws():
    for endpoint in deploy(endpoints).all(ENDPOINT):
        for sid, statement in statements(endpoint).items():
            if sid == "PullWhatAwsPublishes":
                assert endpoint.name in ("endpoints-ecr-api", "endpoints-ecr-dkr")
                assert statement["Condition"]["StringEquals"]["aws:PrincipalAccount"] == ACCOUNT
            elif sid == "ReadWhatAwsPublishes":
                assert endpoint.name == "endpoints-s3"
                assert as_list(statement["Action"]) == ["s3:GetObject"]
                assert all(
                    r.split(":::")[1].startswith(("prod-eu-west-1-", "jumpstart-")) for r in statement["Resource"]
                )
            else:
                assert statement["Condition"]["StringEquals"]["aws:ResourceOrgID"] == ORGANIZATION


@pytest.mark.requirement("EXP-01.c")
def test_each_policy_is_about_the_service_of_its_endpoint():
    services = {f"endpoints-{service.name}": service for service in endpoint_services("development", studio=True)}
    for endpoint in deploy(endpoints).all(ENDPOINT):
        allowed = {action.split(":")[0] for s in statements(endpoint).values() for action in as_list(s["Action"])}
        assert allowed == set(services[endpoint.name].prefixes)


def test_interface_endpoints_have_private_dns_names_and_an_address_in_every_zone():
    for endpoint in deploy(endpoints).all(ENDPOINT):
        if endpoint.inputs["vpcEndpointType"] == "Interface":
            assert endpoint.inputs["privateDnsEnabled"] is True
            assert endpoint.inputs["subnetIds"] == ["subnet-1", "subnet-2"]
            assert endpoint.inputs["securityGroupIds"] == ["endpoints-security-group-id"]


def test_gateway_endpoints_are_routed_in_the_private_route_tables():
    gateways = [e for e in deploy(endpoints).all(ENDPOINT) if e.inputs["vpcEndpointType"] == "Gateway"]
    assert {e.inputs["serviceName"] for e in gateways} == {
        "com.amazonaws.eu-west-1.s3",
        "com.amazonaws.eu-west-1.dynamodb",
    }
    assert all(e.inputs["routeTableIds"] == ["rtb-1"] for e in gateways)


def test_endpoints_accept_only_https_from_the_network():
    (rule,) = deploy(endpoints).all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert (rule.inputs["cidrIpv4"], rule.inputs["fromPort"], rule.inputs["toPort"]) == (str(CIDR), 443, 443)


def test_without_studio_there_are_no_studio_endpoints():
    names = {e.name.removeprefix("endpoints-") for e in deploy(lambda: endpoints(studio=False)).all(ENDPOINT)}
    assert names == {service.name for service in (*GATEWAYS, *WORKLOADS)}
    assert not names & {service.name for service in STUDIO}


@pytest.mark.requirement("EXP-09.a")
def test_images_published_by_aws_can_only_be_pulled():
    statement = statements(deploy(endpoints).one(ENDPOINT, "endpoints-ecr-dkr"))["PullWhatAwsPublishes"]
    assert not [
        action for action in statement["Action"] if action.split(":")[1].startswith(("Put", "Delete", "Create"))
    ]
    accounts = {resource.split(":")[4] for resource in statement["Resource"]}
    # Registries of frameworks, deep learning, Clarify and Model Monitor, as the SageMaker SDK resolves them.
    assert accounts == {"141502667606", "763104351884", "131013547314", "468650794304"}


def test_a_registry_is_an_account_of_its_region_and_of_no_other():
    assert set(image_registries("eu-west-1")) & set(image_registries("us-east-1")) == {"763104351884"}
    assert all(len(account) == 12 for region in REGIONS for account in image_registries(region))


@pytest.mark.parametrize("kind", KINDS_WITH_A_NETWORK)
def test_no_service_has_two_endpoints(kind):
    services = endpoint_services(kind, studio=True)
    names = [service.service_name for service in services]
    assert len(names) == len(set(names))
    assert len({service.name for service in services}) == len(services)


def test_shared_endpoints_are_the_interfaces_of_all_kinds_together():
    shared = set(shared_endpoint_services())
    needed = {service for kind in KINDS_WITH_A_NETWORK for service in endpoint_services(kind, studio=True)}
    assert shared == needed - set(GATEWAYS) - set(UNSHARED)


def test_endpoints_used_by_one_account_kind_only_are_in_its_own_network():
    for kind in KINDS_WITH_A_NETWORK:
        own = set(own_endpoint_services(endpoint_services(kind, studio=True)))
        assert own == {
            *GATEWAYS,
            *(set(UNSHARED) - {*API, *PACKAGES} if kind == "governance" else ()),
            *(API if kind in (*RELEASED_TO, "tooling") else ()),
        }


@pytest.mark.requirement("EXP-11.a")
def test_the_endpoint_for_experiment_tracking_is_not_shared():
    services = endpoint_services("experimentation", studio=True, tracking=True)
    assert set(services) - set(endpoint_services("experimentation", studio=True)) == set(TRACKING)
    assert set(own_endpoint_services(services)) == {*GATEWAYS, *TRACKING}
    (service,) = TRACKING
    assert service.service_name == "aws.sagemaker.{region}.experiments"
    document = statements(deploy(lambda: endpoints(services=TRACKING)).one(ENDPOINT))
    assert set(document["OurCallersOnOurResources"]["Action"]) == {"sagemaker:*", "sagemaker-mlflow:*"}


SDK_NAMES = {
    "access-analyzer": "accessanalyzer",
    "codeartifact-api": "codeartifact",
    "codeartifact-repositories": "codeartifact",
    "ecr-api": "ecr",
    "ecr-dkr": "ecr",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "execute-api": "apigateway",
    "git-codecommit": "codecommit",
    "monitoring": "cloudwatch",
    "sagemaker-api": "sagemaker",
    "sagemaker-featurestore-runtime": "sagemaker",  # has no table of its own
    "states": "stepfunctions",
    **dict.fromkeys(("experiments", "notebook", "studio"), "sagemaker"),
    "sagemaker-runtime": "sagemaker-runtime",
    "ssmmessages": "ssm",
}
"""Name of a service in the SDK, by the name of its endpoint, where they differ."""


def regions_of(service):
    return set(botocore.session.get_session().get_available_regions(SDK_NAMES.get(service, service)))


def test_endpoints_are_left_out_in_exactly_the_regions_in_which_aws_does_not_offer_the_service():
    services = {
        service.name
        for kind in KINDS_WITH_A_NETWORK
        for service in endpoint_services(
            kind, studio=True, tracking=True, spark=True, api=True, deliveries=True, packages=True
        )
    }
    missing = {service: frozenset(REGIONS - regions_of(service)) for service in services}
    assert {service: regions for service, regions in missing.items() if regions} == NOT_OFFERED


def test_the_sandbox_knows_every_endpoint_service_of_the_foundation():
    names = {
        service.service_name.format(region=REGION)
        for kind in KINDS_WITH_A_NETWORK
        for service in endpoint_services(
            kind, studio=True, tracking=True, spark=True, api=True, deliveries=True, connections=True, packages=True
        )
        if service not in GATEWAYS
    }
    assert {name for name in names if not is_endpoint_service(name, REGION)} == set()


def test_a_network_has_no_endpoint_that_its_region_does_not_offer():
    offered = {service.name for service in offered_in("ap-southeast-6", endpoint_services("governance"))}
    assert {service.name for service in endpoint_services("governance")} - offered == {"inspector2", "macie2"}


def test_the_profiles_that_shared_endpoints_need_are_offered_in_every_region():
    assert regions_of("route53profiles") >= REGIONS
