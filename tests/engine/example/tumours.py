"""Makes the dataset tumours of what a laboratory lays down. The test of a person's path has the lake run it."""

from __future__ import annotations

from dataset_job import dataset_job
from pyspark.sql import DataFrame, functions

PARTS = ("historical", "inference")


def measured(landed: DataFrame) -> DataFrame:
    """One row for each mass, typed as the dataset declares."""
    measures = [functions.col(name).cast("double").alias(name) for name in landed.columns if name.startswith("mean_")]
    return landed.dropDuplicates(["sample"]).select(
        "sample", *measures, functions.col("malignant").cast("boolean").alias("malignant")
    )


def main() -> None:
    with dataset_job(PARTS) as job:
        landed = job.landed()
        if landed is not None:
            rows, known = measured(landed), functions.col("malignant").isNotNull()
            for part, of_part in zip(PARTS, (rows.filter(known), rows.filter(~known)), strict=True):
                job.write(part, of_part)


if __name__ == "__main__":
    main()
