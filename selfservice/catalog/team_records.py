"""Teams in the team catalog: accounts, owner, users, data grants, use cases and status, found by team, account or
owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from selfservice.catalog.items import CatalogItems
from selfservice.errors import RefusedError
from selfservice.request_tables import writes
from selfservice.request_tables.items import Item
from settings.data.catalog_layout import (
    ACCOUNT,
    LOOKUP,
    OWNER,
    PARTITION,
    RECORD,
    SEPARATOR,
    SORT,
    TEAM,
    key_of,
    name_in,
)

_USER, _GRANT, _USE_CASE = "user", "grant", "use-case"
_TEAMS = key_of(TEAM, RECORD)
"""Look-up value of the records of all teams."""
_REVISION = "revision"
_ATTEMPTS = 5
"""Times that a record is read and written again because somebody else wrote it in between."""


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
    """Id of the request that changed it last; empty if neither a request nor a commit of one names the team."""
    accounts: Mapping[str, str]
    """Account id by environment."""
    users: Mapping[str, str]
    """Persona by user."""
    grants: Mapping[str, str]
    """Environments that read each dataset, separated by commas."""
    use_cases: Mapping[str, str] = field(default_factory=dict)
    """How the models of each use case predict, separated by commas."""
    revision: int = field(default=0, compare=False)
    """Number of times that the record was written. A writer names the revision that it has read."""

    def items(self) -> list[Item]:
        """Returns the items of the record, at most one for each sort key."""
        partition = key_of(TEAM, self.team)
        rows = [
            {
                PARTITION: partition, SORT: RECORD, LOOKUP: _TEAMS, "owner": self.owner,
                "cost_centre": self.cost_centre, "monthly_budget_usd": str(self.monthly_budget_usd),
                "status": self.status, "version": self.version, "changed": self.changed, "request": self.request,
                _REVISION: str(self.revision),
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
        record = by_sort.get(RECORD)
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
            revision=int(record.get(_REVISION, 0)),
        )

    def document(self) -> dict[str, Any]:
        """Returns the record for JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamSummary:
    """Entry of a team in a list of teams."""

    team: str
    owner: str
    status: str
    version: str
    changed: str
    """Time of the last change in ISO 8601."""
    monthly_budget_usd: int


@dataclass(frozen=True, slots=True)
class TeamRecords:
    """The teams in the table of one account."""

    items: CatalogItems

    def update(self, team: str, made: Callable[[TeamRecord | None], TeamRecord | None]) -> None:
        """Reads the record of a team, and writes what ``made`` returns for it. None leaves it as it is.

        If somebody else writes the record in between, it is read and made again, so no change is lost.
        Raises: RefusedError if that happens again and again.
        """
        partition = key_of(TEAM, team)
        for _ in range(_ATTEMPTS):
            revision = _revision(self.items.get(partition, RECORD))
            present = {item[SORT]: item for item in self.items.of(partition)}
            if _revision(present.get(RECORD)) != revision:
                continue  # A query is no snapshot: it may have read items from before and after another write.
            wanted = made(TeamRecord.of(team, present.values()))
            if wanted is None or self._write(wanted, present):
                return
        raise RefusedError(f"others keep changing the record of {team} in the team catalog; try again")

    def write(self, record: TeamRecord, *, over: TeamRecord | None) -> bool:
        """Writes a record over the one that its writer has read, and removes items that it no longer has.

        Returns False, and changes nothing, if somebody else has written it since. The same record again changes
        nothing.
        """
        present = {item[SORT]: item for item in self.items.of(key_of(TEAM, record.team))}
        read = 0 if over is None else over.revision
        return _revision(present.get(RECORD)) == read and self._write(record, present)

    def _write(self, record: TeamRecord, present: Mapping[str, Item]) -> bool:
        """Writes what differs from the present items, as one transaction for each 99 of them."""
        partition, revision = key_of(TEAM, record.team), _revision(present.get(RECORD))
        wanted = {item[SORT]: item for item in replace(record, revision=revision).items()}
        head = wanted.pop(RECORD)
        changes = [writes.put(item) for sort, item in wanted.items() if present.get(sort) != item]
        changes += [writes.delete(partition, sort) for sort in present.keys() - wanted.keys() - {RECORD}]
        if not changes and present.get(RECORD) == head:
            return True
        size = writes.LARGEST_TRANSACTION - 1  # beside the head
        for start in range(0, max(len(changes), 1), size):
            expected = {_REVISION: str(revision) if revision else None}
            revision += 1
            first = writes.put({**head, _REVISION: str(revision)}, expected)
            if self.items.transact(first, *changes[start : start + size]):
                return False
        return True

    @staticmethod
    def differ(record: TeamRecord, other: TeamRecord) -> bool:
        """Returns whether two records say something else, whenever they were written."""
        return replace(record, changed="") != replace(other, changed="")

    def read(self, team: str) -> TeamRecord | None:
        return TeamRecord.of(team, self.items.of(key_of(TEAM, team)))

    def version_of(self, team: str) -> str:
        """Returns the version that deployed a team; empty without a record."""
        record = self.read(team)
        return "" if record is None else record.version

    def all(self) -> list[str]:
        """Returns the names of all teams with a record, sorted."""
        return sorted(self._teams(_TEAMS))

    def owners(self) -> dict[str, str]:
        """Returns the owner of each team with a record, sorted by team. The index answers, which lags a moment."""
        found = [(name_in(item[PARTITION], TEAM), item) for item in self.items.found_by(_TEAMS, PARTITION, "owner")]
        return dict(sorted((team, item["owner"]) for team, item in found if team is not None))

    def summaries(self, teams: Iterable[str]) -> list[TeamSummary]:
        """Returns those of the teams that have a record, sorted by name."""
        found = self.items.get_many((key_of(TEAM, team), RECORD) for team in teams)
        return sorted((_summary(item) for item in found), key=lambda summary: summary.team)

    def of_account(self, account: str) -> list[str]:
        """Returns the teams that use an account. Several share one in a placement that merges environments."""
        return sorted(self._teams(key_of(ACCOUNT, account)))

    def of_owner(self, owner: str) -> list[str]:
        return sorted(self._teams(key_of(OWNER, owner)))

    def _teams(self, lookup: str) -> set[str]:
        """Returns the teams of the found items. People can write any look-up value under keys of their own."""
        found = (name_in(item[PARTITION], TEAM) for item in self.items.found_by(lookup, PARTITION))
        return {team for team in found if team is not None}


def _summary(item: Item) -> TeamSummary:
    return TeamSummary(
        team=item[PARTITION].removeprefix(key_of(TEAM, "")),
        owner=item["owner"],
        status=item["status"],
        version=item["version"],
        changed=item["changed"],
        monthly_budget_usd=int(item["monthly_budget_usd"]),
    )


def _named(by_sort: Mapping[str, Item], kind: str, attribute: str) -> dict[str, str]:
    return {name: item[attribute] for sort, item in by_sort.items() if (name := name_in(sort, kind)) is not None}


def _revision(head: Item | None) -> int:
    """Returns the revision of a record; 0 without one."""
    return 0 if head is None else int(head.get(_REVISION, 0))
