"""Rules about address ranges: a team's range has a valid size, is in the supernet and overlaps no other range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from settings.organization.address_plan import SMALLEST_NETWORK, TEAM_PREFIX_LENGTHS, AddressPlan
from settings.rules.partial_config import PartialConfig, stack_file
from settings.types.addresses import overlaps
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import ENVIRONMENTS


def address_faults(config: PartialConfig) -> Iterator[Fault]:
    if not config.organization.has("address_plan"):
        return
    plan = config.organization.model.address_plan
    if plan.supernet.prefixlen > plan.team_prefix_length - 4:
        return
    blocks = {name: partial.model.cidr for name, partial in config.teams.items() if partial.has("cidr")}
    yield from _AddressCheck(plan, blocks).faults()


@dataclass(slots=True)
class _AddressCheck:
    """Checks the ranges of all teams and proposes free blocks."""

    plan: AddressPlan
    blocks: Mapping[str, IPv4Network]

    def faults(self) -> Iterator[Fault]:
        proposed: list[IPv4Network] = []
        for name, code, rule in self._violations():
            cidr = self.blocks[name]
            fits = TEAM_PREFIX_LENGTHS[0] <= cidr.prefixlen <= TEAM_PREFIX_LENGTHS[1]
            others = [block for other, block in self.blocks.items() if other != name]
            free = self.plan.free_block([*others, *proposed], cidr.prefixlen if fits else None)
            fix = f"{free} is free" if free else "the supernet is full: enlarge it or free ranges"
            proposed += [free] if free else []
            yield Fault(code=code, file=stack_file(name), path="plinth:team.cidr", value=str(cidr), rule=rule, fix=fix)

    def _violations(self) -> Iterator[tuple[str, Code, str]]:
        """Yields team, code and rule for each team whose range is invalid."""
        invalid = set()
        for name, cidr in self.blocks.items():
            if violation := self._violation(cidr):
                invalid.add(name)
                yield name, *violation
        valid = ((name, cidr) for name, cidr in self.blocks.items() if name not in invalid)
        for (owner, block), (name, _) in overlaps(valid):
            yield name, Code.ADDRESSES_OVERLAP, f"overlaps {block} of team {owner}"

    def _violation(self, cidr: IPv4Network) -> tuple[Code, str] | None:
        """Checks one range regardless of the ranges of other teams."""
        widest, narrowest = TEAM_PREFIX_LENGTHS
        if cidr.prefixlen > narrowest:
            need = f"needs /{narrowest} or larger, a /{SMALLEST_NETWORK} for each"
            return Code.CIDR_SIZE, f"is too small for {len(ENVIRONMENTS)} environments of up to 3 zones ({need})"
        if cidr.prefixlen < widest:
            return Code.CIDR_SIZE, f"is too large for a team (/{widest} at most)"
        if not cidr.subnet_of(self.plan.supernet):
            return Code.ADDRESSES_OUTSIDE, f"is outside the supernet {self.plan.supernet}"
        for owner, taken in self.plan.reserved_blocks().items():
            if cidr.overlaps(taken):
                return Code.ADDRESSES_OVERLAP, f"overlaps {taken}, which is reserved for {owner}"
        return None
