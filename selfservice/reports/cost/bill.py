"""The fixed monthly cost of an organization by account, with dedicated and with shared endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle, islice
from typing import get_args

from selfservice.errors import BadInputError
from selfservice.formatting import counted
from selfservice.reports.cost.prices import PriceTable
from selfservice.reports.cost.quantities import Component, Quantities, quantities
from settings.derived.foundation import Foundation
from settings.organization.organization import Endpoints
from settings.types.kinds import kinds_in

MODES: tuple[Endpoints, ...] = get_args(Endpoints)
Counts = Mapping[Endpoints, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One component in one account."""

    account: str
    """Label of the account; for hypothetical teams, their number."""
    component: Component
    counts: Counts


@dataclass(frozen=True, kw_only=True, slots=True)
class Bill:
    """The fixed monthly cost, which does not depend on usage."""

    organization: str
    teams: int
    endpoints: Endpoints
    """The endpoint mode of the settings."""
    modes: tuple[Endpoints, ...]
    """The endpoint modes of the bill, by default those that the phase allows."""
    lines: tuple[Line, ...]
    table: PriceTable

    def usd(self, line: Line, mode: Endpoints) -> Decimal | None:
        """Returns the monthly cost of a line; None if its price is not known."""
        return self.table.prices[line.component].monthly(line.counts[mode])

    def total(self, mode: Endpoints, *, account: str | None = None, component: Component | None = None) -> Decimal:
        """Returns the sum of all lines with a price, optionally of one account or component."""
        lines = self._of(account, component)
        return sum((self.usd(line, mode) or Decimal(0) for line in lines), Decimal(0))

    def count(self, mode: Endpoints, component: Component, *, account: str | None = None) -> int:
        return sum(line.counts[mode] for line in self._of(account, component))

    def without_price(self, mode: Endpoints, *, account: str | None = None) -> dict[Component, int]:
        """Returns the number of components whose price is not known."""
        unpriced = [component for component, price in self.table.prices.items() if price.usd is None]
        counts = {component: self.count(mode, component, account=account) for component in unpriced}
        return {component: count for component, count in counts.items() if count}

    def _of(self, account: str | None, component: Component | None) -> Iterator[Line]:
        return (line for line in self.lines if account in (None, line.account) and component in (None, line.component))


def bill(
    foundation: Foundation,
    table: PriceTable,
    *,
    teams: int | None = None,
    modes: tuple[Endpoints, ...] | None = None,
) -> Bill:
    """Returns the bill of the organization, or of the organization with ``teams`` teams like its own.

    Raises: BadInputError if ``teams`` is given and the organization has no team to use as a model.
    """
    if teams and not foundation.teams:
        raise BadInputError("there is no team yet to count others by: write one, then ask for more")
    organization = foundation.organization
    if modes is None:
        modes = MODES if "network" in kinds_in(organization.phase) else (organization.endpoints,)
    found: dict[tuple[str, Component], dict[Endpoints, int]] = {}
    for mode in modes:
        for account, built in _built(foundation, mode, teams):
            for component, count in built.items():
                counts = found.setdefault((account, component), dict.fromkeys(modes, 0))
                counts[mode] += count
    return Bill(
        organization=organization.name,
        teams=len(foundation.teams) if teams is None else teams,
        endpoints=organization.endpoints,
        modes=modes,
        lines=tuple(Line(account=account, component=part, counts=counts) for (account, part), counts in found.items()),
        table=table,
    )


def _built(foundation: Foundation, mode: Endpoints, teams: int | None) -> Iterator[tuple[str, Quantities]]:
    """Yields the quantities of each stack with the account that pays for them."""
    for stack in foundation.stacks:
        if stack.team is None or teams is None:
            yield foundation.account_of_stack(stack).label, quantities(stack, foundation, mode)
    if teams:
        for team in islice(cycle(foundation.teams), teams):
            for stack in foundation.stacks:
                if stack.team == team:
                    yield counted(teams, "team"), quantities(stack, foundation, mode)
