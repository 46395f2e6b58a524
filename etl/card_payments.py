"""Makes the dataset card-payments of what the card systems lay down: historical data, and what is inferred from.

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

PARTS = ("historical", "inference")
ARGUMENTS = ("JOB_NAME", "sources", "table", *PARTS)


def payments(landed: DataFrame) -> DataFrame:
    """One row for each payment, typed as the dataset declares."""
    return landed.dropDuplicates(["payment_id"]).select(
        "payment_id",
        "card_number",
        "holder",
        functions.col("amount").cast("decimal(12,2)").alias("amount"),
        "merchant",
        functions.upper("country").alias("country"),
        functions.col("fraudulent").cast("boolean").alias("fraudulent"),
        functions.to_date("day").alias("day"),
    )


def parted(rows: DataFrame) -> dict[str, DataFrame]:
    """What the bank decided on is history; what it has not is inferred from."""
    decided = functions.col("fraudulent").isNotNull()
    return {"historical": rows.filter(decided), "inference": rows.filter(~decided)}


def main() -> None:
    """Reads what no earlier run has read, writes each part, adds its partitions to the catalogue."""
    told = getResolvedOptions(sys.argv, list(ARGUMENTS))
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(told["JOB_NAME"], told)
    landed = context.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": told["sources"].split(","), "recurse": True},
        format="json",
        transformation_ctx="landed",
    )
    if landed.count():
        for part, rows in parted(payments(landed.toDF())).items():
            sink = context.getSink(
                connection_type="s3",
                path=told[part],
                partitionKeys=["day"],
                enableUpdateCatalog=True,
                updateBehavior="LOG",
                transformation_ctx=f"written-{part}",
            )
            sink.setFormat("glueparquet")
            sink.setCatalogInfo(catalogDatabase=part, catalogTableName=told["table"])
            sink.writeFrame(DynamicFrame.fromDF(rows, context, part))
    job.commit()


if __name__ == "__main__":
    main()
