"""Makes the dataset card-payments of what the card systems lay down: historical data, and what is inferred from.
Fills the features card-activity with how each card was used lately, for the cards that it met.

Runs on Glue. What it reads and where it writes, the stack of its dataset says in its arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

import boto3
from dataset_job import DatasetJob, dataset_job
from pyspark.sql import DataFrame, functions

PARTS = ("historical", "inference")
FEATURES = ("observed_at", "payments_1h", "spent_24h", "countries_7d")
HOUR, DAY = 3600, 86_400


def payments(landed: DataFrame) -> DataFrame:
    """One row for each payment, typed as the dataset declares."""
    return landed.dropDuplicates(["payment_id"]).select(
        "payment_id",
        "card_number",
        "holder",
        functions.col("amount").cast("decimal(12,2)").alias("amount"),
        "merchant",
        functions.upper("country").alias("country"),
        functions.to_timestamp("taken_at").alias("taken_at"),
        functions.col("fraudulent").cast("boolean").alias("fraudulent"),
        functions.to_date("day").alias("day"),
    )


def parted(rows: DataFrame) -> dict[str, DataFrame]:
    """Splits payments: those that the bank has decided on are historical, the others are for inference."""
    decided = functions.col("fraudulent").isNotNull()
    return {"historical": rows.filter(decided), "inference": rows.filter(~decided)}


def activity(known: DataFrame, met: DataFrame) -> DataFrame:
    """How each card was used up to its last payment, of the cards that were met."""
    cards = known.join(met.select("card_number").distinct(), "card_number")
    last = cards.groupBy("card_number").agg(functions.max("taken_at").alias("observed_at"))
    age = functions.unix_timestamp("observed_at") - functions.unix_timestamp("taken_at")
    within = {span: (age < span) for span in (HOUR, DAY, 7 * DAY)}
    return (
        cards.join(last, "card_number")
        .groupBy("card_number", "observed_at")
        .agg(
            functions.count(functions.when(within[HOUR], 1)).alias("payments_1h"),
            functions.sum(functions.when(within[DAY], functions.col("amount")).otherwise(0)).alias("spent_24h"),
            functions.countDistinct(functions.when(within[7 * DAY], functions.col("country"))).alias("countries_7d"),
        )
        # In ISO 8601, by Spark, which knows that its session is in UTC.
        .withColumn("observed_at", functions.date_format("observed_at", "yyyy-MM-dd'T'HH:mm:ss'Z'"))
    )


def record(row: Mapping[str, Any]) -> list[dict[str, str]]:
    """A card's activity as Feature Store takes it."""
    values = {"card": row["card_number"], **{name: row[name] for name in FEATURES}}
    return [{"FeatureName": name, "ValueAsString": str(value)} for name, value in values.items()]


def fill(group: str, rows: Iterable[Any], store: Any = None) -> None:
    """Puts the records of one partition, on the worker that has it. A record that is put again is the same record."""
    store = store or boto3.client("sagemaker-featurestore-runtime")
    for row in rows:
        store.put_record(FeatureGroupName=group, Record=record(row.asDict()))


def week_before(first: date, last: date) -> list[str]:
    """Folders of the days that tell how cards of these days were used."""
    days = (last - first).days + 7
    return [f"day={last - timedelta(days=back)}/" for back in range(days + 1)]


def fill_features(job: DatasetJob, met: DataFrame) -> None:
    """From the dataset as it now is, so that a card's week is whole although a run reads what is new alone."""
    job.context.spark_session.conf.set("spark.sql.session.timeZone", "UTC")
    first, last = met.agg(functions.min("day"), functions.max("day")).first()
    paths = [f"{job.told[part]}{day}" for part in PARTS for day in week_before(first, last)]
    known = job.context.create_dynamic_frame.from_options(
        connection_type="s3", connection_options={"paths": paths, "recurse": True}, format="parquet"
    )
    activity(known.toDF(), met).foreachPartition(partial(fill, job.told["features"]))


def main() -> None:
    """Reads what no earlier run has read, writes each part, adds its partitions to the catalogue, fills features."""
    with dataset_job(PARTS, "features") as job:
        landed = job.landed()
        if landed is None:
            return
        met = payments(landed)
        for part, rows in parted(met).items():
            job.write(part, rows, by=["day"])
        fill_features(job, met)


if __name__ == "__main__":
    main()
