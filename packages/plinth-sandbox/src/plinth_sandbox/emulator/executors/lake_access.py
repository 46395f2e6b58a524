"""What Lake Formation lets a role read of a table: by its tags, by name, or by a cell filter.

Grants to whole accounts are not followed to the grants that those hand on: roles are granted to by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.emulator.patches.analytics.lake_tags import inherited_tags
from plinth_sandbox.emulator.patches.patch import Memory


@dataclass(frozen=True, slots=True)
class Readable:
    """What is left of a table for a role."""

    columns: frozenset[str]
    rows: str | None
    """A condition that its rows fulfil, as SQL; nothing where it reads all."""


@dataclass(frozen=True, slots=True)
class LakeAccess:
    """Lake Formation of one region, as far as it decides who reads."""

    memory: Memory
    region: str

    def reader(self, account: str, location: str) -> str | None:
        """The role in whose name a location is read for others; nothing where Lake Formation has no say."""
        arn = "arn:aws:s3:::" + location.removeprefix("s3://").rstrip("/")
        places = self.memory.notes("lakeformation", "locations", account, self.region)
        held = (str(place["RoleArn"]) for known, place in places.items() if f"{arn}/".startswith(f"{known}/"))
        return next(held, None)

    def readable(self, role: str, catalogue: str, database: str, table: str, columns: Sequence[str]) -> Readable | None:
        """The columns that a role reads of a table, and which rows; nothing where it reads none."""
        path = (catalogue, database, table)
        whole: set[str] = set()
        for resource in self._held(role, catalogue):
            whole |= {column for column in columns if self._reaches(resource, path, column)}
        if whole:
            return Readable(frozenset(whole), None)
        return next(self._filtered(role, path, columns), None)

    def _held(self, role: str, catalogue: str) -> Iterator[Mapping[str, Any]]:
        """Resources that a role may select from."""
        grants = self.memory.notes("lakeformation", "grants", self.region, catalogue)
        for grant in grants.values():
            if grant["Principal"] == {"DataLakePrincipalIdentifier": role} and "SELECT" in grant["Permissions"]:
                yield grant["Resource"]

    def _reaches(self, resource: Mapping[str, Any], path: tuple[str, str, str], column: str) -> bool:
        _, database, table = path
        if tags := resource.get("LFTagPolicy"):
            return tags["ResourceType"] == "TABLE" and self._carries(tags["Expression"], (*path, column))
        named = resource.get("Table") or resource.get("TableWithColumns") or {}
        if named.get("DatabaseName") != database or named.get("Name", table) != table:
            return False
        return "ColumnNames" not in named or column in named["ColumnNames"]

    def _carries(self, expression: Sequence[Mapping[str, Any]], path: tuple[str, ...]) -> bool:
        assigned: Any = self.memory.notes("lakeformation", "assigned", self.region)
        tags = inherited_tags(assigned, path)
        return all(tags.get(wanted["TagKey"]) in wanted["TagValues"] for wanted in expression)

    def _filtered(self, role: str, path: tuple[str, str, str], columns: Sequence[str]) -> Iterator[Readable]:
        catalogue, database, table = path
        filters = self.memory.notes("lakeformation", "filters", catalogue, self.region)
        for resource in self._held(role, catalogue):
            named = resource.get("DataCellsFilter")
            if named and (named["DatabaseName"], named["TableName"]) == (database, table):
                data = filters["/".join((catalogue, database, table, named["Name"]))]
                left = data.get("ColumnNames") or [
                    column for column in columns if column not in data["ColumnWildcard"].get("ExcludedColumnNames", ())
                ]
                yield Readable(frozenset(left), data.get("RowFilter", {}).get("FilterExpression"))
