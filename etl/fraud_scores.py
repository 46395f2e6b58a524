"""Makes the dataset fraud-scores of what fraud's jobs return: one row for each payment that a model judged.

Runs on Glue. What it reads and where it writes, the stack of its dataset says in its arguments.
"""

from __future__ import annotations

import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import DataFrame, functions

PART = "historical"
ARGUMENTS = ("JOB_NAME", "sources", "table", PART)
LANDED_AS = "landed_as"
"""Column with the path of the object that a row lay in."""
RETURNED_FROM = r"/results/fraud-scores/fraud/([a-z]+)/"


def scores(landed: DataFrame) -> DataFrame:
    """One row for each payment and model, typed as the dataset declares. Where it was found, the folder says, which
    nobody else writes to, and not the row."""
    environment = functions.regexp_extract(LANDED_AS, RETURNED_FROM, 1)
    found = landed.select(
        "payment_id",
        functions.col("score").cast("double").alias("score"),
        "model",
        environment.alias("environment"),
    )
    return found.dropDuplicates(["payment_id", "model", "environment"])


def main() -> None:
    """Reads what no earlier run has read, writes it, adds its partitions to the catalogue."""
    told = getResolvedOptions(sys.argv, list(ARGUMENTS))
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(told["JOB_NAME"], told)
    landed = context.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": told["sources"].split(","), "recurse": True},
        format="json",
        format_options={"attachFilename": LANDED_AS},
        transformation_ctx="landed",
    )
    if landed.count():
        sink = context.getSink(
            connection_type="s3",
            path=told[PART],
            partitionKeys=["environment"],
            enableUpdateCatalog=True,
            updateBehavior="LOG",
            transformation_ctx="written",
        )
        sink.setFormat("glueparquet")
        sink.setCatalogInfo(catalogDatabase=PART, catalogTableName=told["table"])
        sink.writeFrame(DynamicFrame.fromDF(scores(landed.toDF()), context, PART))
    job.commit()


if __name__ == "__main__":
    main()
