"""Writes Apache Parquet files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

Kind = Literal["string", "integer", "fraction", "flag", "moment"]


@dataclass(frozen=True, slots=True)
class Column:
    """A nullable column. Timestamps have millisecond precision."""

    name: str
    kind: Kind


def written(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Returns a file with the rows. A column that a row does not name is null."""
    # pyarrow is large and most servers never write a record, so it is imported on first use.
    import pyarrow
    from pyarrow import parquet

    types: Mapping[Kind, Any] = {
        "string": pyarrow.string(),
        "integer": pyarrow.int64(),
        "fraction": pyarrow.float64(),
        "flag": pyarrow.bool_(),
        "moment": pyarrow.timestamp("ms"),
    }
    schema = pyarrow.schema([(column.name, types[column.kind]) for column in columns])
    file = BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema), file)
    return file.getvalue()
