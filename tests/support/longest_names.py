"""An organization whose names are as long as the settings allow, and whose stacks and policies are as large."""

from __future__ import annotations

from typing import Any

from settings.data.data_api import DataApi
from settings.data.etl import EtlUnit
from settings.data.glue_step import GlueStep
from settings.data.intake import Intake
from settings.data.lake import LakeSettings
from settings.derived.foundation import Foundation
from settings.organization.audit import AuditSettings
from settings.organization.organization import Organization
from settings.organization.reviews import ReviewSettings
from settings.team.delivery import DeliverySettings
from settings.team.emr import EmrSettings
from settings.team.retraining import RetrainingSettings
from settings.team.studio import CanvasSettings, StudioImage, StudioSettings, StudioUser
from settings.team.team import EnvironmentSettings, Team
from settings.team.use_case import UseCaseSettings
from settings.types import grammar
from settings.types.aws.bucket_names import folder_bucket_name, longest_organization_name
from settings.types.kinds import ENVIRONMENTS
from settings.types.naming import NAME_LIMITS
from tests.support.every_stack import (
    MADE,
    SCORES,
    example_feature_group,
    example_foundation,
    example_organization,
    example_team,
    filling,
)
from tests.support.variants import CERTIFICATE, FULLEST, cluster


def longest(word: str, lengths: tuple[int, int]) -> str:
    """Returns a name of the longest length, which begins with the word."""
    return word.ljust(lengths[1], "x")


TEAM = longest("underwriting", grammar.TEAM_LENGTHS)
USE_CASE = longest("mortgages", grammar.USE_CASE_LENGTHS)
TABLE = longest("payments", grammar.DATASET_LENGTHS)
SCORED = longest("scores", grammar.DATASET_LENGTHS)
GROUP = longest("features", grammar.DATASET_LENGTHS)
PIPELINE = longest("batch", grammar.PIPELINE_LENGTHS)
IMAGE = longest("train", grammar.IMAGE_LENGTHS)
STUDIO_IMAGE = longest("torch", grammar.STUDIO_IMAGE_LENGTHS)
BY_THE_CLOCK = longest("clock", grammar.INTAKE_LENGTHS)
ON_ARRIVAL = longest("arrival", grammar.INTAKE_LENGTHS)
PREDICTED = longest("predicted", grammar.INTAKE_LENGTHS)
STEP = longest("join", grammar.INTAKE_LENGTHS)


def longest_foundation(home: str, second: str, *, placement: str, endpoints: str, sign_in: str) -> Foundation:
    """Returns the settings of an organization in two regions. The names that contain a region are as long as in the one
    with the longer name."""
    organization = _organization(home, second, placement, endpoints, sign_in)
    group = example_feature_group(GROUP, shared_with={TEAM: list(ENVIRONMENTS)}, written_by={TEAM: ["production"]})
    table = MADE.model_copy(update={"name": TABLE, "shared_with": {TEAM: ENVIRONMENTS[1:]}})
    objects = MADE.model_copy(
        update={
            "name": _longest_folder(organization.name, home, second),
            "kind": "objects",
            "columns": (),
            "etl": None,
            "shared_with": {TEAM: ENVIRONMENTS[1:]},
        }
    )
    results = SCORES.model_copy(
        update={
            "name": SCORED,
            "etl": EtlUnit(script="etl/fraud_scores.py", sources=(f"results/{SCORED}",)),
            "returned_by": {TEAM: ("production", "preproduction")},
        }
    )
    return example_foundation(
        *_environments(internet_access=placement == "large"),
        organization=organization,
        teams=[_team()],
        datasets=[filling(table, [group]), objects, results],
        feature_groups=[group],
    )


def _organization(home: str, second: str, placement: str, endpoints: str, sign_in: str) -> Organization:
    key = f"arn:aws:kms:{home}:123456789012:key/states"
    reviews: ReviewSettings = FULLEST["reviews"]
    length = min(
        longest_organization_name(home),
        *(longest_organization_name(second, copied=part) for part in ("lake", "audit")),
    )
    settings: dict[str, Any] = {
        **FULLEST,
        "name": longest("bank", (2, length)),
        "home_region": home,
        "allowed_regions": [home, second],
        "enabled_regions": [home, second],
        "lake": LakeSettings(replica_region=second),
        "audit": AuditSettings(macie=True, replica_region=second),
        "reviews": reviews.model_copy(update={"state_keys": (key,)}),
        **({} if placement == "small" else cluster(CERTIFICATE.replace("eu-west-1", home), TEAM)),
    }
    return example_organization(placement=placement, endpoints=endpoints, sign_in=sign_in, **settings)


def _longest_folder(organization: str, home: str, second: str) -> str:
    """Returns the longest name of an object dataset, whose bucket is in both regions."""
    region = max(home, second, key=len)
    without = len(folder_bucket_name(organization, "x", account_id="0" * 12, region=region)) - 1
    return longest("documents", (2, min(grammar.DATASET_LENGTHS[1], NAME_LIMITS["bucket"].most - without)))


def _team() -> Team:
    case = UseCaseSettings(
        inference=("real-time", "asynchronous", "batch"),
        predicts_on_events=True,
        models_call_aws=True,
        delivery=DeliverySettings(
            images=(IMAGE,),
            feature_branches=True,
            approvers=("ben", "chloe"),
            retraining=RetrainingSettings(on_drift=True, on_data=(TABLE,)),
        ),
    )
    return example_team(TEAM, use_cases={USE_CASE: case})


def _environments(*, internet_access: bool) -> list[EnvironmentSettings]:
    development = EnvironmentSettings(
        team=TEAM,
        environment="development",
        zones=3,
        studio=_studio(),
        emr=EmrSettings(),
        data_api=DataApi(datasets=(TABLE,)),
        glue_steps={STEP: GlueStep(use_case=USE_CASE, script="etl/steps/card_history.py", datasets=(TABLE,))},
    )
    experimentation = EnvironmentSettings(
        team=TEAM,
        environment="experimentation",
        zones=3,
        internet_access=internet_access,
        emr=EmrSettings(),
        studio=_studio().model_copy(
            update={"tracking": True, "canvas": CanvasSettings(personas=("lead-data-scientist",))}
        ),
    )
    released = [
        EnvironmentSettings(
            team=TEAM, environment=environment, zones=3, data_api=DataApi(datasets=(TABLE,)), intake=_intakes()
        )
        for environment in ENVIRONMENTS[2:]
    ]
    everywhere = [experimentation, development, *released]
    if internet_access:  # every environment has an account of its own, which a data API needs
        return everywhere
    return [environment.model_copy(update={"data_api": None}) for environment in everywhere]


def _intakes() -> dict[str, Intake]:
    copied = Intake(use_case=USE_CASE, dataset=TABLE, part="inference", columns=("amount",), on_arrival=True)
    return {
        BY_THE_CLOCK: copied.model_copy(
            update={"on_arrival": False, "schedule": "cron(0 4 * * ? *)", "pipeline": PIPELINE}
        ),
        ON_ARRIVAL: copied,
        PREDICTED: copied.model_copy(update={"batch_inference": True}),
    }


def _studio() -> StudioSettings:
    image = StudioImage(repository="studio/torch", digest=f"sha256:{'a' * 64}")
    return StudioSettings(
        users={
            longest("ada", grammar.USER_NAME_LENGTHS): StudioUser(
                persona="data-scientist", apps=("jupyterlab", "code-editor")
            ),
            longest("grace", grammar.USER_NAME_LENGTHS): StudioUser(persona="lead-data-scientist"),
        },
        images={STUDIO_IMAGE: image},
    )
