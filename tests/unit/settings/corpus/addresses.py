"""Bad input in address ranges and zones."""

from __future__ import annotations

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import (
    ENVIRONMENT,
    ORGANIZATION,
    TEAM,
    Case,
    environment,
    organization,
    team,
    two_teams,
)

ADDRESSES = [
    Case(25, "host bits", team(cidr="10.1.0.1/19"), Code.CIDR, TEAM + "cidr", ("host bits", "write 10.1.0.0/19")),
    Case(
        25, "/13", team(cidr="10.8.0.0/13"), Code.CIDR_SIZE, TEAM + "cidr", ("too large", "/16", "10.1.0.0/19 is free")
    ),
    Case(
        25,
        "/29",
        team(cidr="10.1.0.0/29"),
        Code.CIDR_SIZE,
        TEAM + "cidr",
        ("too small", "/22 or larger", "10.1.0.0/19 is free"),
    ),
    Case(26, "IPv6", team(cidr="fd00::/48"), Code.CIDR, TEAM + "cidr", ("is IPv6",)),
    Case(26, "no prefix", team(cidr="10.1.0.0"), Code.CIDR, TEAM + "cidr", ("a.b.c.d/n",)),
    Case(26, "part over 255", team(cidr="10.256.0.0/19"), Code.CIDR, TEAM + "cidr", ("0-255",)),
    Case(
        26,
        "number",
        organization(address_plan={"supernet": 10}),
        Code.WRONG_TYPE,
        ORGANIZATION + "address_plan.supernet",
        ("not a string",),
    ),
    *(
        Case(27, value, team(cidr=value), Code.CIDR_NOT_PRIVATE, TEAM + "cidr", (word, "10.0.0.0/8"))
        for value, word in (
            ("8.8.0.0/19", "public"),
            ("169.254.0.0/19", "link-local"),
            ("100.64.0.0/19", "carriers"),
            ("127.0.0.0/19", "loopback"),
            ("224.0.0.0/19", "multicast"),
            ("0.0.0.0/0", "private"),
        )
    ),
    Case(
        28,
        "another team's",
        two_teams(cidr="10.1.16.0/20"),
        Code.ADDRESSES_OVERLAP,
        TEAM + "cidr",
        ("10.1.16.0/20 overlaps 10.1.0.0/19 of team fraud", "10.1.32.0/20 is free"),
    ),
    Case(
        28,
        "on-premises",
        lambda project: project.organization(address_plan={"reserved": {"headquarters": "10.200.0.0/16"}}).team(
            cidr="10.200.32.0/19"
        ),
        Code.ADDRESSES_OVERLAP,
        TEAM + "cidr",
        ("overlaps 10.200.0.0/16, which is reserved for headquarters", "10.1.0.0/19 is free"),
    ),
    Case(
        28,
        "durable accounts'",
        team(cidr="10.0.32.0/19"),
        Code.ADDRESSES_OVERLAP,
        TEAM + "cidr",
        ("reserved for durable accounts",),
    ),
    *(
        Case(
            28,
            owner,
            lambda project, cidr=cidr: project.organization(address_plan={"supernet": "172.16.0.0/12"}).team(cidr=cidr),
            Code.ADDRESSES_OVERLAP,
            TEAM + "cidr",
            (f"reserved for {owner}", "172.18.0.0/19 is free"),
        )
        for owner, cidr in (("container-bridge", "172.17.32.0/19"), ("kubernetes-services", "172.20.0.0/19"))
    ),
    Case(
        28,
        "outside the supernet",
        team(cidr="192.168.0.0/19"),
        Code.ADDRESSES_OUTSIDE,
        TEAM + "cidr",
        ("outside the supernet 10.0.0.0/8", "10.1.0.0/19 is free"),
    ),
    Case(
        28,
        "supernet too small",
        organization(address_plan={"supernet": "10.0.0.0/18"}),
        Code.CIDR_SIZE,
        ORGANIZATION + "address_plan.supernet",
        ("needs /15 or larger", "write 10.0.0.0/15"),
    ),
    Case(
        28,
        "reserved over durable accounts",
        organization(address_plan={"reserved": {"old": "10.0.0.0/24"}}),
        Code.ADDRESSES_OVERLAP,
        ORGANIZATION + "address_plan.reserved.old",
        ("10.0.0.0/16",),
    ),
    Case(
        29,
        "one zone",
        environment(zones=1),
        Code.OUT_OF_RANGE,
        ENVIRONMENT + "zones",
        ("2 to 3 Availability Zones", "nearest is 2"),
    ),
    Case(
        29,
        "four zones",
        environment(zones=4),
        Code.OUT_OF_RANGE,
        ENVIRONMENT + "zones",
        ("2 to 3 Availability Zones", "nearest is 3"),
    ),
    Case(
        29,
        "more zones than the region has",
        lambda project: project.organization(home_region="us-west-1").team().environment(zones=3),
        Code.OUT_OF_RANGE,
        ENVIRONMENT + "zones",
        ("in us-west-1 (2)", "zones: 2"),
    ),
]
