"""Settings of retraining: when the served model of a use case is trained again without a push."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.data.intake import EventSchedule
from settings.types.model import Settings
from settings.types.values import DatasetName, List, within


class RetrainingSettings(Settings):
    """Retraining of the served model with the code of `main`. A retraining ends with a version that waits for approval.

    At least one of `on_drift`, `on_data` and `schedule` is given.
    """

    on_drift: bool = Field(
        default=False,
        description="Whether drift in production starts a retraining: of requests to endpoints, or of inputs of batch "
        "inference. Needs one of both and approvers.",
    )
    on_data: List[DatasetName] = Field(
        default=(),
        description="Datasets of the lake whose ETL job starts a retraining when it has succeeded. Each is shared with "
        "the team's development environment. Default: none.",
        examples=[["card-payments"]],
    )
    schedule: EventSchedule | None = Field(
        default=None,
        description="When a retraining starts without drift or new data, in UTC. Default: never.",
        examples=["cron(0 4 ? * MON *)"],
    )
    cooldown_days: Annotated[int, within(1, 365, "days")] = Field(
        default=7,
        description="Days after the start of a retraining in which no other one starts (1 to 365).",
    )
    runs_per_month: Annotated[int, within(1, 31, "retrainings")] = Field(
        default=4,
        description="Retrainings of a calendar month, in UTC, after which none starts until the next month (1 to 31).",
    )
