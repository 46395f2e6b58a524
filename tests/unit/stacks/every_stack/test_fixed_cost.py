"""`plinth cost` counts from the settings exactly what the stacks build."""

import json
from collections import Counter
from functools import cache

import pytest

from selfservice.reports.cost.quantities import quantities
from settings.data.dataset import Dataset
from settings.derived.stack_graph import StackIdentity
from settings.team.team import EnvironmentSettings
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team
from tests.support.variants import CLUSTER, REQUESTS, SECOND_REGION

BILLED_BY_TYPE = {
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "metric",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "alarm",
    "aws:eks/cluster:Cluster": "cluster",
    "aws:rds/instance:Instance": "database",
    "aws:ec2/eip:Eip": "public-address",
    "aws:ec2/natGateway:NatGateway": "nat-gateway",
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": "transit-gateway-attachment",
    "aws:kms/key:Key": "encryption-key",
    "aws:networkfirewall/firewall:Firewall": "firewall-endpoint",
    "aws:route53/profilesProfile:ProfilesProfile": "dns-profile",
    "aws:secretsmanager/secret:Secret": "secret",
}


FOLDER = {"name": "forms", "owner": "data@acme.example", "classification": "internal", "kind": "objects"}


def one_team(*environments, **changes):
    """Returns a foundation with one team and an object dataset, which has a key of its own."""
    folder = Dataset.model_validate(FOLDER)
    return example_foundation(*environments, teams=[example_team()], datasets=[folder], **changes)


@cache
def organization(endpoints):
    """Returns a foundation and its deployment, with every optional part that has a price."""
    open_ = EnvironmentSettings(team="fraud", environment="experimentation", internet_access=True, tracking_server=True)
    whole = one_team(
        open_, organization=example_organization(endpoints=endpoints, **SECOND_REGION, **CLUSTER, **REQUESTS)
    )
    return whole, Deployment(whole)


STACKS = [
    stack.name for stack in one_team(organization=example_organization(**SECOND_REGION, **CLUSTER, **REQUESTS)).stacks
]


def built(records):
    """Counts resources that are billed by the hour or month. Interface endpoints are billed in each zone. RDS keeps the
    password of a database in a secret."""
    counted = Counter(BILLED_BY_TYPE[record.type] for record in records if record.type in BILLED_BY_TYPE)
    for record in records:
        if record.type == "aws:ec2/vpcEndpoint:VpcEndpoint" and record.inputs["vpcEndpointType"] == "Interface":
            zones = record.inputs["subnetIds"]
            counted["interface-endpoint"] += len(json.loads(zones) if isinstance(zones, str) else zones)
        if record.inputs.get("manageMasterUserPassword"):
            counted["secret"] += 1
        if record.type == "kubernetes:core/v1:Service" and record.inputs["spec"]["type"] == "LoadBalancer":
            counted["load-balancer"] += 1
    return dict(counted)


@pytest.mark.parametrize("endpoints", ["dedicated", "shared"])
@pytest.mark.parametrize("stack", STACKS)
def test_the_cost_report_counts_what_the_stack_builds(stack, endpoints):
    foundation, deployment = organization(endpoints)
    counted = quantities(StackIdentity.parse(stack), foundation, endpoints)
    message = f"selfservice/reports/cost/quantities.py does not count what {stack} builds"
    assert {part: number for part, number in counted.items() if number} == built(deployment[stack]), message
