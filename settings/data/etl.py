"""How a dataset is made of what others laid down: a job, a crawler, and what starts them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.types import data_grammar
from settings.types.model import Settings
from settings.types.values import Checked, FeatureGroupName, FeatureName, List, within

ScriptPath = Annotated[str, Checked(data_grammar.script_path, {"pattern": r"^[A-Za-z0-9_./-]+\.py$"})]
Folder = Annotated[str, Checked(data_grammar.folder, {"pattern": "^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*$"})]
Schedule = Annotated[str, Checked(data_grammar.schedule, {"pattern": r"^(cron|rate)\(.+\)$"})]

GlueVersion = Literal["4.0", "5.0"]
"""Versions that AWS supports to the end of 2027 and beyond (AWS Glue Developer Guide, "Version support policy")."""
WorkerType = Literal["G.1X", "G.2X", "G.4X", "G.8X"]


class EtlUnit(Settings):
    """A unit of code that makes a dataset, deployed with it."""

    sources: List[Folder] = Field(
        description="Folders of the zones landing and raw that it reads, and no others: `cards`.", examples=[["cards"]]
    )
    script: ScriptPath | None = Field(
        default=None,
        description="PySpark script that makes the dataset, from the top of the repository: `etl/card_payments.py`. "
        "Default: nothing is made, what lands is catalogued alone.",
        examples=["etl/card_payments.py"],
    )
    fills: List[FeatureGroupName] = Field(
        default=(),
        description="Groups of features that the script puts records into: `card-activity`. The job may fill these and "
        "no others.",
        examples=[["card-activity"]],
    )
    computes: List[FeatureName] = Field(
        default=(),
        description="Features of those groups that the script makes of other columns: `payments_1h`. Any other is a "
        "column of the dataset, of the same name. Default: none.",
        examples=[["payments_1h"]],
    )
    crawl: bool = Field(
        default=False,
        description="A crawler catalogues what landed, in a database of the dataset's own, before the script runs.",
    )
    on_arrival: bool = Field(default=True, description="It starts when something landed in one of its sources.")
    schedule: Schedule | None = Field(
        default=None,
        description="When it starts besides, as Glue writes it, in UTC: `cron(0 3 * * ? *)`. Default: never.",
        examples=["cron(0 3 * * ? *)"],
    )
    batch_size: Annotated[int, within(1, 100, "objects")] = Field(
        default=100, description="So many objects that landed start it at once, or however many landed in the window."
    )
    batch_window_seconds: Annotated[int, within(60, 900, "seconds")] = Field(
        default=300, description="Seconds from the first object that landed until it starts at the latest."
    )
    glue_version: GlueVersion = Field(default="5.0", description="Version of Glue that runs the script.")
    worker_type: WorkerType = Field(default="G.1X", description="Size of a worker of Glue.")
    workers: Annotated[int, within(2, 100, "workers")] = Field(default=2, description="Workers of one run.")
    timeout_minutes: Annotated[int, within(5, 2880, "minutes")] = Field(
        default=120, description="Minutes after which a run is ended."
    )
