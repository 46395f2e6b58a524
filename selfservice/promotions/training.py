"""Training that a person starts: of the model of ``main``, or again that of an earlier build."""

from __future__ import annotations

import re
from collections.abc import Mapping

from selfservice.errors import BadInputError
from selfservice.promotions.build_retry import OPERATORS
from selfservice.promotions.place import explained
from selfservice.reports.delivery import DeliveryPlace
from settings.derived.use_case_names import MAIN
from settings.types.aws.use_case_builds import BRANCH, REASON, REPEAT, REPEATED, TASK, TRAIN
from settings.types.build_id import build_id

MOST_OF_A_REASON = 200
"""Longest reason. A version keeps it with the name of the person, in 256 characters (SageMaker API,
CreateModelPackage)."""
_REASON = re.compile(r"[\w .:/=+@-]*")
_BUILD_ID = "build_id"
"""Metadata of a version with the build that trained it."""


def start_training(place: DeliveryPlace, reason: str) -> str:
    """Starts a build that trains the model of ``main``. Returns its id.

    Raises: BadInputError for a reason that versions cannot keep; RefusedError if the caller may not start training.
    """
    if not _REASON.fullmatch(reason) or len(reason) > MOST_OF_A_REASON:
        raise BadInputError(
            f"--reason: a version keeps up to {MOST_OF_A_REASON} letters, digits, spaces and _ . : / = + - @; "
            f"got {len(reason)} characters: {reason[:MOST_OF_A_REASON]!r}"
        )
    return _start(place, {TASK: TRAIN, **({REASON: reason} if reason else {})})


def repeat_build(place: DeliveryPlace, asked: str) -> tuple[str, str]:
    """Starts a build that repeats the training of an earlier build, given by its id or by a version of ``main``.
    Returns the id of the repeated build, and of the build of CodeBuild that repeats it.

    Raises: BadInputError for a text that is neither, and for a version that does not exist or names no build;
    RefusedError if the caller may not start training.
    """
    repeated = _build_of(place, int(asked)) if asked.isdecimal() else asked
    try:
        build_id(repeated)
    except ValueError:
        raise BadInputError(
            f"--repeat: {asked!r} is neither a version nor a build id, such as 20220621T101500-1a2b3c4; "
            f"`plinth models {place.names.prefix}` lists the versions"
        ) from None
    return repeated, _start(place, {TASK: REPEAT, REPEATED: repeated})


def _build_of(place: DeliveryPlace, version: int) -> str:
    from botocore.exceptions import ClientError

    group = place.names.model_group(MAIN)
    arn = f"arn:aws:sagemaker:{place.tooling.region}:{place.tooling.id}:model-package/{group}/{version}"
    try:
        with explained(OPERATORS):
            found = place.tooling.client("sagemaker").describe_model_package(ModelPackageName=arn)
    except ClientError as error:
        raise BadInputError(f"--repeat: {group} has no version {version}") from error
    if not (named := found.get("CustomerMetadataProperties", {}).get(_BUILD_ID)):
        raise BadInputError(f"--repeat: version {version} of {group} names no build; no pipeline has trained it")
    return str(named)


def _start(place: DeliveryPlace, variables: Mapping[str, str]) -> str:
    given = [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in {BRANCH: MAIN, **variables}.items()]
    with explained(OPERATORS):
        started = place.tooling.client("codebuild").start_build(
            projectName=place.names.build_project, sourceVersion=MAIN, environmentVariablesOverride=given
        )
    return str(started["build"]["id"]).rpartition(":")[2]
