"""A step of a use case's pipelines that Glue does, and that the pipeline waits for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.data.etl import GlueVersion, ScriptPath, WorkerType
from settings.types.kinds import Environment
from settings.types.model import Settings
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS
from settings.types.values import DatasetName, List, UseCaseName, within

MAX_GLUE_STEPS = 8
"""Of an environment: each takes seven of the 150 resources of their stack, beside those of intakes."""
STATE_MACHINE_ROLE_SUFFIX = "intake-steps"
"""What follows the environment in the name of the role of the steps around all jobs."""
GLUE_STEP_ENVIRONMENT: Environment = "development"
"""Where use cases have a role of their pipelines."""


class GlueStep(Settings):
    """A script that Glue runs when a pipeline's Callback step asks for it."""

    use_case: UseCaseName = Field(
        description="The use case whose pipelines ask for it, and whose folder of the ML bucket it writes to.",
        examples=["scoring"],
    )
    script: ScriptPath = Field(
        description="PySpark script, from the top of the repository: `etl/steps/card_history.py`.",
        examples=["etl/steps/card_history.py"],
    )
    datasets: List[DatasetName] = Field(
        default=(),
        description="The datasets that it reads, tables that are shared with this environment. Default: none.",
        examples=[["card-payments"]],
    )
    glue_version: GlueVersion = Field(default="5.0", description="Version of Glue that runs the script.")
    worker_type: WorkerType = Field(default="G.1X", description="Size of a worker of Glue.")
    workers: Annotated[int, within(4, 100, "workers")] = Field(
        default=4, description="Workers of one run. Glue needs four to read what Lake Formation grants."
    )
    timeout_minutes: Annotated[int, within(5, 1440, "minutes")] = Field(
        default=60, description="Minutes after which a run is ended, and the pipeline told that it failed."
    )


def job_role_suffix(name: str) -> str:
    """What follows the environment in the name of the role of a step's job."""
    return f"intake-job-{name}"


def queue_name(team: str, use_case: str, environment: Environment, name: str) -> str:
    """Everything of a use case begins with its name, so that its pipelines may send to its queues alone."""
    return f"{team}--{use_case}-{ENVIRONMENT_ABBREVIATIONS[environment]}-{name}"
