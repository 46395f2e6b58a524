"""``GlueContext``: reads objects and writes tables of the Glue Data Catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial, reduce
from typing import Any

import boto3
from pyspark.sql import DataFrame, SparkSession, functions

from awsglue.dynamicframe import DynamicFrame
from awsglue.job import bookmark
from plinth_sandbox.s3_location import split

FORMATS = ("csv", "json", "parquet")


class GlueContext:
    def __init__(self, spark_context: object) -> None:
        self._context = spark_context
        self.spark_session = SparkSession.builder.getOrCreate()
        self.create_dynamic_frame = _Reader(self)

    def getSink(  # noqa: N802 (Glue's name)
        self,
        connection_type: str,
        path: str,
        partitionKeys: Sequence[str] = (),  # noqa: N803
        enableUpdateCatalog: bool = False,  # noqa: N803
        **_of_glue: object,
    ) -> Sink:
        _only_s3(connection_type)
        return Sink(path, partitionKeys, updates_catalog=enableUpdateCatalog)


class _Reader:
    def __init__(self, context: GlueContext) -> None:
        self._context = context

    def from_options(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any],
        format: str,
        format_options: Mapping[str, object] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        _only_s3(connection_type)
        if format not in FORMATS:
            raise ValueError(f"format {format}: one of {', '.join(FORMATS)}")
        paths = bookmark.unread(transformation_ctx, _objects(connection_options["paths"]))
        frame = self._read(paths, format, format_options or {}) if paths else None
        return DynamicFrame(frame, self._context, transformation_ctx)

    def _read(self, paths: list[str], format: str, options: Mapping[str, object]) -> DataFrame:
        reader = self._context.spark_session.read.format(format)
        if options.get("withHeader"):
            reader = reader.option("header", "true")
        if not (column := options.get("attachFilename")):
            return reader.load(paths)
        frames = [reader.load(path).withColumn(str(column), functions.lit(path)) for path in paths]
        return reduce(partial(DataFrame.unionByName, allowMissingColumns=True), frames)


class Sink:
    """Writes Parquet into one folder per value of the partition keys, and adds the partitions to the Glue Data
    Catalog."""

    def __init__(self, path: str, keys: Sequence[str], *, updates_catalog: bool) -> None:
        self._path, self._keys, self._updates = path.rstrip("/"), list(keys), updates_catalog
        self._database = self._table = ""

    def setFormat(self, format: str, **_options: object) -> None:  # noqa: N802 (Glue's name)
        if format not in ("glueparquet", "parquet"):
            raise ValueError(f"format {format}: tables are written as Parquet")

    def setCatalogInfo(self, catalogDatabase: str, catalogTableName: str) -> None:  # noqa: N802, N803 (Glue's names)
        self._database, self._table = catalogDatabase, catalogTableName

    def writeFrame(self, frame: DynamicFrame) -> None:  # noqa: N802 (Glue's name)
        rows = frame.toDF()
        rows.write.mode("append").partitionBy(*self._keys).parquet(f"{self._path}/")
        if self._updates and self._keys:
            self._add([[str(value) for value in row] for row in rows.select(*self._keys).distinct().collect()])

    def _add(self, found: Sequence[list[str]]) -> None:
        glue = boto3.client("glue")
        place = {"DatabaseName": self._database, "TableName": self._table}
        table = glue.get_table(DatabaseName=self._database, Name=self._table)["Table"]["StorageDescriptor"]
        pages = glue.get_paginator("get_partitions").paginate(**place)
        known = {tuple(partition["Values"]) for page in pages for partition in page["Partitions"]}
        new = [values for values in found if tuple(values) not in known]
        if new:
            inputs = [{"Values": values, "StorageDescriptor": self._described(table, values)} for values in new]
            for error in glue.batch_create_partition(**place, PartitionInputList=inputs).get("Errors", []):
                raise RuntimeError(f"partition {error['PartitionValues']}: {error['ErrorDetail']}")

    def _described(self, table: Mapping[str, Any], values: Sequence[str]) -> dict[str, Any]:
        folder = "/".join(f"{key}={value}" for key, value in zip(self._keys, values, strict=True))
        return {**table, "Location": f"{self._path}/{folder}/"}


def _objects(paths: Sequence[str]) -> dict[str, str]:
    """Returns the objects under the folders, nested ones included: their locations with a version of their content."""
    s3 = boto3.client("s3")
    found: dict[str, str] = {}
    for path in paths:
        bucket, prefix = split(path)
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            kept = (object_ for object_ in page.get("Contents", []) if object_["Size"])
            found |= {f"s3://{bucket}/{object_['Key']}": object_["ETag"].strip('"') for object_ in kept}
    return found


def _only_s3(connection_type: str) -> None:
    if connection_type != "s3":
        raise ValueError(f"connection {connection_type}: only s3 is there")
