"""The address plan: ranges never overlap or move, and there is room for a thousand teams."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.organization.address_plan import ALWAYS_RESERVED, AddressPlan
from settings.types.addresses import PRIVATE_RANGES, lowest_free, overlaps
from settings.types.errors import SettingsError
from settings.types.kinds import DURABLE_KINDS, ENVIRONMENTS
from tests.unit.settings.project import organization, team

PLAN = AddressPlan()
TEAM_BLOCK = IPv4Network("10.1.0.0/19")

sizes = st.integers(16, 22)


@st.composite
def plans(draw: st.DrawFn) -> AddressPlan:
    """Draws any valid plan: a private supernet, a team size that fits, and reserved ranges."""
    private = draw(st.sampled_from(PRIVATE_RANGES))
    team_prefix_length = draw(st.integers(max(16, private.prefixlen + 4), 22))
    length = draw(st.integers(private.prefixlen, team_prefix_length - 4))
    supernet = draw(st.sampled_from(list(private.subnets(new_prefix=length))[:64]))
    reserved = draw(st.lists(st.integers(0, 2**10).map(lambda n: n * 2**14), max_size=3))
    ranges = {f"range-{index}": _inside(supernet, offset) for index, offset in enumerate(reserved)}
    return AddressPlan(supernet=supernet, team_prefix_length=team_prefix_length, reserved=ranges)


def _inside(supernet: IPv4Network, offset: int) -> IPv4Network:
    return IPv4Network((int(supernet.network_address) + offset % supernet.num_addresses, 24), strict=False)


def disjoint(blocks: list[IPv4Network]) -> bool:
    return not list(overlaps([(str(index), block) for index, block in enumerate(blocks)]))


@given(plans(), st.lists(st.tuples(st.sampled_from(["arrive", "leave"]), st.integers(0, 40)), max_size=40))
def test_ranges_never_overlap_or_move_when_teams_are_added_and_removed(
    plan: AddressPlan, events: list[tuple[str, int]]
):
    teams: dict[int, IPv4Network] = {}
    for number, (event, who) in enumerate(events):
        before = dict(teams)
        if event == "leave" and teams:
            del teams[sorted(teams)[who % len(teams)]]
        elif block := plan.free_block(teams.values()):
            teams[number] = block
        assert all(teams[team] == before[team] for team in teams.keys() & before.keys())
        assert disjoint(list(teams.values()))
        for block in teams.values():
            assert block.subnet_of(plan.supernet)
            assert block.prefixlen == plan.team_prefix_length
            assert not any(block.overlaps(kept) for kept in plan.reserved_blocks().values())


@given(st.lists(st.tuples(st.integers(0, 2**12 - 1), st.integers(16, 32)), max_size=60), sizes)
def test_the_block_proposed_is_the_lowest_that_is_free(taken: list[tuple[int, int]], size: int):
    supernet = IPv4Network("192.168.0.0/16")
    blocks = [
        IPv4Network((int(supernet.network_address) + start * 16, length), strict=False) for start, length in taken
    ]
    found = lowest_free(supernet, size, blocks)
    candidates = [
        block for block in supernet.subnets(new_prefix=size) if not any(block.overlaps(other) for other in blocks)
    ]
    assert found == (candidates[0] if candidates else None)


def test_a_thousand_teams_fit_beside_the_durable_kinds_and_the_next_proposals_too():
    teams: list[IPv4Network] = []
    while len(teams) < 1000 and (block := PLAN.free_block(teams)):
        teams.append(block)
    assert len(teams) == 1000
    kept = [PLAN.kind_block(kind) for kind in DURABLE_KINDS]
    assert disjoint([*teams, *kept])


def test_the_default_plan_has_room_for_2040_teams():
    room = PLAN.supernet.num_addresses - PLAN.durable_block.num_addresses
    assert room // 2 ** (32 - PLAN.team_prefix_length) == 2040


def test_a_freed_block_is_proposed_again():
    first, second = IPv4Network("10.1.0.0/19"), IPv4Network("10.1.32.0/19")
    assert PLAN.free_block([]) == first
    assert PLAN.free_block([first]) == second
    assert PLAN.free_block([second]) == first


def test_a_full_supernet_has_no_block_to_propose():
    plan = AddressPlan(supernet="192.168.0.0/16", team_prefix_length=20)
    assert plan.free_block(plan.supernet.subnets(new_prefix=20)) is None


@given(plans())
def test_durable_kinds_have_separate_blocks_inside_the_durable_block(plan: AddressPlan):
    blocks = [plan.kind_block(kind) for kind in DURABLE_KINDS]
    assert disjoint(blocks)
    assert all(block.subnet_of(plan.durable_block) for block in blocks)
    assert plan.durable_block.subnet_of(plan.supernet)


@given(sizes, st.integers(2, 3), st.data())
def test_every_subnet_is_inside_its_environment_and_its_team(size: int, zones: int, data: st.DataObject):
    blocks = list(PLAN.supernet.subnets(new_prefix=size))
    block = blocks[data.draw(st.integers(0, len(blocks) - 1))]
    environments = [PLAN.environment_block(block, environment) for environment in ENVIRONMENTS]
    assert disjoint(environments)
    subnets: list[IPv4Network] = []
    for environment in environments:
        assert environment.subnet_of(block)
        plan = PLAN.subnets(environment, zones)
        assert len(plan.private) == len(plan.egress) == zones
        every = (*plan.private, *plan.egress, plan.inspection)
        assert all(subnet.subnet_of(environment) for subnet in every)
        # AWS's smallest subnet is a /28; five of its addresses are AWS's own.
        assert all(subnet.prefixlen <= 28 for subnet in every)
        assert all(subnet.num_addresses - 5 >= 59 for subnet in plan.private)
        subnets += every
    assert disjoint(subnets)


def test_a_third_zone_does_not_move_the_first_two():
    block = PLAN.environment_block(TEAM_BLOCK, "development")
    two, three = PLAN.subnets(block, 2), PLAN.subnets(block, 3)
    assert three.private[:2] == two.private
    assert three.egress[:2] == two.egress


def test_environments_have_a_fixed_order_in_the_range_of_a_team():
    blocks = [str(PLAN.environment_block(TEAM_BLOCK, environment)) for environment in ENVIRONMENTS]
    assert blocks == ["10.1.0.0/21", "10.1.8.0/21", "10.1.16.0/21", "10.1.24.0/21"]


@pytest.mark.parametrize("network", ["10.1.0.0/25", "10.0.0.0/15"])
def test_a_network_that_is_too_small_or_too_large_is_refused(network: str):
    with pytest.raises(SettingsError, match="needs /24 to /16"):
        PLAN.subnets(IPv4Network(network), 3)


def test_a_single_address_in_use_moves_the_proposal_and_two_uses_of_it_overlap():
    address = IPv4Network("192.168.0.0/32")
    assert lowest_free(IPv4Network("192.168.0.0/16"), 22, [address]) == IPv4Network("192.168.4.0/22")
    assert [name for _, (name, _) in overlaps([("first", address), ("second", address)])] == ["second"]


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(18, 24)), max_size=12))
def test_overlapping_ranges_are_found_exactly_when_some_pair_overlaps(ranges: list[tuple[int, int]]):
    networks = [IPv4Network((0x0A000000 + start * 256, length), strict=False) for start, length in ranges]
    found = {name for _, (name, _) in overlaps([(str(index), network) for index, network in enumerate(networks)])}
    pairs = [(a, b) for a, b in combinations(range(len(networks)), 2) if networks[a].overlaps(networks[b])]
    assert bool(found) == bool(pairs)
    # Without those that were named, what remains is free of overlaps.
    assert disjoint([network for index, network in enumerate(networks) if str(index) not in found])


def test_the_container_bridge_is_never_given_to_a_team():
    plan = AddressPlan(supernet="172.16.0.0/12", team_prefix_length=16)
    given_blocks: list[IPv4Network] = []
    while block := plan.free_block(given_blocks):
        given_blocks.append(block)
    assert given_blocks
    assert not any(block.overlaps(kept) for block in given_blocks for kept in ALWAYS_RESERVED.values())


def test_a_range_can_be_a_string_or_a_network():
    assert team(cidr="10.1.0.0/19") == team(cidr=TEAM_BLOCK)
    assert organization(address_plan={"supernet": "10.0.0.0/8"}).address_plan == PLAN
