"""Tables of the Glue Data Catalog as data frames, limited to the data that the caller may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import boto3
from pyspark.sql import DataFrame, SparkSession, functions

from plinth_sandbox.s3_location import split


def readable(engine: SparkSession, table: Mapping[str, Any]) -> DataFrame:
    """Returns the rows and columns of a table that the caller may read."""
    whole = _all_rows(engine, table)
    rows = whole.filter(table["rows"]) if table["rows"] else whole
    return rows.select(*table["readable"])


def _all_rows(engine: SparkSession, table: Mapping[str, Any]) -> DataFrame:
    """Returns all rows of a table. For a partitioned table, these are the partitions in the Glue Data Catalog."""
    keys = table["keys"]
    places = table["partitions"] if keys else [(table["location"], ())]
    read = [_folder(engine, table, location, values) for location, values in places]
    described = ", ".join(f"`{name}` {type_}" for name, type_ in table["columns"])
    empty = engine.createDataFrame([], described)
    return reduce(DataFrame.unionByName, [frame for frame in read if frame is not None], empty)


def _folder(engine: SparkSession, table: Mapping[str, Any], location: str, values: Sequence[str]) -> DataFrame | None:
    """Returns one folder with the columns that the Glue Data Catalog declares, or None if the folder is empty."""
    objects = _objects(location)
    if not objects:
        return None
    rows = engine.read.format(_file_format(table["library"])).load(objects)
    fixed = dict(zip(table["keys"], values, strict=False))
    there = set(rows.columns)
    columns = []
    for name, type_ in table["columns"]:
        of_folder = functions.lit(fixed.get(name))
        value = functions.col(name) if name in there and name not in fixed else of_folder
        columns.append(value.cast(type_).alias(name))
    return rows.select(*columns)


def _file_format(library: str) -> str:
    """Returns the file format for a Hive serialization library."""
    lower = library.lower()
    return "json" if "json" in lower else "csv" if "csv" in lower or "simple" in lower else "parquet"


def _objects(location: str) -> list[str]:
    bucket, prefix = split(location)
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix.rstrip('/')}/")
    return [
        f"s3://{bucket}/{object_['Key']}" for page in pages for object_ in page.get("Contents", []) if object_["Size"]
    ]
