"""Makes the dataset tumours of what a laboratory lays down. The test of a person's path has the lake run it."""

from __future__ import annotations

import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import DataFrame, functions

PARTS = ("historical", "inference")


def measured(landed: DataFrame) -> DataFrame:
    """One row for each mass, typed as the dataset declares."""
    measures = [functions.col(name).cast("double").alias(name) for name in landed.columns if name.startswith("mean_")]
    return landed.dropDuplicates(["sample"]).select(
        "sample", *measures, functions.col("malignant").cast("boolean").alias("malignant")
    )


def main() -> None:
    told = getResolvedOptions(sys.argv, ["JOB_NAME", "sources", "table", *PARTS])
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
        rows = measured(landed.toDF())
        known = functions.col("malignant").isNotNull()
        for part, of_part in (("historical", rows.filter(known)), ("inference", rows.filter(~known))):
            sink = context.getSink(connection_type="s3", path=told[part], transformation_ctx=f"written-{part}")
            sink.setFormat("glueparquet")
            sink.setCatalogInfo(catalogDatabase=part, catalogTableName=told["table"])
            sink.writeFrame(DynamicFrame.fromDF(of_part, context, part))
    job.commit()


if __name__ == "__main__":
    main()
