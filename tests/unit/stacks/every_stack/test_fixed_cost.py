"""What `plinth cost` counts from the settings is what the stacks build."""

import json
from collections import Counter
from functools import cache

import pytest

from selfservice.reports.cost.quantities import quantities
from settings.data.dataset import Dataset
from settings.derived.stack_graph import StackIdentity
from settings.team.team import EnvironmentSettings
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team

BILLED_BY_TYPE = {
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "metric",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "alarm",
    "aws:ec2/eip:Eip": "public-address",
    "aws:ec2/natGateway:NatGateway": "nat-gateway",
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": "transit-gateway-attachment",
    "aws:kms/key:Key": "encryption-key",
    "aws:networkfirewall/firewall:Firewall": "firewall-endpoint",
    "aws:route53/profilesProfile:ProfilesProfile": "dns-profile",
}


FOLDER = {"name": "forms", "owner": "data@acme.example", "classification": "internal", "kind": "objects"}


def one_team(*environments, **changes):
    """With a dataset that is a folder, which has a key of its own."""
    folder = Dataset.model_validate(FOLDER)
    return example_foundation(*environments, teams=[example_team()], datasets=[folder], **changes)


@cache
def organization(endpoints):
    """One team, whose experiments reach the internet."""
    open_ = EnvironmentSettings(team="fraud", environment="experimentation", internet_access=True)
    whole = one_team(open_, organization=example_organization(endpoints=endpoints))
    return whole, Deployment(whole)


STACKS = [stack.name for stack in one_team().stacks]


def built(records):
    """What of a stack is paid by the hour or the month; an interface endpoint is paid in each of its zones."""
    counted = Counter(BILLED_BY_TYPE[record.type] for record in records if record.type in BILLED_BY_TYPE)
    for record in records:
        if record.type == "aws:ec2/vpcEndpoint:VpcEndpoint" and record.inputs["vpcEndpointType"] == "Interface":
            zones = record.inputs["subnetIds"]
            counted["interface-endpoint"] += len(json.loads(zones) if isinstance(zones, str) else zones)
    return dict(counted)


@pytest.mark.parametrize("endpoints", ["dedicated", "shared"])
@pytest.mark.parametrize("stack", STACKS)
def test_what_is_counted_is_what_the_stack_builds(stack, endpoints):
    foundation, deployment = organization(endpoints)
    counted = quantities(StackIdentity.parse(stack), foundation, endpoints)
    message = f"selfservice/reports/cost/quantities.py counts something else than {stack} builds, so the bill is wrong"
    assert {part: number for part, number in counted.items() if number} == built(deployment[stack]), message
