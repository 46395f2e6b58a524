"""The stack of the governance account, in whose network stack operations run."""

import pytest

from selfservice.reports.cost.quantities import quantities
from settings.derived.endpoint_services import endpoint_services
from settings.derived.stack_graph import StackIdentity
from tests.support.documents import statements
from tests.support.every_stack import deploy_stack, example_deployment, example_foundation, example_organization

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


@pytest.mark.requirement("NET-02.b")
def test_only_the_network_of_the_runner_admits_deployer_roles_of_other_accounts():
    admitting = {
        (stack, endpoint.name)
        for stack, recorder in example_deployment().items()
        for endpoint in recorder.all(ENDPOINT)
        if any(sid.startswith("Deployers") for sid in statements(endpoint))
    }
    of_governance = {endpoint.name for endpoint in example_deployment()["governance"].all(ENDPOINT)}
    assert admitting == {("governance", name) for name in of_governance}


def test_a_network_and_its_cost_leave_out_endpoints_that_the_region_does_not_offer():
    organization = example_organization(home_region="me-central-1", enabled_regions=("me-central-1",))
    foundation = example_foundation(organization=organization)
    upstream = example_deployment().outputs_before("governance")
    created = deploy_stack("governance", foundation, upstream=upstream).all(ENDPOINT)
    wanted = {service.service_name.format(region="me-central-1") for service in endpoint_services("governance")}
    assert wanted - {record.inputs["serviceName"] for record in created} == {"com.amazonaws.me-central-1.macie2"}
    interfaces = [record for record in created if record.inputs["vpcEndpointType"] == "Interface"]
    counted = quantities(StackIdentity.parse("governance"), foundation, "dedicated")["interface-endpoint"]
    assert counted == sum(len(record.inputs["subnetIds"]) for record in interfaces)
