"""Account ids, ARNs and names that the tests of components share."""

from ipaddress import IPv4Network

from components.network.endpoint_policy import Perimeter
from components.network.private_network import PrivateNetworkArgs, SubnetAllocation

ORGANIZATION = "o-example1234"
ACCOUNT = "222222222222"
TOOLING = "333333333333"
REGION = "eu-west-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/plinth/boundary"
CIDR = IPv4Network("10.1.8.0/21")

PERIMETER = Perimeter(
    organization_id=ORGANIZATION, account_id=ACCOUNT, resource_account_ids=[ACCOUNT, TOOLING], region=REGION
)
PLACES = [
    SubnetAllocation(zone_id="euw1-az1", cidr=IPv4Network("10.1.8.0/23")),
    SubnetAllocation(zone_id="euw1-az2", cidr=IPv4Network("10.1.10.0/23")),
]
NETWORK = PrivateNetworkArgs(label="fraud-development", cidr=CIDR, subnets=PLACES)
