"""Common code of scripts that make datasets: it reads new data, and writes the dataset's parts.

It goes with every job that makes a dataset; a script imports it by its name.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import DataFrame

ARGUMENTS = ("JOB_NAME", "sources", "table")
"""Arguments that the stack of a dataset passes to its script, besides the location of each part."""


@dataclass(frozen=True)
class DatasetJob:
    """One run of a script."""

    context: GlueContext
    told: Mapping[str, str]
    """Arguments by name."""

    def landed(self, *, path_in: str | None = None, form: Literal["csv", "json"] = "json") -> DataFrame | None:
        """Returns the rows of the sources that no earlier run has read; None if there are none. ``path_in`` is a column
        to have the path of the object that a row lay in. ``form`` is JSON lines, or CSV with a header."""
        options: dict[str, Any] = {"withHeader": True} if form == "csv" else {}
        found = self.context.create_dynamic_frame.from_options(
            connection_type="s3",
            connection_options={"paths": self.told["sources"].split(","), "recurse": True},
            format=form,
            format_options={**options, **({"attachFilename": path_in} if path_in else {})},
            transformation_ctx="landed",
        )
        return found.toDF() if found.count() else None

    def write(self, part: str, rows: DataFrame, *, by: Sequence[str] = ()) -> None:
        """Add rows to a part, in a folder for each value of the columns ``by``, and such folders to the catalogue."""
        sink = self.context.getSink(
            connection_type="s3",
            path=self.told[part],
            partitionKeys=list(by),
            enableUpdateCatalog=bool(by),
            updateBehavior="LOG",
            transformation_ctx=f"written-{part}",
        )
        sink.setFormat("glueparquet")
        sink.setCatalogInfo(catalogDatabase=part, catalogTableName=self.told["table"])
        sink.writeFrame(DynamicFrame.fromDF(rows, self.context, part))


@contextmanager
def dataset_job(parts: Sequence[str], *further: str) -> Iterator[DatasetJob]:
    """The run that goes on, told of these parts and of ``further`` arguments. One that fails has read nothing: the next
    reads it again."""
    told = getResolvedOptions(sys.argv, [*ARGUMENTS, *parts, *further])
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(told["JOB_NAME"], told)
    yield DatasetJob(context, told)
    job.commit()
