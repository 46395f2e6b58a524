"""Availability Zones by identifier, which means the same place in every account.

Names (``eu-west-1a``) are shuffled per account, so subnets of two accounts in "the same" zone may be apart, and traffic
between them is paid for. Identifiers are not, and they follow a rule, so nothing has to be looked up.
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
    # Zones that every account may use, where they are not 1, 2 and 3.
    "ap-northeast-1": (1, 2, 4),
    "ca-central-1": (1, 2, 4),
    "us-east-1": (1, 2, 4),  # use1-az3 takes no new instance families
    "us-west-1": (1, 3),
}


def zone_ids(region: str, count: int) -> list[str]:
    """The first ``count`` zones of a region: ``zone_ids("eu-west-1", 2)`` is ``["euw1-az1", "euw1-az2"]``.

    Raises: ValueError where the region has fewer.
    """
    zones = _OPEN_ZONES.get(region, (1, 2, 3))
    if count > len(zones):
        raise ValueError(f"zones: {region} has {len(zones)} zones that every account may use, {count} were asked for")
    match = re.fullmatch(r"([a-z]{2})-([a-z]+)-(\d)", region)
    if match is None:
        raise ValueError(f"region: {region} is not the name of a region of the aws partition (such as eu-west-1)")
    geography, direction, number = match.groups()
    return [f"{geography}{_DIRECTIONS[direction]}{number}-az{zone}" for zone in zones[:count]]
