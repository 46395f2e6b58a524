"""Demand of stacks on the quotas of their accounts, computed from the settings alone.

Running the programs of stacks would tell, but takes seconds for each. Instead, a table has the numbers that the
programs register, by kind of stack and by the settings that change them. Tests record every stack, generate the table
from it, and compare it with the layouts in which accounts are shared (decision 94).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from selfservice.quotas.quota import BY_KEY, Quota
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import ENVIRONMENTS, Kind, kinds_in

TABLE = Path(__file__).with_name("stack_resources.yaml")
SHARED, INTERNET = "shared-endpoints", "internet-access"
_REPLICAS = ("audit-replica", "lake-replica")


@dataclass(frozen=True, slots=True)
class Place:
    """An account in a region."""

    label: str
    region: str


@dataclass(frozen=True, slots=True)
class Need:
    """Demand of some stacks on one quota in one place."""

    place: Place
    quota: Quota
    by_stack: Mapping[str, tuple[int, int]]
    """Least and most that each stack needs, which depends on settings that the table does not tell apart."""

    @property
    def least(self) -> int:
        return self._together(least for least, _ in self.by_stack.values())

    @property
    def most(self) -> int:
        return self._together(most for _, most in self.by_stack.values())

    def _together(self, numbers: Iterable[int]) -> int:
        """A quota of each VPC has to suffice for the largest, others for all together."""
        return max(numbers, default=0) if self.quota.scope == "VPC" else sum(numbers)


def kind_of(stack: StackIdentity) -> str:
    """Returns the kind of a stack as the table names it, with the environment that it belongs to."""
    return stack.kind if stack.parent is None else f"{stack.parent}-{stack.kind}"


def layout_of(stack: StackIdentity, foundation: Foundation) -> str:
    """Returns the settings that change the numbers of resources, as the table names them."""
    named = [SHARED] if foundation.organization.endpoints == "shared" else []
    if stack.is_environment and foundation.environments[stack.name].internet_access:
        named.append(INTERNET)
    return " ".join(named) or "default"


def needs(foundation: Foundation, stacks: Iterable[str]) -> list[Need]:
    """Returns what these stacks need in each account and region, in the order of the accounts and quotas."""
    found: defaultdict[tuple[Place, str], dict[str, tuple[int, int]]] = defaultdict(dict)
    present = kinds_in(foundation.organization.phase)
    for name in stacks:
        stack = StackIdentity.parse(name)
        for kind, quotas in _row(stack, foundation).items():
            if kind not in present:  # as in the stack of a team's data, before the phase has all environments
                continue
            label = _label(kind, stack, foundation)
            for key, (least, most) in quotas.items():
                place = place_of(label, BY_KEY[key], _region(stack, foundation), foundation)
                others_least, others_most = found[place, key].get(name, (0, 0))  # of kinds in the same account
                found[place, key][name] = (others_least + least, others_most + most)
    order = {account.label: number for number, account in enumerate(foundation.accounts)}
    positions = {key: number for number, key in enumerate(BY_KEY)}
    return [
        Need(place, BY_KEY[key], by_stack)
        for (place, key), by_stack in sorted(
            found.items(), key=lambda item: (order[item[0][0].label], item[0][0].region, positions[item[0][1]])
        )
    ]


Row = Mapping[str, Mapping[str, tuple[int, int]]]
"""Least and most resources by the account kind in which a stack makes them, and the key of the quota."""


def _row(stack: StackIdentity, foundation: Foundation) -> Row:
    """Returns the row of a stack. What is a range in any layout also depends on other settings, so its range is that of
    all layouts, and so is everything in a layout that the table does not have."""
    layouts: Mapping[str, Row] = _table().get(kind_of(stack), {})
    own = layouts.get(layout_of(stack, foundation))
    ranges = _ranges(list(layouts.values()))
    if own is None:
        return ranges
    inexact = {
        key for row in layouts.values() for of in row.values() for key, (least, most) in of.items() if least != most
    }
    return {
        kind: {key: ranges[kind][key] if key in inexact else number for key, number in quotas.items()}
        for kind, quotas in own.items()
    }


def _ranges(rows: Sequence[Row]) -> Row:
    """Returns the least and the most of several rows."""
    cells = dict.fromkeys((kind, key) for row in rows for kind, quotas in row.items() for key in quotas)
    made: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for kind, key in cells:
        found = [row.get(kind, {}).get(key, (0, 0)) for row in rows]
        made[kind][key] = (min(least for least, _ in found), max(most for _, most in found))
    return made


@cache
def _table() -> Mapping[str, Mapping[str, Row]]:
    written = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {
        kind: {
            layout: {
                account: {key: bounds(number) for key, number in (quotas or {}).items()}
                for account, quotas in (accounts or {}).items()
            }
            for layout, accounts in layouts.items()
        }
        for kind, layouts in written.items()
    }


def bounds(number: Any) -> tuple[int, int]:
    """Returns least and most of an entry of the table: a number, or a range such as ``3-5``."""
    least, _, most = str(number).partition("-")
    return int(least), int(most or least)


def place_of(label: str, quota: Quota, region: str, foundation: Foundation) -> Place:
    """Returns where a quota counts: an account-wide one in one place, whatever the region of the resources."""
    return Place(label, foundation.organization.home_region if quota.scope == "account" else region)


def _label(kind: str, stack: StackIdentity, foundation: Foundation) -> str:
    placed = cast(Kind, kind)
    return foundation.account_of(placed, stack.team if placed in ENVIRONMENTS else None).label


def _region(stack: StackIdentity, foundation: Foundation) -> str:
    organization = foundation.organization
    if stack.kind in _REPLICAS:
        replica = organization.audit if stack.kind == "audit-replica" else organization.lake
        return replica.replica_region or organization.home_region
    return organization.home_region
