"""What an environment copies out of the lake for a use case, and what starts it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.data.dataset import ColumnName, RowFilter
from settings.data.etl import Schedule
from settings.data.lake import Part
from settings.types.model import Settings
from settings.types.values import DatasetName, List, PipelineName, UseCaseName, within

MAX_INTAKES = 20
"""Of an environment: each takes up to six of the 150 resources of their stack."""
INTAKE = "intake"
"""In the names of all that they consist of: ``fraud-production-intake``."""


class Intake(Settings):
    """A table of the lake, copied into the ML bucket each time that something starts it."""

    use_case: UseCaseName = Field(
        description="The use case whose folder of the ML bucket it is copied to.", examples=["scoring"]
    )
    dataset: DatasetName = Field(
        description="The dataset, a table that is shared with this environment.", examples=["card-payments"]
    )
    part: Part = Field(
        description="The part of it: historical for what models train on, inference for what they are asked.",
        examples=["inference"],
    )
    columns: List[ColumnName] = Field(
        default=(), description="The columns that are copied. Default: all that the environment reads."
    )
    rows: RowFilter | None = Field(
        default=None,
        description="Which rows are copied, as a condition of SQL: `day = current_date`. Default: all.",
        examples=["day = current_date"],
    )
    schedule: Schedule | None = Field(
        default=None,
        description="When it starts, as EventBridge writes it, in UTC: `cron(0 4 * * ? *)`. Default: never.",
        examples=["cron(0 4 * * ? *)"],
    )
    on_arrival: bool = Field(default=False, description="It starts when new objects of the part were written.")
    settle_minutes: Annotated[int, within(1, 60, "minutes")] = Field(
        default=5, description="Minutes from the first object that arrived until it is copied; all then are one batch."
    )
    pipeline: PipelineName | None = Field(
        default=None,
        description="The pipeline of the use case that is started on the copy: `<team>--<use_case>-<pipeline>` in "
        "SageMaker. Default: none, it is only copied.",
        examples=["batch"],
    )
    timeout_minutes: Annotated[int, within(5, 240, "minutes")] = Field(
        default=30, description="Minutes after which copying is given up. Athena's own limit is 30 until it is raised."
    )
