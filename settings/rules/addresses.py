"""Rules about addresses: every team's range fits, lies in the supernet, and meets nobody else's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from settings.derived.partial_config import Parts, stack_file
from settings.organization.address_plan import SMALLEST_NETWORK, TEAM_PREFIX_LENGTHS, AddressPlan
from settings.types.addresses import overlaps
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import ENVIRONMENTS


def address_faults(parts: Parts) -> Iterator[Fault]:
    if not parts.organization.has("address_plan"):
        return
    plan = parts.organization.model.address_plan
    if plan.supernet.prefixlen > plan.team_prefix_length - 4:
        return
    blocks = {name: draft.model.cidr for name, draft in parts.teams.items() if draft.has("cidr")}
    yield from _Judge(plan, blocks).faults()


@dataclass(slots=True)
class _Judge:
    plan: AddressPlan
    blocks: Mapping[str, IPv4Network]

    def faults(self) -> Iterator[Fault]:
        proposed: list[IPv4Network] = []
        for name, code, rule in self._verdicts():
            cidr = self.blocks[name]
            fits = TEAM_PREFIX_LENGTHS[0] <= cidr.prefixlen <= TEAM_PREFIX_LENGTHS[1]
            others = [block for other, block in self.blocks.items() if other != name]
            free = self.plan.free_block([*others, *proposed], cidr.prefixlen if fits else None)
            fix = f"{free} is free" if free else "the supernet is full: widen it or take ranges back"
            proposed += [free] if free else []
            yield Fault(code=code, file=stack_file(name), path="plinth:team.cidr", value=str(cidr), rule=rule, fix=fix)

    def _verdicts(self) -> Iterator[tuple[str, Code, str]]:
        """Team, code and rule: one verdict for each team whose range will not do."""
        judged = set()
        for name, cidr in self.blocks.items():
            if verdict := self._alone(cidr):
                judged.add(name)
                yield name, *verdict
        rest = ((name, cidr) for name, cidr in self.blocks.items() if name not in judged)
        for (owner, block), (name, _) in overlaps(rest):
            yield name, Code.ADDRESSES_OVERLAP, f"overlaps {block} of team {owner}"

    def _alone(self, cidr: IPv4Network) -> tuple[Code, str] | None:
        widest, narrowest = TEAM_PREFIX_LENGTHS
        if cidr.prefixlen > narrowest:
            need = f"needs /{narrowest} or larger, a /{SMALLEST_NETWORK} for each"
            return Code.CIDR_SIZE, f"is too small for {len(ENVIRONMENTS)} environments of up to 3 zones ({need})"
        if cidr.prefixlen < widest:
            return Code.CIDR_SIZE, f"is too large for a team (/{widest} at most)"
        if not cidr.subnet_of(self.plan.supernet):
            return Code.ADDRESSES_OUTSIDE, f"lies outside the supernet {self.plan.supernet}"
        for owner, taken in self.plan.reserved_blocks().items():
            if cidr.overlaps(taken):
                return Code.ADDRESSES_OVERLAP, f"overlaps {taken}, which is kept for {owner}"
        return None
