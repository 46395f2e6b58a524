"""The price table: the AWS price of each component in a region, its date and its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import yaml

from selfservice.errors import BadInputError
from selfservice.reports.cost.quantities import Component

TABLE = Path(__file__).with_name("prices.yaml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """The price of one component in one region."""

    name: str
    """Plural name of the component."""
    unit: str
    usd: Decimal | None
    """Price in US dollars; None if no source states it."""
    source: str
    hours_a_month: int

    def monthly(self, count: int) -> Decimal | None:
        """Returns the monthly cost of ``count`` components; None if the price is not known."""
        if self.usd is None:
            return None
        return self.usd * count * (self.hours_a_month if self.unit == "hour" else 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceTable:
    """All prices of one region."""

    region: str
    as_of: str
    prices: Mapping[Component, Price]
    paid_by_use: tuple[str, ...]
    """Descriptions of what is billed by usage."""
    stands_for: str | None = None
    """Region without known prices for which these stand; None if they are of the region itself."""

    @classmethod
    def of(cls, region: str) -> PriceTable:
        """Reads the prices of a region.

        Raises: BadInputError if the table has no prices of the region.
        """
        table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
        if region not in table["regions"]:
            known = ", ".join(table["regions"])
            raise BadInputError(
                f"no prices of {region} are known, only those of {known}: count at the prices of one of them "
                "with --prices-of, or add yours to the table"
            )
        prices: dict[Component, Price] = {
            component: Price(
                name=described["name"],
                unit=described["unit"],
                usd=None if (usd := table["regions"][region][component]["usd"]) is None else Decimal(usd),
                source=table["regions"][region][component]["source"],
                hours_a_month=table["hours_a_month"],
            )
            for component, described in table["components"].items()
        }
        return cls(region=region, as_of=table["as_of"], prices=prices, paid_by_use=tuple(table["paid_by_use"]))

    @classmethod
    def for_region(cls, region: str) -> PriceTable:
        """Reads the prices of a region, or those that stand for them: of the same continent, or else the first ones."""
        known = list(yaml.safe_load(TABLE.read_text(encoding="utf-8"))["regions"])
        if region in known:
            return cls.of(region)
        continent = region.partition("-")[0]
        nearest = next((candidate for candidate in known if candidate.partition("-")[0] == continent), known[0])
        return replace(cls.of(nearest), stands_for=region)

    @property
    def named(self) -> str:
        """Returns the region of the prices, and the one for which they stand."""
        if self.stands_for is None:
            return self.region
        return f"{self.region} in place of {self.stands_for}, of which none are known,"
