"""Compares what stacks need with what AWS allows their accounts, and what these have already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from selfservice.engine.backend import outputs_in
from selfservice.operations.limits import default_jobs
from selfservice.projects.project import Project
from selfservice.projects.states import deployments_by_stack, existing_stacks
from selfservice.quotas.needs import Need, Place, needs, place_of
from selfservice.quotas.quota import OF_TYPE, Quota, counted_type
from selfservice.quotas.usage import Usage
from settings.derived.foundation import Foundation
from settings.types.regions import account_label_of

_ORGANIZATION = "organization"
_CLOSE = 10
"""Part of a quota, as its denominator, below which an operation does not ask AWS about it."""


class Verdict(StrEnum):
    OK = "ok"
    TOO_SMALL = "too small"
    MAY_BE_TOO_SMALL = "may be too small"
    UNKNOWN = "not known"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """The comparison of one quota in one place."""

    need: Need
    account_id: str | None
    """None if the account does not exist yet."""
    in_use: int | None
    """Resources of others than the stacks; None if the account may not be read."""
    allowed: int | None

    @property
    def verdict(self) -> Verdict:
        if self.allowed is None:
            return Verdict.UNKNOWN
        room = self.allowed - (self.in_use or 0)
        if self.need.least > room:
            return Verdict.TOO_SMALL
        return Verdict.MAY_BE_TOO_SMALL if self.need.most > room else Verdict.OK

    @property
    def desired(self) -> int:
        """The value with which the quota suffices."""
        return self.need.most + (self.in_use or 0)


Held = Mapping[tuple[Place, str], Mapping[str, Collection[str]]]
"""Ids of resources in states, by place, quota and stack."""


def compare(project: Project, stacks: Sequence[str], *, everything: bool = False) -> list[Row]:
    """Returns the comparison for these stacks.

    ``everything`` compares all quotas. Otherwise, AWS is asked only about quotas of which the stacks are to get more
    than their states have, and of which they need a tenth or more.
    """
    from settings.files.validation_cache import load_cached

    foundation = load_cached(project.directory)
    wanted = [need for need in needs(foundation, stacks) if everything or _is_close(need)]
    present = existing_stacks(project) if wanted else frozenset()
    own = {stack for need in wanted for stack in need.by_stack} & present
    held = _held(foundation, deployments_by_stack(project, sorted(own)) if own else {})
    if not everything:
        wanted = [need for need in wanted if _grows(need, held)]
    ids = _account_ids(project, foundation, {need.place.label for need in wanted}, present)
    by_place: defaultdict[Place, list[Need]] = defaultdict(list)
    for need in wanted:
        by_place[need.place].append(need)

    def rows(place: Place) -> list[Row]:
        id_ = ids.get(place.label)
        usage = Usage(None if id_ is None else project.account(id_, place.region), place.region)
        return [_row(need, usage, id_, held) for need in by_place[place]]

    with ThreadPoolExecutor(default_jobs()) as pool:
        return [row for found in pool.map(rows, by_place) for row in found]


def _row(need: Need, usage: Usage, id_: str | None, held: Held) -> Row:
    own = {resource_id for ids in held.get((need.place, need.quota.key), {}).values() for resource_id in ids}
    in_use = usage.held_by_others(need.quota, own)
    return Row(need=need, account_id=id_, in_use=in_use, allowed=usage.allowed(need.quota))


def _is_close(need: Need) -> bool:
    default = need.quota.default
    if default is None:
        return True
    return need.most > default if need.quota.listing is None else need.most * _CLOSE >= default


def _grows(need: Need, held: Held) -> bool:
    present = held.get((need.place, need.quota.key), {})
    return any(most > len(present.get(stack, ())) for stack, (_, most) in need.by_stack.items())


def _account_ids(
    project: Project, foundation: Foundation, labels: Collection[str], present: Collection[str]
) -> dict[str, str]:
    """Returns the ids of those of these accounts that exist, by label: from the settings, or from what made them."""
    ids = {account.label: account.id for account in foundation.accounts if account.id is not None}
    owners = {account.team for account in foundation.accounts if account.label in labels and account.label not in ids}
    makers = [maker for maker in sorted(owner or _ORGANIZATION for owner in owners) if maker in present]
    deployed = deployments_by_stack(project, makers) if makers else {}
    for maker, deployment in deployed.items():
        for kind, id_ in (outputs_in(deployment).get("accounts") or {}).items():
            team = None if maker == _ORGANIZATION else maker
            ids.setdefault(foundation.account_of(kind, team).label, str(id_))
    return ids


def _held(foundation: Foundation, deployed: Mapping[str, Mapping[str, Any]]) -> Held:
    home = foundation.organization.home_region
    found: defaultdict[tuple[Place, str], defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for stack, deployment in deployed.items():
        for resource in deployment.get("resources") or ():
            quota = OF_TYPE.get(counted_type(resource["type"], resource.get("inputs") or {}))
            if quota is not None and resource.get("id"):
                provider = str(resource.get("provider", "")).rpartition("::")[0].rpartition("::")[2]
                label = account_label_of(provider)
                region = provider.removeprefix(label).removeprefix("-") or home
                place = place_of(label, quota, region, foundation)
                found[place, quota.key][stack].add(_listed_id(resource, quota))
    return found


def _listed_id(resource: Mapping[str, Any], quota: Quota) -> str:
    """Returns the id of a resource as AWS lists it. The provider's id of a trail or a role is its name."""
    listing = quota.listing
    arn = (resource.get("outputs") or {}).get("arn")
    return str(arn) if listing is not None and "arn" in listing.id.lower() and arn else str(resource["id"])
