"""Plans an Athena query: translates it to Spark SQL and resolves its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlglot
from moto.iam.models import iam_backends
from sqlglot import exp

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.glue.executor.data_catalog import DataCatalog, UnreadableTableError


class QueryRefusedError(Exception):
    """A query that is refused before it reads anything. The message has Athena's wording."""


def plan(call: Call, memory: Memory, query: str) -> dict[str, Any]:
    """Returns the query in Spark SQL, and each table that it names.

    Raises: QueryRefusedError.
    """
    try:
        bound = _bound(query, call.parameters.get("ExecutionParameters") or ())
        statement = sqlglot.parse_one(bound, dialect="athena")
    except (sqlglot.ParseError, sqlglot.TokenError) as error:
        raise QueryRefusedError(f"SYNTAX_ERROR: {error}") from None
    inner = {common.alias_or_name for common in statement.find_all(exp.CTE)}
    catalog, usual = DataCatalog(_role(call), call.account, call.region, memory), _database(call)
    tables = []
    for number, named in enumerate([*statement.find_all(exp.Table)]):
        if not named.db and named.name in inner:
            continue
        view = f"table_{number}"
        try:
            tables.append({"view": view, **catalog.table(named.db or usual, named.name)})
        except UnreadableTableError as refusal:
            raise QueryRefusedError(str(refusal)) from None
        named.replace(exp.alias_(exp.to_table(view), named.alias_or_name, table=True))
    return {"query": statement.sql(dialect="spark"), "tables": tables}


def _bound(query: str, values: Sequence[str]) -> str:
    """Returns the query with the values of the call in the places of its question marks, in the order of the text. A
    value is an expression of SQL, so that of a text is quoted."""
    tokens = sqlglot.tokenize(query, read="athena")
    places = [token for token in tokens if token.token_type.name == "PLACEHOLDER"]
    if len(places) != len(values):
        raise QueryRefusedError(
            f"INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected {len(places)} but found {len(values)}"
        )
    for place, value in [*zip(places, values, strict=True)][::-1]:
        query = (
            f"{query[: place.start]}{sqlglot.parse_one(value, dialect='athena').sql('athena')}{query[place.end + 1 :]}"
        )
    return query


def _role(call: Call) -> str:
    """Returns the caller's role."""
    key = iam_backends[call.account]["aws"].access_keys.get(call.access_key)
    return str(getattr(key, "role_arn", ""))


def _database(call: Call) -> str:
    """Returns the default database of the query."""
    return str(call.parameters.get("QueryExecutionContext", {}).get("Database", ""))
