"""Settings of an intake, which copies data of a lake table into an environment for a use case."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.data.dataset import ColumnName, RowFilter
from settings.data.lake import Part
from settings.types.aws.schedules import event_schedule
from settings.types.model import Settings
from settings.types.values import Checked, DatasetName, FeatureGroupName, List, PipelineName, UseCaseName, within

EventSchedule = Annotated[str, Checked(event_schedule, {"pattern": r"^(cron|rate)\(.+\)$"})]

MAX_INTAKES = 20
"""Maximum intakes of an environment. Each needs up to six of the 150 resources of the intake stack."""
INTAKE = "intake"
"""Part of the names of its resources: ``fraud-production-intake``."""


CHECK_MINUTES = 5
"""Minutes between two checks for fresh features."""


class FreshFeatures(Settings):
    """Features that must exist before an intake copies data (BI-08).

    The intake queries the offline store, which Feature Store fills within 15 minutes of an ingestion.
    """

    feature_group: FeatureGroupName = Field(
        description="The feature group. It must have an offline store that is shared with this environment.",
        examples=["card-activity"],
    )
    within_hours: Annotated[int, within(1, 720, "hours")] = Field(
        default=24, description="Maximum age of the newest record, by its event time."
    )
    wait_minutes: Annotated[int, within(0, 1440, "minutes")] = Field(
        default=60,
        description=f"Minutes to wait for a record, with a check every {CHECK_MINUTES} minutes. Without one, the run "
        "fails and copies nothing.",
    )


class Intake(Settings):
    """A copy of data from a lake table to the ML bucket, started by a schedule or by the arrival of objects."""

    use_case: UseCaseName = Field(
        description="The use case to whose folder of the ML bucket the data is copied.", examples=["scoring"]
    )
    dataset: DatasetName = Field(
        description="The dataset. It must be a table shared with this environment.", examples=["card-payments"]
    )
    part: Part = Field(
        description="The dataset part. historical: data for training. inference: data for inference.",
        examples=["inference"],
    )
    columns: List[ColumnName] = Field(
        default=(), description="Columns to copy. Default: all columns that the environment may read."
    )
    rows: RowFilter | None = Field(
        default=None,
        description="Rows to copy, as a SQL condition: `day = current_date`. Default: all.",
        examples=["day = current_date"],
    )
    schedule: EventSchedule | None = Field(
        default=None,
        description="Schedule in UTC, as an EventBridge expression: `cron(0 4 * * ? *)`. Default: none.",
        examples=["cron(0 4 * * ? *)"],
    )
    on_arrival: bool = Field(default=False, description="Start when new objects of the part are written.")
    settle_minutes: Annotated[int, within(1, 60, "minutes")] = Field(
        default=5,
        description="Minutes from the arrival of the first object to the copy. Objects that arrive in between are part "
        "of the same batch.",
    )
    fresh_features: FreshFeatures | None = Field(
        default=None, description="Features that the copy waits for. Default: none; the copy starts at once."
    )
    pipeline: PipelineName | None = Field(
        default=None,
        description="Pipeline of the use case to start with the copied data, `<team>--<use_case>-<pipeline>` in "
        "SageMaker. Default: none.",
        examples=["batch"],
    )
    batch_inference: bool = Field(
        default=False,
        description="Predict each copy once with the batch inference of the use case. The copy is JSON lines, and the "
        "object `_SUCCESS` completes it. Only in preproduction and production, and without `pipeline`.",
    )
    timeout_minutes: Annotated[int, within(5, 240, "minutes")] = Field(
        default=30,
        description="Minutes after which the copy is stopped. By default, Athena stops queries after 30.",
    )
