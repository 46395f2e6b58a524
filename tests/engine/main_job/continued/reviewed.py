"""Makes the dataset of reviewed requests of what curation returns. The test of fairness has the lake run it."""

from __future__ import annotations

from dataset_job import dataset_job
from pyspark.sql import DataFrame, functions

PART = "historical"
TYPES = {"request": "string", "label": "int", "prediction": "double", "mean_texture": "double", "day": "date"}


def reviewed(landed: DataFrame) -> DataFrame:
    """Returns one row for each reviewed row of a request, typed as the dataset declares."""
    return landed.select(*(functions.col(name).cast(kind).alias(name) for name, kind in TYPES.items()))


def main() -> None:
    with dataset_job([PART]) as job:
        landed = job.landed(form="csv")
        if landed is not None:
            job.write(PART, reviewed(landed), by=["day"])


if __name__ == "__main__":
    main()
