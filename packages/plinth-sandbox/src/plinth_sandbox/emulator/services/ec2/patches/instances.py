"""EC2: images of instances, and what ends with an instance or a subnet.

Sources: EC2 User Guide, "Terminate Amazon EC2 instances" and "Elastic network interfaces"; EC2 API, "Error codes" and
DeleteSubnet (read 2026-11-29).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends
from moto.utilities.utils import load_resource

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

_IMAGE = re.compile(r"ami-[0-9a-f]{8,17}")
_PUBLISHED = (
    "ec2/resources/amis.json",
    "ec2/resources/latest_amis/{region}.json",
    "ec2/resources/ecs/optimized_amis/{region}.json",
    "ssm/resources/ami-amazon-linux-latest/{region}.json",
    "ssm/resources/ecs/optimized_amis/{region}.json",
)
"""Resources of moto with the images that AWS publishes, and the parameters that name them."""


def _run(exchange: Exchange) -> Answer:
    """Refuses unknown images, and marks interfaces that end with their instance. moto starts any image, and keeps the
    interfaces of terminated instances."""
    given = exchange.call.parameters
    if image := given.get("ImageId"):
        _require_image(exchange.call, str(image))
    answer = exchange.below()
    if answer.succeeded:
        kept = {
            network_interface.get("DeviceIndex")
            for network_interface in given.get("NetworkInterfaces") or ()
            if _outlives(network_interface)
        }
        backend = ec2_backends[exchange.call.account][exchange.call.region]
        for described in exchange.call.result(answer)["Instances"]:
            for index, interface in backend.get_instance(described["InstanceId"]).nics.items():
                interface.delete_on_termination = int(index) not in kept
    return answer


def _outlives(interface: dict[str, Any]) -> bool:
    """Returns whether an interface of a request stays when its instance ends: one that existed before it, or one for
    which the request says so."""
    return "NetworkInterfaceId" in interface or interface.get("DeleteOnTermination") is False


def _require_image(call: Call, image: str) -> None:
    if not _IMAGE.fullmatch(image):
        raise AwsError("InvalidAMIID.Malformed", f'Invalid id: "{image}" (expecting "ami-...")')
    own = ec2_backends[call.account][call.region].amis
    if image not in own and image not in _published(call.region):
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{image}]' does not exist")


@functools.cache
def _published(region: str) -> frozenset[str]:
    return frozenset(found for path in _PUBLISHED for found in _images_in(path.format(region=region)))


def _images_in(path: str) -> Iterator[str]:
    try:
        yield from _IMAGE.findall(json.dumps(load_resource(path)))
    except FileNotFoundError:
        return  # moto has no images of newer regions


def _delete_subnet(exchange: Exchange) -> Answer:
    """Removes a deleted subnet from its route table. moto keeps the association, so nobody could delete the table."""
    answer = exchange.below()
    if not answer.succeeded:
        return answer
    subnet = exchange.call.parameters["SubnetId"]
    for table in (
        ec2_backends[exchange.call.account][exchange.call.region].route_tables.values() if answer.succeeded else ()
    ):
        table._associations = {made: target for made, target in table._associations.items() if target != subnet}
    return answer


PATCHES: Patches = {"DeleteSubnet": _delete_subnet, "RunInstances": _run}
