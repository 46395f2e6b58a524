"""Tests that the quotas that stacks need are those of the resources that they register, also in shared accounts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import pytest

from selfservice.quotas.needs import TABLE, Place, needs
from selfservice.quotas.quota import OF_TYPE, QUOTAS
from settings.team.team import EnvironmentSettings
from tests.support.docs import stack_resources
from tests.support.every_stack import example_foundation, example_organization, example_team
from tests.support.recorder import Recorder
from tests.support.variants import VARIANTS, Variant, deployment_of, params

BINDING = {quota.key for quota in QUOTAS if quota.default is not None and quota.default <= 50}
"""Quotas that a few stacks use up, so that their numbers must be exact."""
OPTIONAL = ("logs", "rds")
"""Services of which the number depends on settings of the organization. At most one database stands beside another."""
SHARING = [variant for variant in VARIANTS if variant.placement != "large"]


def recorded(deployment: Mapping[str, Recorder]) -> dict[tuple[str, str], Counter[str]]:
    """Returns the resources of each stack by account label and quota."""
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for stack, recorder in deployment.items():
        for label, counted in stack_resources.counted(recorder).items():
            for quota, number in counted.items():
                found[label, quota][stack] += number
    return found


@pytest.mark.nightly
def test_the_table_is_what_the_stacks_register() -> None:
    assert TABLE.read_text() == stack_resources.text(), "run `make reference`"


@pytest.mark.parametrize("variant", params(SHARING))
def test_stacks_that_share_an_account_need_what_they_register_together(variant: Variant) -> None:
    foundation = variant.foundation
    expected = recorded(deployment_of(variant))
    computed = {(need.place.label, need.quota.key): need for need in needs(foundation, deployment_of(variant))}
    for (label, key), by_stack in expected.items():
        need = computed[label, key]
        assert need.most >= (max if need.quota.scope == "VPC" else sum)(by_stack.values()), (label, key)
        if key in BINDING and need.quota.scope != "VPC" and need.quota.service not in OPTIONAL:
            assert (need.least, need.most) == (sum(by_stack.values()),) * 2, (label, key, need.by_stack, by_stack)


@pytest.mark.parametrize(
    ("phase", "teams", "expected"), [("repeatable", 1, 4), ("repeatable", 2, 6), ("reliable", 1, 6)]
)
def test_the_placement_small_multiplies_networks(phase: str, teams: int, expected: int) -> None:
    organization = example_organization(placement="small", phase=phase)
    foundation = example_foundation(
        organization=organization,
        teams=[example_team(f"team{number}", f"10.{number}.0.0/19", use_cases={}) for number in range(1, teams + 1)],
        datasets=[],
    )
    (need,) = [
        candidate
        for candidate in needs(foundation, (stack.name for stack in foundation.stacks))
        if candidate.quota.code == "L-F678F1CE"
    ]
    assert (need.place, need.least, need.most) == (Place("organization", "eu-west-1"), expected, expected)


def test_internet_access_needs_an_address_and_a_firewall() -> None:
    settings = EnvironmentSettings(team="fraud", environment="experimentation", internet_access=True)
    foundation = example_foundation(settings)
    computed = {need.quota.name: need.most for need in needs(foundation, ["fraud-experimentation"])}
    assert {"EC2-VPC Elastic IPs": 1, "Firewalls": 1, "Internet gateways per Region": 1}.items() <= computed.items()
    without = {need.quota.name for need in needs(example_foundation(), ["fraud-experimentation"])}
    assert not without & {"EC2-VPC Elastic IPs", "Firewalls"}


def test_each_type_of_resource_belongs_to_one_quota() -> None:
    assert len(OF_TYPE) == sum(len(quota.types) for quota in QUOTAS)
    assert all(quota.code or quota.source for quota in QUOTAS)
