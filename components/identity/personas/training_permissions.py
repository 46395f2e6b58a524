"""Capabilities of personas that start builds which train."""

from __future__ import annotations

from components.identity.iam.statements import Statement
from components.identity.personas.capability import OWN_TEAM, Capability, arns
from components.identity.workloads.fixed_builds import Equal, start_as_it_is, value_of
from settings.derived.use_case_names import MAIN
from settings.types.aws.use_case_builds import BRANCH, REASON, REPEATED, TASK, TASKS_OF_PEOPLE


def _start_training(region: str, tagged: Equal) -> list[Statement]:
    """Allows starting builds of ``main`` that train, with the commands of the repository (IA-06)."""
    return [
        start_as_it_is(
            "StartTraining",
            arns("codebuild", region, "project/*--*-build"),
            [BRANCH, REASON, REPEATED, TASK],
            {**tagged, value_of(BRANCH): MAIN, value_of(TASK): list(TASKS_OF_PEOPLE)},
        )
    ]


TRAIN_MODELS = Capability(
    "start training of the team's models, and repeat it",
    lambda region: _start_training(region, OWN_TEAM["StringEquals"]),
)
TRAIN_MODELS_OF_ALL = Capability(
    "start training of all teams' models, and repeat it", lambda region: _start_training(region, {})
)
