"""Lays down how often and how much each card paid on the last days, for a pipeline of fraud's to train on.

Runs on Glue when a pipeline's Callback step asks. Where it reads and writes, the stack of the step says in its
arguments; of how many days, the pipeline: `{"days": "30"}`.
"""

from __future__ import annotations

import json
import sys

from awsglue.utils import getResolvedOptions
from pyspark.sql import DataFrame, SparkSession, functions

ARGUMENTS = ("JOB_NAME", "tables", "output", "arguments")
TABLE = ".card_payments"
DAYS = 30


def history(payments: DataFrame, days: int) -> DataFrame:
    """One row for each card that paid."""
    lately = payments.filter(functions.col("day") >= functions.date_sub(functions.current_date(), days))
    spent = functions.sum("amount").alias("spent")
    return lately.groupBy("card_number").agg(functions.count("*").alias("payments"), spent)


def main() -> None:
    """Runs the job. The arguments from the author of a pipeline are data: they name no table and no location."""
    told = getResolvedOptions(sys.argv, list(ARGUMENTS))
    days = int(json.loads(told["arguments"]).get("days", DAYS))
    (table,) = [part for part in told["tables"].split(",") if part.endswith(f"historical{TABLE}")]
    history(SparkSession.builder.getOrCreate().table(table), days).write.parquet(told["output"])


if __name__ == "__main__":
    main()
