"""Availability Zone ids, which identify the same zone in every account.

Zone names (``eu-west-1a``) map to different zones in each account, so two accounts' subnets in zones of the same name
may be in different zones, and traffic between them is charged. Zone ids do not vary and follow a naming rule, so no
lookup is needed.
Source: EC2 User Guide, "Availability Zone IDs".
"""

from __future__ import annotations

import re

_DIRECTIONS = {
    "north": "n",
    "northeast": "ne",
    "east": "e",
    "southeast": "se",
    "south": "s",
    "west": "w",
    "central": "c",
}

_OPEN_ZONES = {
    # Zones available to all accounts, for regions in which they are not 1, 2 and 3.
    "ap-northeast-1": (1, 2, 4),
    "ca-central-1": (1, 2, 4),
    "us-east-1": (1, 2, 4),  # use1-az3 does not get new instance families
    "us-west-1": (1, 3),
}


def zone_ids(region: str, count: int) -> list[str]:
    """Returns the first ``count`` zones of a region: ``zone_ids("eu-west-1", 2)`` is ``["euw1-az1", "euw1-az2"]``.

    Raises: ValueError when the region has fewer zones, or the name is not that of a region.
    """
    zones = _OPEN_ZONES.get(region, (1, 2, 3))
    if count > len(zones):
        raise ValueError(f"zones: {region} has {len(zones)} zones available to all accounts; {count} are configured")

    match = re.fullmatch(r"([a-z]{2})-([a-z]+)-(\d)", region)
    if match is None:
        raise ValueError(f"region: {region} is not the name of a region of the aws partition (such as eu-west-1)")
    geography, direction, number = match.groups()
    return [f"{geography}{_DIRECTIONS[direction]}{number}-az{zone}" for zone in zones[:count]]
