"""Settings of a Glue step: a step of a use case's pipelines that runs as a Glue job while the pipeline waits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.data.etl import GlueVersion, ScriptPath, WorkerType
from settings.types.kinds import Environment
from settings.types.model import Settings
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS
from settings.types.values import DatasetName, List, UseCaseName, within

MAX_GLUE_STEPS = 8
"""Maximum Glue steps of an environment. Each needs seven of the 150 resources of the intake stack, which intakes share.
"""
STATE_MACHINE_ROLE_SUFFIX = "intake-steps"
"""Suffix, after the environment, of the name of the state machine's role, which runs all Glue jobs."""
GLUE_STEP_ENVIRONMENT: Environment = "development"
"""The only environment in which use cases have a pipeline role."""


class GlueStep(Settings):
    """A script that Glue runs when a Callback step of a pipeline requests it."""

    use_case: UseCaseName = Field(
        description="The use case whose pipelines may run the step, and to whose folder of the ML bucket it writes.",
        examples=["scoring"],
    )
    script: ScriptPath = Field(
        description="PySpark script, relative to the repository root: `etl/steps/card_history.py`.",
        examples=["etl/steps/card_history.py"],
    )
    datasets: List[DatasetName] = Field(
        default=(),
        description="Datasets that the step reads. They must be tables shared with this environment. Default: none.",
        examples=[["card-payments"]],
    )
    glue_version: GlueVersion = Field(default="5.0", description="Version of Glue that runs the script.")
    worker_type: WorkerType = Field(default="G.1X", description="Type of the Glue workers.")
    workers: Annotated[int, within(4, 100, "workers")] = Field(
        default=4, description="Workers of one run. Glue needs at least four to read through Lake Formation."
    )
    timeout_minutes: Annotated[int, within(5, 1440, "minutes")] = Field(
        default=60, description="Minutes after which a run is stopped and the pipeline step fails."
    )


def job_role_suffix(name: str) -> str:
    """Returns the suffix, after the environment, of the name of the role of a step's Glue job."""
    return f"intake-job-{name}"


def queue_name(team: str, use_case: str, environment: Environment, name: str) -> str:
    """Returns the name of a step's queue.

    It starts with team and use case, so that pipelines may send only to queues of their own use case.
    """
    return f"{team}--{use_case}-{ENVIRONMENT_ABBREVIATIONS[environment]}-{name}"
