"""Amazon EC2 and VPC, split into several modules because of their size."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.network.ec2.account_settings import (
    IMAGE_BLOCK_PUBLIC_ACCESS,
    INSTANCE_METADATA_DEFAULTS,
    VPC_BLOCK_PUBLIC_ACCESS_OPTIONS,
)
from plinth_sandbox.provider.catalog.network.ec2.endpoint_services import (
    VPC_ENDPOINT_CONNECTION_ACCEPTER,
    VPC_ENDPOINT_SERVICE,
)
from plinth_sandbox.provider.catalog.network.ec2.endpoints import VPC_ENDPOINT, VPC_ENDPOINT_POLICY
from plinth_sandbox.provider.catalog.network.ec2.gateways import (
    CARRIER_GATEWAY,
    EGRESS_ONLY_INTERNET_GATEWAY,
    EIP,
    INTERNET_GATEWAY,
    INTERNET_GATEWAY_ATTACHMENT,
    NAT_GATEWAY,
)
from plinth_sandbox.provider.catalog.network.ec2.networks import FLOW_LOG, SUBNET, VPC
from plinth_sandbox.provider.catalog.network.ec2.prefix_lists import MANAGED_PREFIX_LIST, PREFIX_LIST
from plinth_sandbox.provider.catalog.network.ec2.routes import (
    DEFAULT_ROUTE_TABLE,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
)
from plinth_sandbox.provider.catalog.network.ec2.security_groups import DEFAULT_SECURITY_GROUP, SECURITY_GROUP

DATA_SOURCES = [PREFIX_LIST, MANAGED_PREFIX_LIST]

RESOURCES = [
    VPC,
    SUBNET,
    FLOW_LOG,
    ROUTE_TABLE,
    DEFAULT_ROUTE_TABLE,
    ROUTE,
    ROUTE_TABLE_ASSOCIATION,
    SECURITY_GROUP,
    DEFAULT_SECURITY_GROUP,
    VPC_ENDPOINT,
    VPC_ENDPOINT_POLICY,
    VPC_ENDPOINT_SERVICE,
    VPC_ENDPOINT_CONNECTION_ACCEPTER,
    INTERNET_GATEWAY,
    INTERNET_GATEWAY_ATTACHMENT,
    EGRESS_ONLY_INTERNET_GATEWAY,
    CARRIER_GATEWAY,
    EIP,
    NAT_GATEWAY,
    IMAGE_BLOCK_PUBLIC_ACCESS,
    INSTANCE_METADATA_DEFAULTS,
    VPC_BLOCK_PUBLIC_ACCESS_OPTIONS,
]
