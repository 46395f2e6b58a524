"""Teams in the team catalog: accounts, owner, users, data grants, use cases and status, found by team, account or
owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from selfservice.catalog.items import CatalogItems, Item
from settings.data.catalog_layout import ACCOUNT, LOOKUP, OWNER, PARTITION, SEPARATOR, SORT, TEAM, key_of, name_in

_RECORD, _USER, _GRANT, _USE_CASE = "record", "user", "grant", "use-case"
_TEAMS = key_of(TEAM, "record")
"""Look-up value of the records of all teams."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamRecord:
    """A team as the settings and the outputs of its stacks describe it."""

    team: str
    owner: str
    cost_centre: str
    monthly_budget_usd: int
    status: str
    """``complete``, or ``incomplete`` with what is missing (GOV-07)."""
    version: str
    """Version of Plinth that deployed it."""
    changed: str
    """Time of the last change in ISO 8601."""
    request: str
    """Id of the request that changed it last; empty if the record was rebuilt."""
    accounts: Mapping[str, str]
    """Account id by environment."""
    users: Mapping[str, str]
    """Persona by user."""
    grants: Mapping[str, str]
    """Environments that read each dataset, separated by commas."""
    use_cases: Mapping[str, str] = field(default_factory=dict)
    """How the models of each use case predict, separated by commas."""

    def items(self) -> list[Item]:
        """Returns the items of the record, at most one for each sort key."""
        partition = key_of(TEAM, self.team)
        rows = [
            {
                PARTITION: partition, SORT: _RECORD, LOOKUP: _TEAMS, "owner": self.owner,
                "cost_centre": self.cost_centre, "monthly_budget_usd": str(self.monthly_budget_usd),
                "status": self.status, "version": self.version, "changed": self.changed, "request": self.request,
            },
            {PARTITION: partition, SORT: key_of(OWNER, self.owner), LOOKUP: key_of(OWNER, self.owner)},
        ]  # fmt: skip
        for environment, account in self.accounts.items():
            key = f"{ACCOUNT}{SEPARATOR}{environment}"
            rows.append({PARTITION: partition, SORT: key, LOOKUP: key_of(ACCOUNT, account), "account": account})
        rows += [
            {PARTITION: partition, SORT: key_of(_USER, user), "persona": persona}
            for user, persona in self.users.items()
        ]
        rows += [
            {PARTITION: partition, SORT: key_of(_GRANT, dataset), "environments": environments}
            for dataset, environments in self.grants.items()
        ]
        rows += [
            {PARTITION: partition, SORT: key_of(_USE_CASE, use_case), "inference": inference}
            for use_case, inference in self.use_cases.items()
        ]
        return rows

    @classmethod
    def of(cls, team: str, items: Iterable[Item]) -> TeamRecord | None:
        """Returns the record that consists of the items; None without one."""
        by_sort = {item[SORT]: item for item in items}
        record = by_sort.get(_RECORD)
        if record is None:
            return None
        return cls(
            team=team,
            owner=record["owner"],
            cost_centre=record["cost_centre"],
            monthly_budget_usd=int(record["monthly_budget_usd"]),
            status=record["status"],
            version=record["version"],
            changed=record["changed"],
            request=record["request"],
            accounts=_named(by_sort, ACCOUNT, "account"),
            users=_named(by_sort, _USER, "persona"),
            grants=_named(by_sort, _GRANT, "environments"),
            use_cases=_named(by_sort, _USE_CASE, "inference"),
        )

    def document(self) -> dict[str, Any]:
        """Returns the record for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TeamRecords:
    """The teams in the table of one account."""

    items: CatalogItems

    def write(self, record: TeamRecord) -> None:
        """Writes a record, and removes items that it no longer has. The same record again changes nothing."""
        partition = key_of(TEAM, record.team)
        wanted = {item[SORT]: item for item in record.items()}
        present = {item[SORT]: item for item in self.items.of(partition)}
        for sort, item in wanted.items():
            if present.get(sort) != item:
                self.items.put(item)
        for sort in present.keys() - wanted.keys():
            self.items.remove(partition, sort)

    @staticmethod
    def differ(one: TeamRecord, other: TeamRecord) -> bool:
        """Returns whether two records say something else, whenever they were written."""
        return replace(one, changed="") != replace(other, changed="")

    def read(self, team: str) -> TeamRecord | None:
        return TeamRecord.of(team, self.items.of(key_of(TEAM, team)))

    def version_of(self, team: str) -> str:
        """Returns the version that deployed a team; empty without a record."""
        record = self.read(team)
        return "" if record is None else record.version

    def all(self) -> list[str]:
        """Returns the names of all teams with a record, sorted."""
        return sorted(self._teams(_TEAMS))

    def of_account(self, account: str) -> list[str]:
        """Returns the teams that use an account. Several share one in a placement that merges environments."""
        return sorted(self._teams(key_of(ACCOUNT, account)))

    def of_owner(self, owner: str) -> list[str]:
        return sorted(self._teams(key_of(OWNER, owner)))

    def _teams(self, lookup: str) -> set[str]:
        """Returns the teams of the found items. People can write any look-up value under keys of their own."""
        found = (name_in(item[PARTITION], TEAM) for item in self.items.found_by(lookup))
        return {team for team in found if team is not None}


def _named(by_sort: Mapping[str, Item], kind: str, attribute: str) -> dict[str, str]:
    return {name: item[attribute] for sort, item in by_sort.items() if (name := name_in(sort, kind)) is not None}
