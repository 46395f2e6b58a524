"""Settings of an ETL unit, which builds a dataset from landed data: job, crawler and triggers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.types import data_grammar
from settings.types.aws.schedules import glue_schedule
from settings.types.model import Settings
from settings.types.values import Checked, FeatureGroupName, FeatureName, List, within

ScriptPath = Annotated[str, Checked(data_grammar.script_path, {"pattern": r"^[A-Za-z0-9_./-]+\.py$"})]
Folder = Annotated[str, Checked(data_grammar.folder, {"pattern": "^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*$"})]
GlueSchedule = Annotated[str, Checked(glue_schedule, {"pattern": r"^cron\(.+\)$"})]

GlueVersion = Literal["4.0", "5.0"]
"""Versions that AWS supports at least until the end of 2027 (AWS Glue Developer Guide, "Version support policy")."""
WorkerType = Literal["G.1X", "G.2X", "G.4X", "G.8X"]


class EtlUnit(Settings):
    """A Glue job and crawler that build a dataset and are deployed with it."""

    sources: List[Folder] = Field(
        description="The only folders of the zones landing and raw that the job may read: `cards`.",
        examples=[["cards"]],
    )
    script: ScriptPath | None = Field(
        default=None,
        description="PySpark script that builds the dataset, relative to the repository root: "
        "`etl/card_payments.py`. Default: none, the crawler only registers landed data.",
        examples=["etl/card_payments.py"],
    )
    fills: List[FeatureGroupName] = Field(
        default=(),
        description="The only feature groups that the script may write records to: `card-activity`.",
        examples=[["card-activity"]],
    )
    computes: List[FeatureName] = Field(
        default=(),
        description="Features of those groups that the script computes: `payments_1h`. Every other feature is a "
        "column of the dataset with the same name. Default: none.",
        examples=[["payments_1h"]],
    )
    crawl: bool = Field(
        default=False,
        description="Whether a crawler registers landed data in the dataset's own database before the script runs.",
    )
    on_arrival: bool = Field(default=True, description="Start when objects arrive in one of the sources.")
    schedule: GlueSchedule | None = Field(
        default=None,
        description="Additional schedule in UTC, as a Glue expression: `cron(0 3 * * ? *)`. Glue has no rates, and its "
        "starts are at least five minutes apart. Default: none.",
        examples=["cron(0 3 * * ? *)"],
    )
    batch_size: Annotated[int, within(1, 100, "objects")] = Field(
        default=100, description="Number of arrived objects that start a run before the batch window ends."
    )
    batch_window_seconds: Annotated[int, within(60, 900, "seconds")] = Field(
        default=300, description="Maximum seconds from the arrival of the first object to the start of the run."
    )
    glue_version: GlueVersion = Field(default="5.0", description="Version of Glue that runs the script.")
    worker_type: WorkerType = Field(default="G.1X", description="Type of the Glue workers.")
    workers: Annotated[int, within(2, 100, "workers")] = Field(default=2, description="Workers of one run.")
    timeout_minutes: Annotated[int, within(5, 2880, "minutes")] = Field(
        default=120, description="Minutes after which a run is stopped."
    )
