"""Bills of AWS for a use case: its jobs with their tags, and the requests that the production endpoint answered."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.engine.main_job.promotions import USE_CASE, Promotions

COLUMNS = (
    "ChargePeriodStart", "SubAccountId", "ServiceName", "ChargeCategory", "BilledCost", "BillingCurrency", "Tags",
)  # fmt: skip
LISTS = {
    "list_training_jobs": ("TrainingJobSummaries", "TrainingJobArn"),
    "list_processing_jobs": ("ProcessingJobSummaries", "ProcessingJobArn"),
    "list_transform_jobs": ("TransformJobSummaries", "TransformJobArn"),
}


@dataclass(frozen=True)
class Job:
    """A job of SageMaker and its tags."""

    arn: str
    tags: Mapping[str, str]

    @property
    def kind(self) -> str:
        return self.arn.split(":")[5].partition("/")[0]

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]


def jobs_of(promotions: Promotions) -> list[Job]:
    """Returns all jobs in the accounts of the use case, whoever started them."""
    return [
        Job(arn, {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]})
        for environment in ("development", "preproduction", "production")
        for sagemaker in [promotions.client("sagemaker", environment)]
        for operation, (key, member) in LISTS.items()
        for page in sagemaker.get_paginator(operation).paginate()
        for arn in [summary[member] for summary in page[key]]
    ]


def labels_of(promotions: Promotions) -> dict[str, str]:
    """Returns the labels of the team's accounts by id."""
    stacks = [f"fraud-{environment}" for environment in ("development", "preproduction", "production")]
    return {str(promotions.acme.outputs(stack)["account_id"]): stack for stack in stacks}


def write_bill(file: Path, charged: Sequence[tuple[str, Mapping[str, str]]], usd: str) -> None:
    """Writes a bill of today that charges accounts the same amount, with these tags."""
    with file.open("w", newline="", encoding="utf-8") as opened:
        lines = csv.writer(opened)
        lines.writerow(COLUMNS)
        for account, tags in charged:
            day = f"{datetime.now(UTC):%Y-%m-%d}T00:00:00Z"
            lines.writerow([day, account, "Amazon SageMaker", "Usage", usd, "USD", json.dumps(tags)])


def answered_requests(promotions: Promotions, month: str) -> int:
    """Returns the requests that the endpoint of production answered in a month, as CloudWatch counts them."""
    cloudwatch = promotions.client("cloudwatch", "production")
    start = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
    found = cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=[
            {"Name": "EndpointName", "Value": f"{USE_CASE}-prod"},
            {"Name": "VariantName", "Value": "AllTraffic"},
        ],
        StartTime=start,
        EndTime=(start + timedelta(days=31)).replace(day=1),
        Period=3600,
        Statistics=["Sum"],
    )
    return round(sum(point["Sum"] for point in found["Datapoints"]))
