"""Dry runs of EC2, images of instances, what ends with an instance or a subnet, and both APIs of load balancers."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import EmulatedAws, refusal

LATEST = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64"


@pytest.fixture(scope="module")
def ec2(aws: EmulatedAws, account: str) -> Any:
    return aws.client("ec2", account)


@pytest.fixture(scope="module")
def vpc(ec2: Any) -> str:
    return str(ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"])


def subnet(ec2: Any, vpc: str, number: int) -> str:
    return str(ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24")["Subnet"]["SubnetId"])


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("create_vpc", {"CidrBlock": "10.10.0.0/16"}),
        ("create_dhcp_options", {"DhcpConfigurations": [{"Key": "domain-name", "Values": ["acme"]}]}),
        ("create_transit_gateway", {}),
        ("describe_vpcs", {}),
    ],
)
def test_a_dry_run_changes_nothing(ec2: Any, operation: str, given: dict[str, Any]) -> None:
    def everything() -> list[int]:
        return [len(ec2.describe_vpcs()["Vpcs"]), len(ec2.describe_dhcp_options()["DhcpOptions"])]

    before = everything()
    with pytest.raises(ClientError, match="Request would have succeeded, but DryRun flag is set") as refused:
        getattr(ec2, operation)(DryRun=True, **given)
    assert refused.value.response["Error"]["Code"] == "DryRunOperation"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert everything() == before


def test_a_dry_run_checks_what_must_be_there_and_no_values(aws: EmulatedAws, account: str) -> None:
    launched = {"LaunchTemplateSpecification": {"LaunchTemplateName": "none", "Version": "1"}}
    fleet = {"LaunchTemplateConfigs": [launched], "ExcessCapacityTerminationPolicy": "terminate", "DryRun": True}
    create = aws.client("ec2", account, checked=False).create_fleet
    assert refusal(create, **fleet, TargetCapacitySpecification={"TotalTargetCapacity": 1}) == "DryRunOperation"
    assert refusal(create, **fleet) == "MissingParameter"


def test_a_dry_run_of_an_invalid_request_is_refused_as_the_request(ec2: Any) -> None:
    assert refusal(ec2.create_vpc_endpoint, DryRun=True, VpcId="vpc-1", ServiceName="none") == "InvalidServiceName"


def test_an_instance_needs_an_image_that_exists(ec2: Any, vpc: str) -> None:
    given = {"MinCount": 1, "MaxCount": 1, "SubnetId": subnet(ec2, vpc, 1)}
    assert refusal(ec2.run_instances, ImageId="ami-0123456789abcdef0", **given) == "InvalidAMIID.NotFound"
    assert refusal(ec2.run_instances, ImageId="newest", **given) == "InvalidAMIID.Malformed"


def test_the_interface_of_an_instance_ends_with_it_unless_it_existed_before(
    aws: EmulatedAws, account: str, ec2: Any, vpc: str
) -> None:
    image = aws.client("ssm", account).get_parameter(Name=LATEST)["Parameter"]["Value"]
    place = subnet(ec2, vpc, 2)
    group = ec2.create_security_group(GroupName="of-instances", Description="d", VpcId=vpc)["GroupId"]
    kept = ec2.create_network_interface(SubnetId=place, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
    given = {"ImageId": image, "MinCount": 1, "MaxCount": 1}
    started = [
        ec2.run_instances(SubnetId=place, SecurityGroupIds=[group], **given)["Instances"][0]["InstanceId"],
        ec2.run_instances(NetworkInterfaces=[{"NetworkInterfaceId": kept, "DeviceIndex": 0}], **given)["Instances"][0][
            "InstanceId"
        ],
    ]
    ec2.terminate_instances(InstanceIds=started)
    left = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [place]}])["NetworkInterfaces"]
    assert [network_interface["NetworkInterfaceId"] for network_interface in left] == [kept]
    assert refusal(ec2.delete_subnet, SubnetId=place) == "DependencyViolation"
    ec2.delete_network_interface(NetworkInterfaceId=kept)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=place)


def test_a_deleted_subnet_leaves_its_route_table(ec2: Any, vpc: str) -> None:
    place = subnet(ec2, vpc, 3)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=place)
    ec2.delete_subnet(SubnetId=place)
    assert ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Associations"] == []
    ec2.delete_route_table(RouteTableId=table)


def test_both_generations_of_load_balancers_answer_their_clients(
    aws: EmulatedAws, account: str, ec2: Any, vpc: str
) -> None:
    zones = [
        availability_zone["ZoneName"]
        for availability_zone in ec2.describe_availability_zones()["AvailabilityZones"][:2]
    ]
    places = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones, start=10)
    ]
    newer, classic = aws.client("elbv2", account), aws.client("elb", account)
    made = newer.create_load_balancer(Name="newer", Subnets=places)["LoadBalancers"][0]["LoadBalancerArn"]
    assert newer.describe_tags(ResourceArns=[made])["TagDescriptions"][0]["ResourceArn"] == made
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    classic.create_load_balancer(LoadBalancerName="classic", Listeners=[listener], Subnets=places)
    assert [balancer["LoadBalancerName"] for balancer in newer.describe_load_balancers()["LoadBalancers"]] == ["newer"]
    listed = classic.describe_load_balancers()["LoadBalancerDescriptions"]
    assert [balancer_description["LoadBalancerName"] for balancer_description in listed] == ["classic"]
