"""Starts the promotion of a chosen version, which passes the same gates as every other (PROM-12)."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.promotion.errors import PromotionError
from runtime.promotion.versions import Version, find_version
from selfservice.errors import BadInputError, RefusedError
from selfservice.promotions.place import PromotionPlace, explained
from settings.data.promotion_layout import MODEL_PACKAGE, TARGET
from settings.types.kinds import ReleasedTo

_MISSING = ("ValidationException", "ResourceNotFound")


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """A promotion that was started."""

    execution: str
    version: int


def start_promotion(place: PromotionPlace, asked: str, environment: ReleasedTo) -> Started:
    """Starts the pipeline for a version of main: its number, its ARN, or ``newest``.

    CodePipeline records the caller, who may not approve the promotion.

    Raises: BadInputError if there is no such version, RefusedError if it is not approved or the caller may not start
    the pipeline. Nothing is started then.
    """
    version = _approved(place, asked)
    with explained():
        started = place.account.client("codepipeline").start_pipeline_execution(
            name=place.pipeline,
            variables=[{"name": MODEL_PACKAGE, "value": version.arn}, {"name": TARGET, "value": environment}],
        )
    return Started(execution=started["pipelineExecutionId"], version=version.number)


def _approved(place: PromotionPlace, asked: str) -> Version:
    from botocore.exceptions import ClientError

    fix = f"`plinth models {place.names.prefix}` lists the versions"
    try:
        with explained():
            return find_version(place.account.client("sagemaker"), place.model_group, asked)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _MISSING:
            raise
        raise BadInputError(f"there is no version {asked} of {place.model_group.rpartition('/')[2]}; {fix}") from error
    except PromotionError as error:
        raise RefusedError(f"{error}; a lead data scientist approves versions in the registry, and {fix}") from error
