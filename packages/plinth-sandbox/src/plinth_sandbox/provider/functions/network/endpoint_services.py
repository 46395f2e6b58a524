"""Endpoint services: what their owner does in several calls, or in calls that report failures in their answer."""

from __future__ import annotations

from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_LOOK_SECONDS = 0.5
_GONE = "InvalidVpcEndpointService.NotFound"


def delete_service(caller: Caller, known: Properties) -> None:
    """Deletes a service. EC2 says in its answer, and not by an error, that connected endpoints prevent it."""
    answer = caller.aws("delete_vpc_endpoint_service_configurations", ServiceIds=[known["id"]])
    for failed in answer.get("Unsuccessful", []):
        error = failed["Error"]
        if error["Code"] != _GONE:
            raise ProviderError(f"{caller.type}: deleting {known['id']}: {error['Code']}: {error['Message']}")


def verify_name(caller: Caller, known: Properties) -> Properties:
    """Starts the verification of a private DNS name, and waits for it if the program asks for that.

    Raises: ProviderError if the name is not verified.
    """
    service = known["serviceId"]
    caller.aws("start_vpc_endpoint_service_private_dns_verification", ServiceId=service)
    state = "pendingVerification" if known.get("waitForVerification") else "verified"
    while state == "pendingVerification":
        answer = caller.aws("describe_vpc_endpoint_service_configurations", ServiceIds=[service])
        state = answer["ServiceConfigurations"][0]["PrivateDnsNameConfiguration"]["State"]
        if state == "pendingVerification":
            caller.pause(_LOOK_SECONDS)
    if state != "verified":
        what = f"waiting for VPC Endpoint Service Private DNS Verification ({service})"
        raise ProviderError(f"{caller.type}: {what}: unexpected state '{state}', wanted target 'verified'")
    return {"id": service}


def accept_connection(caller: Caller, known: Properties) -> Properties:
    """Accepts the connection of an endpoint, which may be of another account."""
    service, endpoint = known["vpcEndpointServiceId"], known["vpcEndpointId"]
    caller.aws("accept_vpc_endpoint_connections", ServiceId=service, VpcEndpointIds=[endpoint])
    # The vendor's provider ignores what the answer says about the endpoint, and waits for its state.
    return {"id": f"{service}_{endpoint}"}
