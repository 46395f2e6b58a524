"""The data of a table that Lake Formation lets a role read, by LF-tags, by name or by a cell filter.

Only grants to a named role count. A grant to an account is not combined with that account's own grants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.lakeformation.patches.tags import inherited_tags


@dataclass(frozen=True, slots=True)
class Readable:
    """The part of a table that a role may read."""

    columns: frozenset[str]
    rows: str | None
    """SQL condition for the rows that the role may read. None if it may read all rows."""


@dataclass(frozen=True, slots=True)
class LakeAccess:
    """Read access in Lake Formation of one region."""

    memory: Memory
    region: str

    def reader(self, account: str, location: str) -> str | None:
        """Returns the role that reads a registered location, or None if Lake Formation does not govern the location."""
        arn = "arn:aws:s3:::" + location.removeprefix("s3://").rstrip("/")
        places = self.memory.notes("lakeformation", "locations", account, self.region)
        held = (str(place["RoleArn"]) for known, place in places.items() if f"{arn}/".startswith(f"{known}/"))
        return next(held, None)

    def readable(
        self, role: str, catalog_id: str, database: str, table: str, columns: Sequence[str]
    ) -> Readable | None:
        """Returns the columns and rows of a table that a role may read, or None if it may read none."""
        path = (catalog_id, database, table)
        whole: set[str] = set()
        for resource in self._held(role, catalog_id):
            whole |= {column for column in columns if self._reaches(resource, path, column)}
        if whole:
            return Readable(frozenset(whole), None)
        return next(self._filtered(role, path, columns), None)

    def _held(self, role: str, catalog_id: str) -> Iterator[Mapping[str, Any]]:
        """Yields the resources on which a role has SELECT."""
        grants = self.memory.notes("lakeformation", "grants", self.region, catalog_id)
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
        catalog_id, database, table = path
        filters = self.memory.notes("lakeformation", "filters", catalog_id, self.region)
        for resource in self._held(role, catalog_id):
            named = resource.get("DataCellsFilter")
            if named and (named["DatabaseName"], named["TableName"]) == (database, table):
                data = filters["/".join((catalog_id, database, table, named["Name"]))]
                left = data.get("ColumnNames") or [
                    column for column in columns if column not in data["ColumnWildcard"].get("ExcludedColumnNames", ())
                ]
                yield Readable(frozenset(left), data.get("RowFilter", {}).get("FilterExpression"))
