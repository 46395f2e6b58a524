"""EC2: private DNS names of endpoint services, and the proof that their owner has the domain.

The public hosted zones of all accounts in the emulated Route 53 stand for the public DNS.

Sources: EC2 API, StartVpcEndpointServicePrivateDnsVerification and PrivateDnsNameConfiguration; PrivateLink Guide,
"Manage DNS names for VPC endpoint services" (read 2026-12-01). Neither names a code for a service without such a name.
"""

from __future__ import annotations

import string
from collections.abc import Iterator

from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.moto_api._internal import mock_random
from moto.route53.models import route53_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.ec2.offered_services import own_service

_LENGTH = 20
"""Characters of the name and the value of the record, as in the examples of the guide."""


def new_verification(service: VPCServiceConfiguration) -> dict[str, str]:
    """Returns the record that proves the domain of a service, which a new private DNS name needs anew. Empty without a
    name."""
    if not service.private_dns_name:
        return {}
    lower, mixed = string.ascii_lowercase + string.digits, string.ascii_letters + string.digits
    return {
        "State": "pendingVerification",
        "Type": "TXT",
        "Value": f"vpce:{''.join(mock_random.choices(mixed, k=_LENGTH))}",
        "Name": f"_{''.join(mock_random.choices(lower, k=_LENGTH))}",
    }


def _start_verification(exchange: Exchange) -> Answer:
    """Verifies the domain of a private DNS name. It is known at once whether the record is there."""
    call = exchange.call
    service = own_service(call, call.parameters["ServiceId"])
    if not service.private_dns_name:
        message = f"The service {service.service_name} does not have a private DNS name."
        raise AwsError("InvalidParameter", message)
    service.verification["State"] = "verified" if _is_proven(service) else "failed"
    return call.reply({"ReturnValue": True})


def _is_proven(service: VPCServiceConfiguration) -> bool:
    """Returns whether the private DNS name, or a domain above it, has the record. Its name may be that of the domain
    itself, for providers that allow no underscores."""
    labels = service.private_dns_name.removeprefix("*.").lower().rstrip(".").split(".")
    domains = [".".join(labels[start:]) for start in range(len(labels))]
    names = {name for domain in domains for name in (f"{service.verification['Name']}.{domain}", domain)}
    return any(name in names and service.verification["Value"] in values for name, values in _public_texts())


def _public_texts() -> Iterator[tuple[str, list[str]]]:
    """Yields the TXT records of all public hosted zones: their names without the last dot, and their values."""
    for account in list(route53_backends):
        for zone in route53_backends[account]["aws"].zones.values():
            if zone.private_zone in (True, "true"):
                continue
            for record in zone.rrsets:
                if record.type == "TXT":
                    yield record.name.lower().rstrip("."), [str(value).strip('"') for value in record.records]


PATCHES: Patches = {"StartVpcEndpointServicePrivateDnsVerification": _start_verification}
