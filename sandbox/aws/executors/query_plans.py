"""What a query of Athena reads: its tables, where they lie, and what of them whoever asks may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlglot
from moto.glue.exceptions import EntityNotFoundException
from moto.glue.models import glue_backends
from moto.iam.models import iam_backends
from sqlglot import exp

from sandbox.aws.call import Call
from sandbox.aws.executors.lake_access import LakeAccess, Readable
from sandbox.aws.mends.mend import Memory


class QueryRefusedError(Exception):
    """A query that fails before it reads anything, with Athena's words."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and where names of tables begin."""

    call: Call
    memory: Memory

    @property
    def role(self) -> str:
        key = iam_backends[self.call.account]["aws"].access_keys.get(self.call.access_key)
        return str(getattr(key, "role_arn", ""))

    @property
    def database(self) -> str:
        return str(self.call.parameters.get("QueryExecutionContext", {}).get("Database", ""))


def plan(asked: Asked, query: str) -> dict[str, Any]:
    """The query in the words of Spark, and each table that it names.

    Raises: QueryRefusedError.
    """
    try:
        statement = sqlglot.parse_one(query, dialect="athena")
    except sqlglot.ParseError as error:
        raise QueryRefusedError(f"SYNTAX_ERROR: {error}") from None
    inner = {common.alias_or_name for common in statement.find_all(exp.CTE)}
    tables = []
    for number, named in enumerate([*statement.find_all(exp.Table)]):
        if not named.db and named.name in inner:
            continue
        view = f"table_{number}"
        tables.append({"view": view, **_table(asked, named.db or asked.database, named.name)})
        named.replace(exp.alias_(exp.to_table(view), named.alias_or_name, table=True))
    return {"query": statement.sql(dialect="spark"), "tables": tables}


def _table(asked: Asked, database: str, name: str) -> dict[str, Any]:
    """Where a table lies, and what whoever asks reads of it."""
    catalogue, real = _behind(asked, database)
    missing = QueryRefusedError(f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{database}.{name}' does not exist")
    backend = glue_backends[catalogue][asked.call.region]
    try:
        table = backend.get_table(real, name).as_dict()
        partitions = [partition.as_dict() for partition in backend.get_partitions(real, name, "")]
    except EntityNotFoundException:
        raise missing from None
    described = table["StorageDescriptor"]
    columns = [(one["Name"], one["Type"]) for one in (*described["Columns"], *table.get("PartitionKeys", []))]
    access = LakeAccess(asked.memory, asked.call.region)
    reader = access.reader(catalogue, described["Location"])
    every = Readable(frozenset(column for column, _ in columns), None)
    readable = every if reader is None else access.readable(asked.role, catalogue, real, name, [c for c, _ in columns])
    if readable is None:
        raise QueryRefusedError(
            f"Insufficient permissions to execute the query. Insufficient Lake Formation permission(s) on {name}: "
            f"Required Select on {name}"
        )
    return {
        "location": described["Location"],
        "library": described.get("SerdeInfo", {}).get("SerializationLibrary", ""),
        "columns": columns,
        "keys": [key["Name"] for key in table.get("PartitionKeys", [])],
        "partitions": [[one["StorageDescriptor"]["Location"], one["Values"]] for one in partitions],
        "readable": [column for column, _ in columns if column in readable.columns],
        "rows": sqlglot.transpile(readable.rows, read="athena", write="spark")[0] if readable.rows else None,
        "reader": reader,
    }


def _behind(asked: Asked, database: str) -> tuple[str, str]:
    """The catalogue and the database that a name stands for: a link stands for another account's."""
    try:
        found = glue_backends[asked.call.account][asked.call.region].get_database(database).as_dict()
    except EntityNotFoundException:
        raise QueryRefusedError(f"SCHEMA_NOT_FOUND: Schema '{database}' does not exist") from None
    link = found.get("TargetDatabase")
    return (link["CatalogId"], link["DatabaseName"]) if link else (asked.call.account, database)
