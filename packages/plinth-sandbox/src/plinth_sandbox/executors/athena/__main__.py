"""``python -m plinth_sandbox.executors.athena``: runs one query, whose job input is JSON on standard input.

The query reads tables as the role that is registered with Lake Formation, and writes its result as the caller. It
writes the column types of the result to ``left.json``.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import uuid
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pyarrow
import pyarrow.parquet
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from plinth_sandbox.executors import session
from plinth_sandbox.executors.job_input import read_job_input
from plinth_sandbox.executors.spark import spark
from plinth_sandbox.executors.tables import readable
from plinth_sandbox.s3_location import split

_UNRESOLVED = re.compile(r'Identifier\("(\w+)"\)\]\)')
_UNLOADS = {("PARQUET", ""), ("PARQUET", "SNAPPY"), ("JSON", ""), ("JSON", "GZIP")}
"""Formats and compressions that the sandbox unloads. Parquet is always compressed with Snappy."""


def main() -> None:
    run = read_job_input()
    s3 = boto3.client("s3", **run["caller"])
    session.tell_service(s3, "athena.amazonaws.com")
    if readers := [table["reader"] for table in run["tables"] if table["reader"]]:
        session.take(readers[0], "AWSLF-00-AT")
    with spark() as engine:
        for table in run["tables"]:
            readable(engine, table).createOrReplaceTempView(table["view"])
        answer = _answer(engine, run["query"])
    if "unload" in run:
        _unload(s3, answer, run["unload"], run["how"])
    else:
        _write(s3, answer, run["output"])
    columns = [] if "unload" in run else [(field.name, _athena_type(field.type)) for field in answer.schema]
    Path("left.json").write_text(json.dumps({"columns": columns}))


def _answer(engine: SparkSession, query: str) -> pyarrow.Table:
    """Runs the query. Errors have Athena's wording."""
    try:
        return engine.sql(query).toArrow()
    except PySparkException as error:
        reason = str(error)
        if (column := _UNRESOLVED.search(reason)) and "resolve" in reason:
            raise SystemExit(
                f"COLUMN_NOT_FOUND: Column '{column[1]}' cannot be resolved or requester is not authorized to access "
                "requested resources"
            ) from None
        raise SystemExit(f"SYNTAX_ERROR: {reason}") from None


def _unload(s3: Any, answer: pyarrow.Table, target: str, how: str) -> None:
    kept, packed = (_property(name, how) for name in ("format", "compression"))
    kept = kept or "PARQUET"
    if (kept, packed) not in _UNLOADS or "partitioned_by" in how.lower():
        raise SystemExit(f"NOT_SUPPORTED: the sandbox unloads Parquet, or JSON with gzip, into one folder, not {how}")
    bucket, prefix = split(target)
    if s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)["KeyCount"]:
        raise SystemExit(f"HIVE_PATH_ALREADY_EXISTS: Target directory for table '{target}' already exists")
    body, name = _json_lines(answer) if kept == "JSON" else _parquet(answer)
    s3.put_object(Bucket=bucket, Key=f"{prefix.rstrip('/')}/{name}", Body=body)


def _property(name: str, how: str) -> str:
    found = re.search(rf"\b{name}\s*=\s*'(\w+)'", how, re.I)
    return found[1].upper() if found else ""


def _parquet(answer: pyarrow.Table) -> tuple[bytes, str]:
    body = io.BytesIO()
    pyarrow.parquet.write_table(answer, body)
    return body.getvalue(), f"{uuid.uuid4().hex}.parquet"


def _json_lines(answer: pyarrow.Table) -> tuple[bytes, str]:
    """Returns one JSON object a line. Decimals are numbers, and times are texts as in CSV."""
    lines = (json.dumps(row, default=_json, ensure_ascii=False) + "\n" for row in answer.to_pylist())
    return gzip.compress("".join(lines).encode("utf-8"), mtime=0), f"{uuid.uuid4().hex}.gz"


def _json(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else _text(value)


def _write(s3: Any, answer: pyarrow.Table, output: str) -> None:
    """Writes the result as Athena does: every value is quoted, and a null is empty."""
    rows = zip(*(column.to_pylist() for column in answer.columns), strict=True)
    lines = [",".join(map(_quoted, row)) for row in (answer.column_names, *rows)]
    bucket, key = split(output)
    s3.put_object(Bucket=bucket, Key=key, Body="".join(f"{line}\n" for line in lines).encode("utf-8"))


def _quoted(value: object) -> str:
    if value is None:
        return ""
    return '"' + _text(value).replace('"', '""') + '"'


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _athena_type(type_: pyarrow.DataType) -> str:
    if pyarrow.types.is_timestamp(type_):
        return "timestamp"
    names = {"string": "varchar", "int32": "integer", "int64": "bigint", "bool": "boolean", "date32[day]": "date"}
    return names.get(str(type_), re.sub(r"^decimal128", "decimal", str(type_)))


if __name__ == "__main__":
    main()
