"""Makes the dataset fraud-scores of what fraud's jobs return: one row for each payment that a model judged.

Runs on Glue. What it reads and where it writes, the stack of its dataset says in its arguments.
"""

from __future__ import annotations

from dataset_job import dataset_job
from pyspark.sql import DataFrame, functions

PART = "historical"
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
    with dataset_job([PART]) as job:
        landed = job.landed(path_in=LANDED_AS)
        if landed is not None:
            job.write(PART, scores(landed), by=["environment"])


if __name__ == "__main__":
    main()
