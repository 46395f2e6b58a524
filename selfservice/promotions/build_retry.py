"""A second try of a build that failed."""

from __future__ import annotations

from dataclasses import dataclass

from selfservice.errors import BadInputError, NotConnectedError, RefusedError
from selfservice.projects.project import Project
from selfservice.promotions.place import explained
from selfservice.reports import delivery
from selfservice.reports.delivery import DeliveryPlace
from selfservice.reports.own_credentials import is_signed_in, own_place_of_builds

OPERATORS = "LeadScientist-tooling or MLOpsEngineer-tooling"
_GONE = "ResourceNotFoundException"
_SUCCEEDED = "SUCCEEDED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Retried:
    """A build that repeats another one."""

    failed: str
    """Id of the build that failed."""
    commit: str
    build: str
    """Id of the build that repeats it."""


def place_of_person_who_builds(project: Project, use_case: str) -> DeliveryPlace:
    """Returns the place with the credentials of the shell, because CodeBuild records who starts a build.

    Raises: BadInputError if there is no such use case, or the credentials do not see its builds; NotConnectedError
    without credentials.
    """
    place = own_place_of_builds(project, use_case)
    if place is None:
        names = delivery.names_of(project, use_case)
        if not is_signed_in(project):
            raise NotConnectedError(f"it has no valid credentials of AWS (sign in with the permission set {OPERATORS})")
        raise BadInputError(
            f"these credentials do not see {names.build_project}; sign in with the permission set {OPERATORS}"
        )
    return place


def retry_build(place: DeliveryPlace, branch: str) -> Retried:
    """Starts the newest build of a push to a branch again, with the same commit and settings. Builds that remove
    branches or train again do not count.

    Raises: BadInputError if the branch has no build; RefusedError if its newest build did not fail, or the caller may
    not retry builds.
    """
    from botocore.exceptions import ClientError

    built = [row for row in delivery.builds(place) if (row["branch"], row["trigger"]) == (branch, delivery.PUSH)]
    if not built:
        raise BadInputError(
            f"there is no build of the branch {branch}; `plinth builds {place.names.prefix}` lists them"
        )
    newest, status = built[0], str(built[0]["status"])
    if status in delivery.UNDER_WAY or status == _SUCCEEDED:
        state = "is under way" if status in delivery.UNDER_WAY else "succeeded"
        raise RefusedError(f"the newest build of {branch}, {newest['build']}, {state}; only one that failed is retried")
    try:
        with explained(OPERATORS):
            started = place.tooling.client("codebuild").retry_build(id=f"{place.names.build_project}:{newest['build']}")
    except ClientError as error:
        if error.response["Error"]["Code"] == _GONE:
            raise BadInputError(f"CodeBuild keeps the build {newest['build']} no longer; push a commit") from error
        raise
    return Retried(
        failed=str(newest["build"]),
        commit=str(newest["commit"]),
        build=str(started["build"]["id"]).rpartition(":")[2],
    )
