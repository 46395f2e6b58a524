"""Tables of the Glue Data Catalog as a role sees them: their locations, and the data that Lake Formation lets it
read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlglot
from moto.glue.exceptions import EntityNotFoundException
from moto.glue.models import glue_backends

from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.lakeformation.access import LakeAccess, Readable


class UnreadableTableError(Exception):
    """The table does not exist or the role may not read it. The message has Athena's wording."""


@dataclass(frozen=True, slots=True)
class DataCatalog:
    """The Glue Data Catalog of an account, as a role sees it."""

    role: str
    account: str
    region: str
    memory: Memory

    def readable(self) -> Iterator[dict[str, Any]]:
        """Yields every table that the role may read, under the account's own name for it. Tables without a location
        have nothing to read and are left out."""
        for database in glue_backends[self.account][self.region].get_databases():
            catalog_id, real = self._resolve(database.name)
            try:
                tables = glue_backends[catalog_id][self.region].get_tables(real, "")
            except EntityNotFoundException:
                continue
            for table in tables:
                with suppress(UnreadableTableError):
                    found = self.table(database.name, table.name)
                    if found["location"] and found["readable"]:
                        yield {"database": database.name, "name": table.name, **found}

    def table(self, database: str, name: str) -> dict[str, Any]:
        """Returns the location of a table and the part of it that the role may read.

        Raises: UnreadableTableError.
        """
        catalog_id, real = self._resolve(database)
        backend = glue_backends[catalog_id][self.region]
        try:
            table = backend.get_table(real, name).as_dict()
            partitions = [partition.as_dict() for partition in backend.get_partitions(real, name, "")]
        except EntityNotFoundException:
            raise UnreadableTableError(
                f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{database}.{name}' does not exist"
            ) from None
        described = table.get("StorageDescriptor", {})
        location, own = described.get("Location", ""), described.get("Columns", [])
        columns = [(column["Name"], column["Type"]) for column in (*own, *table.get("PartitionKeys", []))]
        access = LakeAccess(self.memory, self.region)
        reader = access.reader(catalog_id, location)
        every = Readable(frozenset(column for column, _ in columns), None)
        names = [column for column, _ in columns]
        readable = every if reader is None else access.readable(self.role, catalog_id, real, name, names)
        if readable is None:
            raise UnreadableTableError(
                "Insufficient permissions to execute the query. Insufficient Lake Formation permission(s) on "
                f"{name}: Required Select on {name}"
            )
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        # Column filtering does not apply to partition keys (Lake Formation Developer Guide, "Data filtering
        # limitations", read 2026-11-26).
        shown = {*readable.columns, *keys}
        return {
            "location": location,
            "library": described.get("SerdeInfo", {}).get("SerializationLibrary", ""),
            "columns": columns,
            "keys": keys,
            "partitions": [
                [partition["StorageDescriptor"]["Location"], partition["Values"]] for partition in partitions
            ],
            "readable": [column for column, _ in columns if column in shown],
            "rows": sqlglot.transpile(readable.rows, read="athena", write="spark")[0] if readable.rows else None,
            "reader": reader,
        }

    def _resolve(self, database: str) -> tuple[str, str]:
        """Returns catalog id and database for a name. A resource link stands for a database of another account."""
        try:
            found = glue_backends[self.account][self.region].get_database(database).as_dict()
        except EntityNotFoundException:
            raise UnreadableTableError(f"SCHEMA_NOT_FOUND: Schema '{database}' does not exist") from None
        link = found.get("TargetDatabase")
        return (link["CatalogId"], link["DatabaseName"]) if link else (self.account, database)
