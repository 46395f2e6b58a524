"""Makes the dataset progressions of what batch inference returns. The test of batch inference has the lake run it."""

from __future__ import annotations

from dataset_job import dataset_job
from pyspark.sql import DataFrame, functions

PART = "historical"
LANDED_AS = "landed_as"
"""Column with the path of the object that a row lay in."""
RETURNED_FROM = r"/results/progressions/fraud/([a-z]+)/"


def predictions(landed: DataFrame) -> DataFrame:
    """Returns one row for each result, typed as the dataset declares. The folder names the environment."""
    return landed.select(
        "id",
        functions.col("prediction").cast("double").alias("prediction"),
        functions.regexp_extract(LANDED_AS, RETURNED_FROM, 1).alias("environment"),
    )


def main() -> None:
    with dataset_job([PART]) as job:
        landed = job.landed(path_in=LANDED_AS, form="csv")
        if landed is not None:
            job.write(PART, predictions(landed), by=["environment"])


if __name__ == "__main__":
    main()
